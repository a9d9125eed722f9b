"""Runs that Airflow makes of itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.airflow import LocalAirflow


def scheduled(airflow: LocalAirflow, dag_id: str) -> str:
    """Unpause a DAG; the run that its schedule then makes."""
    airflow.unpause(dag_id)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runs = airflow.api.call("GET", f"dags/{dag_id}/dagRuns")["dag_runs"]
        if runs:
            return str(runs[0]["dag_run_id"])
        time.sleep(0.5)
    pytest.fail("unpausing made no run")


def scheduled_run(airflow: LocalAirflow, dag_id: str, timeout: float = 300) -> str:
    """The same, once the run has ended."""
    run_id = scheduled(airflow, dag_id)
    airflow.wait(dag_id, run_id, timeout=timeout)
    return run_id
