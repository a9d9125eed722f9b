"""Documents of known customers through a real Airflow, against a Xero that allows 60 calls a minute, 5 at once."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.transfer import ROUTE, TRANSFER, first_scheduled_run, folders, seconds_of
from local.airflow import LocalAirflow
from sandbox.sandbox import Sandbox
from sandbox.xero.system import CALLS_PER_MINUTE

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.store import Row

DOCUMENTS = int(os.environ.get("BENCH_LIMITED_DOCUMENTS", "120"))
KNOWN = 20
PARALLEL = 4
UNLIMITED = 1_000_000
LONGEST = 1.1
"""The multiple of the time that the limit allows which a run may take."""


def report(work: Path) -> None:
    """Run it and print what it took, what the limit allows, and how the calls were answered."""
    dags, routes = folders(work, {**ROUTE, "limits": {"parallel": PARALLEL, "documents_per_run": 1000}})
    with Sandbox(documents=KNOWN, data="plain", limits="contract") as sandbox:
        connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
        with LocalAirflow(
            work / "home", dags_folder=dags, routes_dir=routes, sandbox=False, extra_env=connections
        ) as airflow:
            airflow.wait_for_dags()
            minute = sandbox.xero.limits.windows["minute"]
            minute.allowed = UNLIMITED
            seconds_of(airflow, TRANSFER, first_scheduled_run(airflow, TRANSFER))
            add_documents(sandbox, DOCUMENTS)
            minute.allowed = CALLS_PER_MINUTE
            sandbox.xero.limits.forget()
            sandbox.traffic.reset()
            run_id = airflow.trigger(TRANSFER)
            took = seconds_of(airflow, TRANSFER, run_id)
            tries = Counter(
                one.try_number for one in airflow.task_instances(TRANSFER, run_id, "invoices") if one.state == "success"
            )
        judge(print_report(sandbox, took, tries), tries.total())


def add_documents(sandbox: Sandbox, count: int) -> None:
    """Further payments of the customers that have been met."""
    known = sandbox.qondor.payments.rows()
    for number in range(count):
        sandbox.qondor.add(another(known[number % len(known)], number))


def another(payment: Row, number: int) -> Row:
    """The same payment under another id and number, waiting."""
    fresh = {"id": 900_000 + number, "invoiceNumber": f"LIMIT-{number:04d}", "status": 1, "statusText": "Unprocessed"}
    return {**payment, **fresh, "externalReference": None, "failureMessage": None}


def judge(ratio: float, succeeded: int) -> None:
    """Let a benchmark fail that is not as good as it has to be.

    :raises SystemExit: the run took too long for what the limit allows, or not every document was moved.
    """
    if succeeded != DOCUMENTS:
        raise SystemExit(f"{succeeded} of {DOCUMENTS} documents were moved")
    if ratio > LONGEST:
        raise SystemExit(f"The run took {ratio:.2f} times what the limit allows, which is over {LONGEST}")


def print_report(sandbox: Sandbox, took: float, tries: Counter[int]) -> float:
    """The table for people; how long the run took, as a multiple of what the limit allows."""
    log = [entry for entry in sandbox.traffic.log(system="xero") if "connect/token" not in entry.path]
    answers = Counter(entry.status for entry in log)
    calls = answers[200]
    at = [dt.datetime.fromisoformat(entry.at) for entry in log if entry.status == 200]
    calling = (at[-1] - at[0]).total_seconds()
    allowed = calls * 60 / CALLS_PER_MINUTE
    print(f"{sum(tries.values())} documents of known customers, {CALLS_PER_MINUTE} calls a minute, {PARALLEL} tasks")
    print(f"  calls that were answered      {calls:7d}    (429: {answers[429]})")
    print(f"  time that the limit allows    {allowed:7.1f} s")
    print(f"  the run                       {took:7.1f} s  {took / allowed:5.2f} ×")
    print(f"  from first to last call       {calling:7.1f} s  {calling / allowed:5.2f} ×")
    print(f"  tries that documents needed   {dict(sorted(tries.items()))}")
    return took / allowed
