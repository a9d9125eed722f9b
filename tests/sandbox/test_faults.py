"""Faults over a real socket."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import QondorClient, XeroClient


def _raw(sandbox: Sandbox, path: str) -> bytes:
    """Everything that the server sends to one GET of Qondor until it closes the connection."""
    key = sandbox.connections["qondor_default"]["password"]
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nOcp-Apim-Subscription-Key: {key}\r\nConnection: close\r\n\r\n"
    address = urlsplit(sandbox.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(request.encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


QUEUE = "/qondor/Test/Invoicing/v1/Invoice/GetAllUnprocessedInvoices"


def test_a_closed_connection_has_not_one_byte(sandbox: Sandbox) -> None:
    assert _raw(sandbox, QUEUE).startswith(b"HTTP/1.1 200")
    sandbox.fault("close", "qondor", nth=1)

    assert _raw(sandbox, QUEUE) == b""
    assert _raw(sandbox, QUEUE).startswith(b"HTTP/1.1 200")


def test_an_answer_cut_short_announces_more_than_it_sends(sandbox: Sandbox) -> None:
    sandbox.qondor.add({"id": 1, "invoiceNumber": "Q-1"})
    sandbox.fault("cut_short", "qondor")
    head, _, body = _raw(sandbox, QUEUE).partition(b"\r\n\r\n")

    announced = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) < announced


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("kind", ["close", "error"])
def test_whether_the_write_happened(sandbox: Sandbox, xero: XeroClient, kind: str, when: str, made: int) -> None:
    sandbox.fault(kind, "xero", "PUT", "/api.xro/2.0/Contacts", when=when, count=1)
    if kind == "close":
        with pytest.raises(requests.ConnectionError):
            xero.call("PUT", "Contacts", json={"Contacts": [{"Name": "Acme"}]})
    else:
        assert xero.call("PUT", "Contacts", json={"Contacts": [{"Name": "Acme"}]}).status_code == 500

    assert len(sandbox.xero.contacts) == made
    assert sandbox.traffic.log(1)[0].fault == f"{kind} {when}"


def test_limits_and_outages_look_like_the_systems_own(sandbox: Sandbox, xero: XeroClient, qondor: QondorClient) -> None:
    sandbox.fault("too_many_requests", "xero", limit="day", retry_after=5000, count=1)
    sandbox.fault("too_many_requests", "qondor", retry_after=3, count=1)
    throttled = xero.call("GET", "Currencies")
    assert (throttled.status_code, throttled.headers["X-Rate-Limit-Problem"], throttled.headers["Retry-After"]) == (
        429,
        "day",
        "5000",
    )
    assert qondor.get("1").headers["Retry-After"] == "3"

    sandbox.faults.clear()
    sandbox.fault("unavailable", "xero", retry_after=7)
    offline = xero.call("GET", "Currencies")
    assert (offline.status_code, offline.headers["Retry-After"]) == (503, "7")
    assert offline.headers["Content-Type"].startswith("text/plain")


def test_answers_that_are_no_answer(sandbox: Sandbox, xero: XeroClient) -> None:
    def answered(kind: str) -> requests.Response:
        sandbox.faults.clear()
        sandbox.fault(kind, "xero")
        return xero.call("GET", "Currencies")

    half = answered("half_json")
    assert half.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        half.json()
    assert answered("html").headers["Content-Type"].startswith("text/html")
    assert answered("wrong_type").headers["Content-Type"].startswith("text/html")
    assert answered("empty").content == b""
    assert answered("unauthorised").status_code == 401


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delay(sandbox: Sandbox, qondor: QondorClient, when: str) -> None:
    sandbox.fault("delay", "qondor", seconds=0.3, when=when, nth=2)
    qondor.get("1")
    started = time.monotonic()

    assert qondor.get("1").status_code == 404
    assert time.monotonic() - started > 0.29


def test_a_fault_hits_what_it_names_and_as_often_as_it_says(sandbox: Sandbox, qondor: QondorClient) -> None:
    sandbox.qondor.add({"id": 1})
    fault = sandbox.fault("error", "qondor", "PUT", "re:SetAs(Paid|Failed)$", count=2)

    assert qondor.get("1").status_code == 200
    assert qondor.set("SetAsProcessed", 1).status_code == 204
    answers = [qondor.set("SetAsPaid", 1, paidDate="2026-11-01").status_code for _ in range(3)]
    assert answers == [500, 500, 200]
    assert fault.hits == 2


def test_faults_can_be_set_over_http(sandbox: Sandbox, qondor: QondorClient) -> None:
    url = f"{sandbox.url}/sandbox/faults"
    assert requests.post(url, json=[{"kind": "error", "system": "qondor"}], timeout=5).status_code == 200
    assert qondor.get("1").status_code == 500
    assert requests.post(url, json=[{"kind": "nonsense"}], timeout=5).status_code == 422
    requests.delete(url, timeout=5)
    assert qondor.get("1").status_code == 404
