"""An act of the desk in a real Airflow: it starts a run in the user's name, once, and the document is tried again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from invoice_bridge.page_addresses import DESK_PREFIX
from tests.end_to_end.test_decisions_dag import TRANSFER, token_of

if TYPE_CHECKING:
    from local.airflow import LocalAirflow

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


def desk(airflow: LocalAirflow, token: str, method: str, path: str, body: Any = None) -> Any:
    """What the desk answers to a page of this Airflow."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Sec-Fetch-Site": "same-origin",
    }
    done = requests.request(method, f"{airflow.base_url}{DESK_PREFIX}/{path}", json=body, headers=headers, timeout=120)
    assert done.ok, done.text
    return done.json()


def test_a_document_is_tried_again_from_the_desk(airflow: LocalAirflow, first_run: str) -> None:
    anna = token_of(airflow, "anna.berg")
    [entry, *_] = desk(airflow, anna, "GET", "api/documents?state=held")["documents"]
    body = {"documents": [entry["id"]], "seen": {str(entry["id"]): entry["seen"]}}
    [result] = desk(airflow, anna, "POST", "api/acts/retry", body)["results"]
    assert result["done"] is True, result
    [again] = desk(airflow, anna, "POST", "api/acts/retry", body)["results"]
    assert again["done"] is False
    assert "anna.berg asked for another try" in again["text"]
    run = newest(airflow, anna)
    assert run["dag_run_id"].startswith("desk__")
    assert run["conf"] == {"documents": [entry["ref"].rpartition(":")[2]]}
    assert run["triggering_user_name"] == "anna.berg"
    assert run["note"].startswith("anna.berg asks for another try of ")
    airflow.wait(TRANSFER, run["dag_run_id"], timeout=300)
    names = [str(one.rendered_map_index) for one in airflow.task_instances(TRANSFER, run["dag_run_id"], "invoices")]
    names += [
        str(one.rendered_map_index) for one in airflow.task_instances(TRANSFER, run["dag_run_id"], "credit_notes")
    ]
    assert any(name.startswith(entry["number"]) for name in names)
    logged = api(airflow, anna, f"eventLogs?dag_id={TRANSFER}&event=trigger_dag_run")["event_logs"]
    assert any(one["run_id"] == run["dag_run_id"] and one["owner"] == "anna.berg" for one in logged)


def newest(airflow: LocalAirflow, token: str) -> dict[str, Any]:
    """The run that was started last."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        runs: list[dict[str, Any]] = api(airflow, token, f"dags/{TRANSFER}/dagRuns?order_by=-run_after&limit=5")[
            "dag_runs"
        ]
        if mine := [run for run in runs if run["dag_run_id"].startswith("desk__")]:
            return mine[0]
        time.sleep(0.5)
    pytest.fail("no run was started")


def api(airflow: LocalAirflow, token: str, path: str) -> Any:
    """What Airflow's own API answers."""
    done = requests.get(f"{airflow.base_url}/api/v2/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert done.ok, done.text
    return done.json()
