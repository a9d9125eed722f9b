"""The route that is measured, and runs of it in a real Airflow."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from local.settings import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from local.airflow import LocalAirflow

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
}


def folders(work: Path, *routes: dict[str, Any]) -> tuple[Path, Path]:
    """A DAG folder with the transfer's DAGs and the benchmark's, and a routes folder with these routes."""
    dags = work / "dags"
    dags.mkdir()
    for file in (PROJECT / "dags" / "invoice_transfer.py", *(PROJECT / "benchmarks" / "dags").glob("*.py")):
        shutil.copy(file, dags)
    folder = work / "routes"
    folder.mkdir()
    for route in routes:
        (folder / f"{route['route']}.yaml").write_text(yaml.safe_dump(route))
    return dags, folder


def seconds_of(airflow: LocalAirflow, dag_id: str, run_id: str) -> float:
    """How long a run took, which has to be green."""
    state = airflow.wait(dag_id, run_id, timeout=1200)
    if state != "success":
        failed = [one for one in airflow.task_instances(dag_id, run_id) if one.state == "failed"]
        raise SystemExit(f"{dag_id} ended as {state}: {failed[:3]}")
    run = airflow.api.call("GET", f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")
    return _seconds_between(run["start_date"], run["end_date"])


def seconds_of_mapped(airflow: LocalAirflow, dag_id: str, run_id: str, task_id: str) -> float:
    """From the start of the first of a mapped task's instances to the end of the last one."""
    path = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances"
    instances = [each for each in airflow.api.pages(path, "task_instances") if each["task_id"] == task_id]
    return _seconds_between(min(each["start_date"] for each in instances), max(each["end_date"] for each in instances))


def _seconds_between(started: str, ended: str) -> float:
    return (dt.datetime.fromisoformat(ended) - dt.datetime.fromisoformat(started)).total_seconds()


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
