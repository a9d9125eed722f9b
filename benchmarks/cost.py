"""What a document's task costs beside a mapped task that does nothing: time, processor time, and what it asks for.

All lanes are run several times, with empty tasks between them, and the middle of their ratios is what counts: the same
machine tells 1.3 in one minute and 1.5 in the next. It is done with as many tasks at once as a route has by default,
and with twice as many, which leave two cores nothing to wait for.
"""

from __future__ import annotations

import os
import statistics
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.api_requests import requests_since
from benchmarks.cost_tables import Measured, Round, print_cpu, print_requests, print_times
from benchmarks.lanes import Lane, counted, lanes, of_round
from benchmarks.ledger_traffic import counted_by_server
from benchmarks.processor_time import Seconds, between, load, spent
from benchmarks.sandbox_process import SandboxProcess
from benchmarks.tally import CPU, FOLDER, HTTP, LEDGER, MESSAGES, PEAK, tallies
from benchmarks.transfer import first_scheduled_run, folders, seconds_of, seconds_of_mapped
from invoice_bridge_core.routes.model import Limits
from local.airflow import LocalAirflow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "200"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
BY_DEFAULT = Limits().parallel
AT_ONCE = tuple(int(count) for count in os.environ.get("BENCH_AT_ONCE", f"{BY_DEFAULT},{2 * BY_DEFAULT}").split(","))
"""Tasks of a run at the same time."""
COUNTED = 5
"""Documents whose tasks count what they ask of others; they are moved before the clock runs."""
EMPTY, LEAST = "empty_tasks", "least_tasks"
CALLED = "BENCH_CALLED"
"""The page that tasks call which do the least that notes and tells."""
SANDBOX = "sandbox"


def report(work: Path) -> dict[str, str]:
    """Run everything and print it; returns the environment that the parse benchmark needs."""
    env: dict[str, str] = {}
    for parallel in AT_ONCE:
        folder = work / f"{parallel}_at_once"
        folder.mkdir()
        env = _report(folder, parallel)
    return env


def _report(work: Path, parallel: int) -> dict[str, str]:
    rounds = [of_round(number + 1) for number in range(ROUNDS)]
    every = [lane for each in rounds for lane in each]
    dags, routes = folders(work, *(lane.route(DOCUMENTS, parallel) for lane in (counted(), *every)))
    tally = work / "tally"
    tally.mkdir()
    with ExitStack() as stack:
        sandboxes = {
            lane.suffix: stack.enter_context(SandboxProcess(work / f"sandbox{lane.suffix}", DOCUMENTS))
            for lane in every
        }
        few = stack.enter_context(SandboxProcess(work / "sandbox_counted", COUNTED))
        extra = {FOLDER: str(tally), "BENCH_PARALLEL": str(parallel), CALLED: few.page}
        extra |= counted().connections(few)
        for lane in every:
            extra |= lane.connections(sandboxes[lane.suffix])
        airflow = stack.enter_context(
            LocalAirflow(
                work / "home", dags_folder=dags, routes_dir=routes, sandbox=False, extra_env=extra, parallelism=parallel
            )
        )
        airflow.wait_for_dags()
        # First, so that the ledger's tables are there, and nothing is done for the first time when the clock runs.
        report_tally(airflow, tally)
        print(
            f"\n{DOCUMENTS} documents through a real Airflow, {parallel} at once{_said_of(parallel)}"
            f" (LocalExecutor, {os.cpu_count()} cores, load {load()} before), {ROUNDS} rounds",
            flush=True,
        )
        for dag_id in (EMPTY, LEAST):
            airflow.unpause(dag_id)
        bench = _Bench(airflow, [*sandboxes.values(), few])
        measured = [bench.round(each, sandboxes) for each in rounds]
        print_times(measured, {lane.name: lane.most for lane in lanes()}, DOCUMENTS)
        print_requests(measured, DOCUMENTS)
        print_cpu(measured, DOCUMENTS, SANDBOX)
        for lane in rounds[-1]:
            report_calls(lane, sandboxes[lane.suffix])
        return dict(airflow.env)


def _said_of(parallel: int) -> str:
    return ", as a route has it by default" if parallel == BY_DEFAULT else ""


class _Bench:
    """One Airflow, and the sandboxes that its routes turn to."""

    def __init__(self, airflow: LocalAirflow, sandboxes: list[SandboxProcess]) -> None:
        self._airflow = airflow
        self._sandboxes = sandboxes

    def round(self, ways: list[Lane], sandboxes: dict[str, SandboxProcess]) -> Round:
        """The least and each lane, with empty tasks before and after each of them."""
        empties = [self._empty()]
        took = {"the least": self._measured(LEAST, "least", self._triggered)}
        empties.append(self._empty())
        for lane in ways:
            sandboxes[lane.suffix].reset_calls()
            before = counted_by_server(self._airflow.ledger_url)
            took[lane.name] = self._measured(lane.dag_id, "invoices", self._first_scheduled)
            _report_ledger(lane, before, counted_by_server(self._airflow.ledger_url))
            empties.append(self._empty())
        return Round(empties, took)

    def _empty(self) -> Measured:
        return self._measured(EMPTY, "nothing", self._triggered)

    def _measured(self, dag_id: str, task_id: str, start: Callable[[str], str]) -> Measured:
        """Let a run happen, and see what it took."""
        log = self._airflow.processes["api-server"].log
        before, length = self._used(), log.stat().st_size
        run_id = start(dag_id)
        run = seconds_of(self._airflow, dag_id, run_id)
        mapped = seconds_of_mapped(self._airflow, dag_id, run_id, task_id)
        return Measured(run, mapped, between(before, self._used()), requests_since(log, length))

    def _used(self) -> Seconds:
        cpu = spent(self._airflow.processes)
        return {**cpu, SANDBOX: sum(spent({SANDBOX: one.process})[SANDBOX] for one in self._sandboxes)}

    def _triggered(self, dag_id: str) -> str:
        """Start a run of as many empty tasks as there are documents."""
        return self._airflow.trigger(dag_id, {"count": DOCUMENTS})

    def _first_scheduled(self, dag_id: str) -> str:
        return first_scheduled_run(self._airflow, dag_id)


def _report_ledger(lane: Lane, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Print what a run's documents cost in transactions and connections of the ledger."""
    transactions, sessions = ((late - early) / DOCUMENTS for early, late in zip(before, after, strict=True))
    print(f"  {lane.name}: the ledger counted {transactions:.1f} transactions and {sessions:.2f} connects per document")


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
