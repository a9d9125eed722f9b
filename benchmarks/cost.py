"""What a document's task costs beside a mapped task that does nothing: time, processor time, and what it asks for."""

from __future__ import annotations

import os
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benchmarks.api_requests import requests_since
from benchmarks.lanes import Lane, counted, lanes
from benchmarks.ledger_traffic import counted_by_server
from benchmarks.processor_time import Seconds, between, load, spent
from benchmarks.sandbox_process import SandboxProcess
from benchmarks.tally import CPU, FOLDER, HTTP, LEDGER, MESSAGES, PEAK, tallies
from benchmarks.transfer import PARALLEL, first_scheduled_run, folders, seconds_of, seconds_of_mapped
from local.airflow import LocalAirflow

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "200"))
COUNTED = 5
"""Documents whose tasks count what they ask of others; they are moved before the clock runs."""
EMPTY, LEAST = "empty_tasks", "least_tasks"
COLUMN = 13
CALLED = "BENCH_CALLED"
"""The page that tasks call which do the least that notes and tells."""
SANDBOX, ALL = "sandbox", "all"


@dataclass(frozen=True)
class Measured:
    """One run.

    :param run: seconds from its start to its end.
    :param mapped: seconds from the first mapped task's start to the last one's end.
    :param cpu: seconds of processor time, by kind of process.
    :param requests: to the API server, by kind.
    """

    run: float
    mapped: float
    cpu: Seconds
    requests: Counter[str]


def report(work: Path) -> dict[str, str]:
    """Run everything and print it; returns the environment that the parse benchmark needs."""
    ways = lanes()
    dags, routes = folders(work, *(lane.route(DOCUMENTS) for lane in (counted(), *ways)))
    tally = work / "tally"
    tally.mkdir()
    with ExitStack() as stack:
        sandboxes = {
            lane.name: stack.enter_context(SandboxProcess(work / f"sandbox{lane.suffix}", DOCUMENTS)) for lane in ways
        }
        few = stack.enter_context(SandboxProcess(work / "sandbox_counted", COUNTED))
        extra = {FOLDER: str(tally), "BENCH_PARALLEL": str(PARALLEL), CALLED: sandboxes[ways[0].name].page}
        extra |= counted().connections(few)
        for lane in ways:
            extra |= lane.connections(sandboxes[lane.name])
        airflow = stack.enter_context(
            LocalAirflow(
                work / "home", dags_folder=dags, routes_dir=routes, sandbox=False, extra_env=extra, parallelism=PARALLEL
            )
        )
        airflow.wait_for_dags()
        # First, so that the ledger's tables are there, and nothing is done for the first time when the clock runs.
        report_tally(airflow, tally)
        print(
            f"\n{DOCUMENTS} documents through a real Airflow (LocalExecutor × {PARALLEL}, {os.cpu_count()} cores,"
            f" load {load()} before)",
            flush=True,
        )
        for dag_id in (EMPTY, LEAST):
            airflow.unpause(dag_id)

        def empty() -> Measured:
            return measured(airflow, sandboxes, EMPTY, "nothing", triggered)

        empties = [empty()]
        runs = {"the least": measured(airflow, sandboxes, LEAST, "least", triggered)}
        for lane in ways:
            sandboxes[lane.name].reset_calls()
            before = counted_by_server(airflow.ledger_url)
            runs[lane.name] = measured(airflow, sandboxes, lane.dag_id, "invoices", first_scheduled_run)
            report_ledger(lane, before, counted_by_server(airflow.ledger_url))
            empties.append(empty())
        # The least comes between the first empty tasks and the first lane.
        nothing = dict(zip(runs, (between_two(*pair) for pair in pairs(empties)), strict=True))
        report_times(empties, nothing, runs, ways)
        report_requests({"nothing": empties[0], **runs})
        report_cpu(nothing, runs)
        for lane in ways:
            report_calls(lane, sandboxes[lane.name])
        return dict(airflow.env)


def pairs(empties: list[Measured]) -> Iterator[tuple[Measured, Measured]]:
    """The empty tasks before and after each of the others."""
    yield empties[0], empties[1]
    yield from pairwise(empties)


def between_two(one: Measured, other: Measured) -> Measured:
    """What empty tasks would have taken between these two times: a machine's speed changes from minute to minute."""
    cpu = {kind: (one.cpu[kind] + other.cpu[kind]) / 2 for kind in one.cpu}
    return Measured((one.run + other.run) / 2, (one.mapped + other.mapped) / 2, cpu, one.requests)


def measured(
    airflow: LocalAirflow,
    sandboxes: Mapping[str, SandboxProcess],
    dag_id: str,
    task_id: str,
    start: Callable[[LocalAirflow, str], str],
) -> Measured:
    """Let a run happen, and see what it took."""

    def used() -> Seconds:
        cpu = spent(airflow.processes)
        return {**cpu, SANDBOX: sum(spent({SANDBOX: one.process})[SANDBOX] for one in sandboxes.values())}

    log = airflow.processes["api-server"].log
    before, length = used(), log.stat().st_size
    run_id = start(airflow, dag_id)
    run = seconds_of(airflow, dag_id, run_id)
    mapped = seconds_of_mapped(airflow, dag_id, run_id, task_id)
    return Measured(run, mapped, between(before, used()), requests_since(log, length))


def triggered(airflow: LocalAirflow, dag_id: str) -> str:
    """Start a run of as many empty tasks as there are documents."""
    return airflow.trigger(dag_id, {"count": DOCUMENTS})


def report_ledger(lane: Lane, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Print what a run's documents cost in transactions and connections of the ledger."""
    transactions, sessions = ((late - early) / DOCUMENTS for early, late in zip(before, after, strict=True))
    print(f"  {lane.name}: the ledger counted {transactions:.1f} transactions and {sessions:.2f} connects per document")


def report_times(
    empties: list[Measured], nothing: Mapping[str, Measured], runs: Mapping[str, Measured], ways: list[Lane]
) -> None:
    """Print times and ratios."""
    print("                                    run            ratio   mapped tasks   ratio")
    line = "  {:<24} {:7.1f} s {:6.1f} /s  {:>6}   {:10.1f} s  {:>6}"
    for one in empties:
        print(line.format("mapped, doing nothing", one.run, DOCUMENTS / one.run, "", one.mapped, ""))
    for name, took in runs.items():
        ratios = f"{took.run / nothing[name].run:.2f}", f"{took.mapped / nothing[name].mapped:.2f}"
        print(line.format(name, took.run, DOCUMENTS / took.run, ratios[0], took.mapped, ratios[1]))
    print("  ratios: to the mean of the empty tasks before and after; these change with the machine's speed")
    print("  the least: one connect, three statements and one call, without any of our code")
    wanted = ", ".join(f"{lane.name} ≤ {lane.most}" for lane in ways)
    print(f"  wanted over 200 documents on a quiet machine: {wanted}")


def report_requests(runs: Mapping[str, Measured]) -> None:
    """Print how often tasks turned to the API server; what was rare is left out."""
    print("\nRequests to the API server per mapped task")
    for name, one in runs.items():
        often = {kind: count / DOCUMENTS for kind, count in one.requests.most_common() if count >= DOCUMENTS / 2}
        print(
            f"  {name:<13}{sum(often.values()):5.1f}: "
            + ", ".join(f"{each:.1f} {kind}" for kind, each in often.items())
        )


def report_cpu(nothing: Mapping[str, Measured], runs: Mapping[str, Measured]) -> None:
    """Print the processor time per task and document, by kind of process, and what is more than for nothing."""
    print("\nProcessor time per mapped task, ms (the sandbox stands for systems that use other machines)")
    header = "".join(f"{name:>{COLUMN}}{'more':>7}" for name in runs)
    first = next(iter(nothing.values())).cpu
    print(f"  {'':<20}{'nothing':>8}{header}")

    for kind in (*first, ALL):
        cells = [(_per_task(one.cpu, kind), _per_task(nothing[name].cpu, kind)) for name, one in runs.items()]
        told = "".join(f"{cell:{COLUMN}.0f}{cell - base:7.0f}" for cell, base in cells)
        print(f"  {kind:<20}{_per_task(first, kind):8.0f}{told}")
    for name, one in runs.items():
        base = nothing[name].cpu
        whole, own = _per_task(one.cpu, ALL) / _per_task(base, ALL), _without_sandbox(one.cpu) / _without_sandbox(base)
        print(f"  {name}: {whole:.2f} × nothing's processor time, {own:.2f} × without the sandbox's")


def _per_task(cpu: Seconds, kind: str) -> float:
    return (sum(cpu.values()) if kind == ALL else cpu[kind]) * 1000 / DOCUMENTS


def _without_sandbox(cpu: Seconds) -> float:
    return _per_task(cpu, ALL) - _per_task(cpu, SANDBOX)


def report_tally(airflow: LocalAirflow, folder: Path) -> None:
    """Move a few documents, and print what their tasks ask of ledger, systems and Airflow, and their peak memory."""
    for dag_id in ("measured_nothing", "measured_transfer"):
        airflow.unpause(dag_id)
        seconds_of(airflow, dag_id, airflow.trigger(dag_id))
    nothing, documents = tallies(folder, "nothing"), tallies(folder, "document")
    print(f"What one document's task asks for (mean of {len(documents)}, counted inside it; nothing's in brackets)")
    for part in (LEDGER, HTTP, MESSAGES):
        names = sorted({name for each in (*documents, *nothing) for name in each[part]})
        said = ", ".join(f"{_mean(documents, part, name):.1f} {name}{_beside(nothing, part, name)}" for name in names)
        total = sum(sum(each[part].values()) for each in documents) / len(documents)
        print(f"  {part:<9} {total:5.1f}: {said}")
    cpu, peak = (statistics.median(each[key] for each in documents) for key in (CPU, PEAK))
    cpu_of_nothing, peak_of_nothing = (statistics.median(each[key] for each in nothing) for key in (CPU, PEAK))
    print(f"  processor time of the task's process {cpu:.0f} ms ({cpu_of_nothing:.0f})")
    print(f"  peak memory of the task's process    {peak / 1024:.0f} MB ({peak_of_nothing / 1024:.0f})")


def _mean(tally: list[dict[str, Any]], part: str, name: str) -> float:
    return statistics.mean(float(each[part].get(name, 0)) for each in tally)


def _beside(nothing: list[dict[str, Any]], part: str, name: str) -> str:
    count = _mean(nothing, part, name)
    return f" ({count:.1f})" if count else ""


def report_calls(lane: Lane, sandbox: SandboxProcess) -> None:
    """Print what the run's documents cost in calls."""
    print(f"\nCalls of {lane.name}, as the sandbox counted them")
    for system, counts in sandbox.calls().items():
        if not counts["calls"]:
            continue
        print(f"  {system}: {counts['reads']} reads, {counts['writes']} writes, {counts['tokens']} token requests")
        for endpoint, count in counts["calls"].items():
            print(f"    {count:>5}  {endpoint}")
