"""Documents of known customers through a real Airflow, against a Xero that allows 60 calls a minute, 5 at once.

One by one, Xero's limit decides how long they take. Booked ahead they take so few calls that Airflow decides, so the
same number of mapped tasks that do nothing is measured beside them. Qondor's own limit is left out: ten calls a second
are 300 documents a minute, of two calls each.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.lanes import Lane, lanes
from benchmarks.processor_time import load
from benchmarks.transfer import first_scheduled_run, folders, seconds_of
from local.airflow import LocalAirflow
from sandbox.sandbox import Sandbox
from sandbox.xero.system import CALLS_PER_MINUTE

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.store import Row

DOCUMENTS = int(os.environ.get("BENCH_LIMITED_DOCUMENTS", "120"))
KNOWN = 20
PARALLEL = 4
EMPTY = "empty_tasks"
UNLIMITED = 1_000_000
LONGEST = 1.1
"""The multiple of the time that the limit allows which a run one by one may take."""
ENOUGH = 250
"""Documents a minute that are enough, booked ahead, where Airflow gives that many tasks that do nothing."""
SHARE = 0.8
"""Of the rate of tasks that do nothing: enough where it gives less."""


@dataclass(frozen=True)
class Moved:
    """What a run took.

    :param took: seconds.
    :param tries: documents by how many tries they needed.
    """

    took: float
    tries: Counter[int]

    @property
    def a_minute(self) -> float:
        """Documents a minute."""
        return self.tries.total() * 60 / self.took


def report(work: Path) -> None:
    """Run it and print what it took, what the limit allows, and how the calls were answered.

    :raises SystemExit: not every document was moved, or a run took too long.
    """
    ways = lanes()
    dags, routes = folders(work, *(lane.route(1000, PARALLEL) for lane in ways))
    extra = {"BENCH_PARALLEL": str(PARALLEL)}
    with ExitStack() as stack:
        sandboxes = {}
        for lane in ways:
            # Its Qondor has no limits, nor its Xero but for those that are set here.
            sandbox = stack.enter_context(Sandbox(documents=KNOWN, data="plain"))
            sandboxes[lane.name] = sandbox
            extra |= lane.connections(sandbox)
        airflow = stack.enter_context(
            LocalAirflow(work / "home", dags_folder=dags, routes_dir=routes, sandbox=False, extra_env=extra)
        )
        airflow.wait_for_dags()
        airflow.unpause(EMPTY)
        print(f"{CALLS_PER_MINUTE} calls a minute, {PARALLEL} tasks (load {load()} before)")
        wrong = []
        for lane in ways:
            moved = move(airflow, lane, sandboxes[lane.name])
            ratio = print_report(lane, sandboxes[lane.name], moved)
            # Beside each lane, since the machine may be busier now than it was.
            nothing = DOCUMENTS * 60 / seconds_of(airflow, EMPTY, airflow.trigger(EMPTY, {"count": DOCUMENTS}))
            print(f"  documents a minute            {moved.a_minute:7.1f}    (tasks that do nothing: {nothing:.1f})")
            wanted = min(ENOUGH, SHARE * nothing)
            if lane.limits.get("batch"):
                print(f"  wanted on a quiet machine     {wanted:7.1f}")
            wrong += problems(lane, moved, ratio)
    if wrong:
        raise SystemExit("\n".join(wrong))


def move(airflow: LocalAirflow, lane: Lane, sandbox: Sandbox) -> Moved:
    """Let the customers become known, and then one run move further documents of theirs."""
    minute = sandbox.xero.limits.windows["minute"]
    minute.allowed = UNLIMITED
    seconds_of(airflow, lane.dag_id, first_scheduled_run(airflow, lane.dag_id))
    add_documents(sandbox, DOCUMENTS)
    minute.allowed = CALLS_PER_MINUTE
    sandbox.xero.limits.forget()
    sandbox.traffic.reset()
    run_id = airflow.trigger(lane.dag_id)
    took = seconds_of(airflow, lane.dag_id, run_id)
    instances = airflow.task_instances(lane.dag_id, run_id, "invoices")
    return Moved(took, Counter(one.try_number for one in instances if one.state == "success"))


def add_documents(sandbox: Sandbox, count: int) -> None:
    """Further payments of the customers that have been met."""
    known = sandbox.qondor.payments.rows()
    for number in range(count):
        sandbox.qondor.add(another(known[number % len(known)], number))


def another(payment: Row, number: int) -> Row:
    """The same payment under another id and number, waiting."""
    fresh = {"id": 900_000 + number, "invoiceNumber": f"LIMIT-{number:04d}", "status": 1, "statusText": "Unprocessed"}
    return {**payment, **fresh, "externalReference": None, "failureMessage": None}


def problems(lane: Lane, moved: Moved, ratio: float) -> list[str]:
    """What is not as it has to be on any machine.

    :param ratio: the run's time as a multiple of what the limit allows.
    """
    found = []
    if moved.tries.total() != DOCUMENTS:
        found.append(f"{lane.name}: {moved.tries.total()} of {DOCUMENTS} documents were moved")
    if not lane.limits.get("batch") and ratio > LONGEST:
        found.append(f"{lane.name}: {ratio:.2f} times what the limit allows, which is over {LONGEST}")
    return found


def print_report(lane: Lane, sandbox: Sandbox, moved: Moved) -> float:
    """The table for people; how long the run took, as a multiple of what the limit allows."""
    log = [entry for entry in sandbox.traffic.log(system="xero") if "connect/token" not in entry.path]
    answers = Counter(entry.status for entry in log)
    calls = answers[200]
    at = [dt.datetime.fromisoformat(entry.at) for entry in log if entry.status == 200]
    calling = (at[-1] - at[0]).total_seconds()
    allowed = calls * 60 / CALLS_PER_MINUTE
    print(f"{moved.tries.total()} documents of known customers, {lane.name}")
    print(f"  calls that were answered      {calls:7d}    (429: {answers[429]})")
    print(f"  time that the limit allows    {allowed:7.1f} s")
    print(f"  the run                       {moved.took:7.1f} s  {moved.took / allowed:5.2f} ×")
    print(f"  from first to last call       {calling:7.1f} s  {calling / allowed:5.2f} ×")
    print(f"  tries that documents needed   {dict(sorted(moved.tries.items()))}")
    return moved.took / allowed
