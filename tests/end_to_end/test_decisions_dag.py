"""A question that a person answers in a real Airflow, and what it leads to in both systems."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from invoice_bridge_core.ledger import Ledger
from tests.end_to_end.scheduled import scheduled

if TYPE_CHECKING:
    from local.airflow import LocalAirflow
    from local.rest_api import TaskInstance
    from sandbox.sandbox import Sandbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

DAG, PAYMENTS, TRANSFER = "decisions__qondor_xero", "payment_status__qondor_xero", "invoice_transfer__qondor_xero"
TOKEN = """
import sys
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
print(create_auth_manager().generate_jwt(SimpleAuthManagerUser(username=sys.argv[1], role="ADMIN")))
"""


def token_of(airflow: LocalAirflow, user: str) -> str:
    """What this user's browser would send."""
    done = subprocess.run(
        [sys.executable, "-c", TOKEN, user], env=airflow.env, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def waiting(airflow: LocalAirflow, run_id: str) -> list[TaskInstance]:
    """The questions of a run, once all of them wait for somebody."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        asked = airflow.task_instances(DAG, run_id, "decision.ask")
        if asked and all(one.map_index >= 0 and one.state == "awaiting_input" for one in asked):
            return asked
        time.sleep(0.5)
    pytest.fail(f"nobody is asked: {airflow.task_instances(DAG, run_id)}")


def answer(airflow: LocalAirflow, run_id: str, map_index: int, token: str, body: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    done = requests.patch(_details(airflow, run_id, map_index), json=body, headers=headers, timeout=60)
    assert done.ok, done.text


def options(airflow: LocalAirflow, run_id: str, map_index: int, token: str) -> list[str]:
    """What a person may choose; the last one leaves all as it is."""
    headers = {"Authorization": f"Bearer {token}"}
    done = requests.get(_details(airflow, run_id, map_index), headers=headers, timeout=60)
    assert done.ok, done.text
    chosen: list[str] = done.json()["options"]
    return chosen


def _details(airflow: LocalAirflow, run_id: str, map_index: int) -> str:
    path = f"dags/{DAG}/dagRuns/{run_id.replace('+', '%2B')}/taskInstances/decision.ask/{map_index}/hitlDetails"
    return f"{airflow.base_url}/api/v2/{path}"


def a_deleted_booking(sandbox: Sandbox) -> dict[str, Any]:
    """The payment of an invoice that was reported, and that a bookkeeper has made a draft of and deleted since."""
    processed = [row for row in sandbox.qondor.payments.rows() if row["statusText"] == "Processed"]
    for row in processed:
        booked = sandbox.xero.invoices.find("InvoiceNumber", row["invoiceNumber"])
        if row["typeText"] == "CustomerOfferInvoice" and [one["Status"] for one in booked] == ["AUTHORISED"]:
            sandbox.xero.invoices.change(booked[0]["InvoiceID"], Status="DRAFT")
            sandbox.xero.bookkeeper.delete(row["invoiceNumber"])
            return row
    pytest.fail("no invoice is open")


def test_a_person_approves_and_the_document_is_booked_again_once(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    sent = a_deleted_booking(sandbox)
    number, source_id = sent["invoiceNumber"], str(sent["id"])
    run_id = airflow.trigger(PAYMENTS)
    airflow.unpause(PAYMENTS)
    airflow.wait(PAYMENTS, run_id, timeout=300)
    # One run at a time: another one would wait for the answers to the questions of this one.
    asking = scheduled(airflow, DAG)
    asked = waiting(airflow, asking)
    named = {str(one.rendered_map_index).split(" · ")[0]: one.map_index for one in asked}
    anna = token_of(airflow, "anna.berg")
    # An answer is carried out while other questions still wait.
    answer(
        airflow,
        asking,
        named[number],
        anna,
        {"chosen_options": ["Approve"], "params_input": {"reason": "deleted by mistake"}},
    )
    deadline = time.monotonic() + 120
    while sandbox.qondor.payments[source_id]["statusText"] != "Unprocessed" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert sandbox.qondor.payments[source_id]["statusText"] == "Unprocessed"
    kinds = set()
    for other, map_index in named.items():
        if other != number:
            offered = options(airflow, asking, map_index, anna)
            kinds.add(offered[-1])
            answer(airflow, asking, map_index, anna, {"chosen_options": offered[-1:], "params_input": {}})
    assert "Leave it for now" in kinds
    assert airflow.wait(DAG, asking, timeout=300) == "success"
    [done] = [
        one for one in airflow.task_instances(DAG, asking, "decision.carry_out") if one.map_index == named[number]
    ]
    assert f"{number} · " in str(done.rendered_map_index)
    assert "waits in Qondor again" in str(done.rendered_map_index)

    moved = airflow.trigger(TRANSFER, {"documents": [number]})
    assert airflow.wait(TRANSFER, moved, timeout=300) == "success"
    states = sorted(row["Status"] for row in sandbox.xero.invoices.find("InvoiceNumber", number))
    assert states == ["AUTHORISED", "DELETED"]
    assert sandbox.qondor.payments[source_id]["statusText"] == "Processed"
    ledger = Ledger.connect(airflow.ledger_url)
    [row] = ledger.find(number)
    history = ledger.history(row)
    ledger.close()
    assert any(change.note.startswith("anna.berg put it back in Qondor: deleted by mistake") for change in history)
    assert any(change.actor.startswith("anna.berg, by decisions__qondor_xero/") for change in history)


def test_clearing_what_was_carried_out_does_nothing_again(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    run_id = airflow.api.newest_run(DAG)
    assert run_id is not None
    sandbox.traffic.reset()
    airflow.clear(DAG, run_id, "decision.carry_out", 0)
    airflow.wait(DAG, run_id, timeout=120)
    assert sandbox.calls()["qondor"]["writes"] == 0
