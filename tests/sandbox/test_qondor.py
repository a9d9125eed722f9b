"""Qondor's access, queue and state rules (qondor.md)."""

from __future__ import annotations

import pytest
import requests

from sandbox.sandbox import Sandbox
from tests.sandbox.clients import QondorClient

STATES = {"Unprocessed": 1, "Processed": 2, "Failed": 3, "Paid": 4}
BODIES = {
    "SetAsProcessed": {"externalReference": "xero-1"},
    "SetAsFailed": {"failureMessage": "Article code 'X' not found in finance system"},
    "SetAsPaid": {"paidDate": "2026-11-20"},
    "SetAsUnprocessed": {},
}
TARGETS = {
    "SetAsProcessed": "Processed",
    "SetAsFailed": "Failed",
    "SetAsPaid": "Paid",
    "SetAsUnprocessed": "Unprocessed",
}
ALLOWED = {
    ("SetAsProcessed", "Unprocessed"),
    ("SetAsProcessed", "Processed"),
    ("SetAsFailed", "Unprocessed"),
    ("SetAsFailed", "Failed"),
    ("SetAsUnprocessed", "Processed"),
    ("SetAsPaid", "Processed"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("call", BODIES)
def test_every_call_from_every_state(sandbox: Sandbox, qondor: QondorClient, call: str, state: str) -> None:
    sandbox.qondor.add({"id": 1, "typeText": "CustomerOfferInvoice", "status": STATES[state]})

    response = qondor.set(call, 1, **BODIES[call])

    if (call, state) in ALLOWED:
        assert response.status_code in (200, 204)
        assert qondor.get("1").json()["statusText"] == TARGETS[call]
    else:
        assert response.status_code == 400
        assert response.json()["errors"]
        assert qondor.get("1").json()["statusText"] == state


@pytest.mark.parametrize(("kind", "call"), [("CreditCardPayment", "SetAsPaid"), ("CreditNote", "SetAsUnprocessed")])
def test_calls_that_a_kind_forbids(sandbox: Sandbox, qondor: QondorClient, kind: str, call: str) -> None:
    sandbox.qondor.add({"id": 1, "typeText": kind, "status": STATES["Processed"]})

    assert qondor.set(call, 1, **BODIES[call]).status_code == 400
    assert sandbox.qondor.payments[1]["statusText"] == "Processed"


def test_processing_again_keeps_the_newest_reference(sandbox: Sandbox, qondor: QondorClient) -> None:
    sandbox.qondor.add({"id": 1})
    qondor.set("SetAsProcessed", 1, externalReference="first")
    qondor.set("SetAsProcessed", 1, externalReference="second")

    assert qondor.get("1").json()["externalReference"] == "second"


def test_only_what_waits_is_in_the_queue(sandbox: Sandbox, qondor: QondorClient) -> None:
    for number in range(1, 6):
        sandbox.qondor.add({"id": number, "invoiceNumber": f"Q-{number}"})
    qondor.set("SetAsFailed", 2, failureMessage="wrong")
    qondor.set("SetAsProcessed", 4)

    queue = qondor.get("GetAllUnprocessedInvoices").json()

    assert sorted(item["id"] for item in queue) == [1, 3, 5]


def test_unknown_payments_are_not_found(qondor: QondorClient) -> None:
    assert qondor.get("404404").status_code == 404
    assert qondor.set("SetAsProcessed", 404404).status_code == 404


@pytest.mark.parametrize("message", [None, "", "x" * 1000])
def test_a_failure_needs_a_message_of_sensible_length(
    sandbox: Sandbox, qondor: QondorClient, message: str | None
) -> None:
    sandbox.qondor.add({"id": 1})

    assert qondor.set("SetAsFailed", 1, failureMessage=message).status_code == 400
    assert len(sandbox.qondor.waiting()) == 1


@pytest.mark.parametrize("key", [None, "wrong"])
def test_a_wrong_key_is_refused_in_api_managements_words(qondor: QondorClient, key: str | None) -> None:
    headers = {} if key is None else {"Ocp-Apim-Subscription-Key": key}
    response = requests.get(f"{qondor.base}/Invoicing/v1/Invoice/1", headers=headers, timeout=5)

    assert response.status_code == 401
    assert response.json()["message"].startswith("Access denied due to invalid subscription key.")


def test_the_eleventh_call_in_a_second_has_to_wait() -> None:
    with Sandbox(documents=0, limits="contract") as strict:
        client = QondorClient(strict)
        with client.session:
            answers = [client.get("1") for _ in range(11)]
            assert [answer.status_code for answer in answers] == [404] * 10 + [429]
            assert answers[-1].headers["Retry-After"] == "1"
            strict.clock.advance(1.1)
            assert client.get("1").status_code == 404
