"""The control plane: counters, the log, expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import QondorClient, XeroClient


def test_calls_are_counted_by_endpoint_and_identity_apart(
    sandbox: Sandbox, qondor: QondorClient, xero: XeroClient
) -> None:
    sandbox.qondor.add({"id": 1})
    qondor.get("1")
    qondor.get("2")
    qondor.set("SetAsProcessed", 1)
    xero.contact()
    counted = requests.get(f"{sandbox.url}/sandbox/calls", timeout=5).json()

    assert counted["qondor"] == {
        "calls": {"GET /Invoicing/v1/Invoice/{invoice_id}": 2, "PUT /Invoicing/v1/Invoice/SetAsProcessed": 1},
        "reads": 2, "writes": 1, "tokens": 0,
    }  # fmt: skip
    assert (counted["xero"]["reads"], counted["xero"]["writes"], counted["xero"]["tokens"]) == (0, 1, 1)
    requests.post(f"{sandbox.url}/sandbox/calls/reset", timeout=5)
    assert requests.get(f"{sandbox.url}/sandbox/calls", timeout=5).json()["qondor"]["reads"] == 0


def test_the_log_keeps_bodies_but_no_secrets(sandbox: Sandbox, xero: XeroClient) -> None:
    xero.contact("Acme")
    text = requests.get(f"{sandbox.url}/sandbox/log", timeout=5).text

    logged = requests.get(f"{sandbox.url}/sandbox/log?last=1", timeout=5).json()["calls"][0]
    assert (logged["method"], logged["path"], logged["status"]) == ("PUT", "/api.xro/2.0/Contacts", 200)
    assert logged["body"] == {"Contacts": [{"Name": "Acme"}]}
    assert "summarizeErrors=false" in logged["query"]
    assert xero.connection["password"] not in text
    assert str(xero.session.headers["Authorization"]) not in text


def test_a_reset_begins_anew(sandbox: Sandbox, xero: XeroClient) -> None:
    xero.contact("Acme")
    sandbox.fault("error")
    sandbox.clock.advance(7200)
    answer = requests.post(f"{sandbox.url}/sandbox/reset?documents=5&seed=3", timeout=5)

    assert answer.json() == {"documents": 5}
    assert (len(sandbox.xero.contacts), len(sandbox.qondor.waiting()), sandbox.faults.all()) == (0, 5, [])
    assert xero.call("GET", "Currencies").status_code == 401
    xero.sign_in()
    assert len(xero.get("Currencies")["Currencies"]) == 3


def test_a_system_that_does_not_exist(sandbox: Sandbox) -> None:
    assert requests.get(f"{sandbox.url}/nobody/1", timeout=5).status_code == 404
