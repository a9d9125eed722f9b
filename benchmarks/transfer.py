"""Documents through a real Airflow against tasks that do nothing, and what each document costs in calls."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import statistics
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from local.airflow import LocalAirflow
from local.settings import PROJECT
from sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "200"))
MEASURED = 5
PARALLEL = 8
TRANSFER = "invoice_transfer__bench"
ROUTE: dict[str, Any] = {
    "route": "bench",
    "source": {"system": "qondor"},
    "finance": {
        "system": "xero",
        "account_codes": {
            "VAT25": "200",
            "VAT15": "205",
            "VAT12": "206",
            "VAT6": "207",
            "VAT0": "260",
            "PASS": "261",
            "DEPOSIT": "262",
        },
        "card_payment_account": "090",
    },
    # Yearly: no second scheduled run comes between.
    "schedule": {"transfer": "0 0 1 1 *"},
    "limits": {"parallel": PARALLEL, "documents_per_run": DOCUMENTS},
}


def folders(work: Path, route: dict[str, Any]) -> tuple[Path, Path]:
    """A DAG folder with the project's DAGs and the benchmark's, and a routes folder with the one route."""
    dags = work / "dags"
    dags.mkdir()
    for file in (PROJECT / "dags" / "invoice_transfer.py", *(PROJECT / "benchmarks" / "dags").glob("*.py")):
        shutil.copy(file, dags)
    routes = work / "routes"
    routes.mkdir()
    (routes / "bench.yaml").write_text(yaml.safe_dump(route))
    return dags, routes


def seconds_of(airflow: LocalAirflow, dag_id: str, run_id: str) -> float:
    """How long a run took, which has to be green."""
    state = airflow.wait(dag_id, run_id, timeout=1200)
    if state != "success":
        failed = [one for one in airflow.task_instances(dag_id, run_id) if one.state == "failed"]
        raise SystemExit(f"{dag_id} ended as {state}: {failed[:3]}")
    run = airflow.api.call("GET", f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")
    started, ended = (dt.datetime.fromisoformat(run[key]) for key in ("start_date", "end_date"))
    return (ended - started).total_seconds()


def first_scheduled_run(airflow: LocalAirflow, dag_id: str) -> str:
    """Unpause a DAG; Airflow then makes the run of the latest complete interval at once."""
    airflow.unpause(dag_id)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runs = airflow.api.call("GET", f"dags/{dag_id}/dagRuns")["dag_runs"]
        if runs:
            return str(runs[0]["dag_run_id"])
        time.sleep(0.2)
    raise SystemExit(f"{dag_id} got no run within a minute of being unpaused")


def peak_megabytes(airflow: LocalAirflow, dag_id: str, run_id: str, task_id: str, count: int) -> float:
    """Median of the peaks of the first `count` mapped tasks' processes."""
    peaks = [airflow.xcom(dag_id, run_id, task_id, "peak_kilobytes", index) for index in range(count)]
    return statistics.median(int(peak) for peak in peaks) / 1024


def report(work: Path) -> dict[str, str]:
    """Run everything and print it; returns the environment that the parse benchmark needs."""
    dags, routes = folders(work, ROUTE)
    with Sandbox(documents=DOCUMENTS + MEASURED, data="plain") as sandbox:
        connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
        extra = {**connections, "BENCH_PARALLEL": str(PARALLEL)}
        with LocalAirflow(
            work / "home", dags_folder=dags, routes_dir=routes, sandbox=False, extra_env=extra, parallelism=PARALLEL
        ) as airflow:
            airflow.wait_for_dags()
            airflow.unpause("empty_tasks")
            airflow.unpause("measured_transfer")
            print(f"{DOCUMENTS} documents through a real Airflow (LocalExecutor × {PARALLEL}, {os.cpu_count()} cores)")
            empty = seconds_of(airflow, "empty_tasks", airflow.trigger("empty_tasks", {"count": DOCUMENTS}))
            print(f"  mapped tasks that do nothing  {empty:7.1f} s  {DOCUMENTS / empty:5.1f} /s")
            sandbox.traffic.reset()
            moved = seconds_of(airflow, TRANSFER, first_scheduled_run(airflow, TRANSFER))
            print(f"  documents moved               {moved:7.1f} s  {DOCUMENTS / moved:5.1f} /s")
            print(f"  ratio                         {moved / empty:7.2f}")
            report_calls(sandbox)
            report_memory(airflow)
            return dict(airflow.env)


def report_memory(airflow: LocalAirflow) -> None:
    """Print the peak memory of a task's process, for tasks that do nothing and for documents."""
    nothing = airflow.trigger("empty_tasks", {"count": MEASURED, "measure": True})
    seconds_of(airflow, "empty_tasks", nothing)
    moved = airflow.trigger("measured_transfer")
    seconds_of(airflow, "measured_transfer", moved)
    empty = peak_megabytes(airflow, "empty_tasks", nothing, "nothing", MEASURED)
    document = peak_megabytes(airflow, "measured_transfer", moved, "measured", MEASURED)
    print(f"\nPeak memory of a task's process: {empty:.0f} MB doing nothing, {document:.0f} MB moving a document")


def report_calls(sandbox: Sandbox) -> None:
    """Print what the run's documents cost in calls."""
    print("\nCalls of that run, as the sandbox counted them")
    for system, counts in sandbox.calls().items():
        print(f"  {system}: {counts['reads']} reads, {counts['writes']} writes, {counts['tokens']} token requests")
        for endpoint, count in counts["calls"].items():
            print(f"    {count:>5}  {endpoint}")
