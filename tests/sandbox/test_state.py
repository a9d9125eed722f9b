"""State on disk, the command, and exact numbers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.exact_json import read_json, write_json
from sandbox.sandbox import Sandbox
from sandbox.store import Store, Table
from tests.sandbox.clients import QondorClient, XeroClient, line

ROOT = Path(__file__).parents[2]


def test_a_restart_keeps_both_systems_and_their_tokens(tmp_path: Path) -> None:
    with Sandbox(documents=3, state=tmp_path) as first:
        qondor, xero = QondorClient(first), XeroClient(first)
        with qondor.session, xero.session:
            waiting = first.qondor.waiting()[0]["id"]
            qondor.set("SetAsProcessed", waiting, externalReference="x-1")
            body = {
                "Type": "ACCREC",
                "Contact": {"ContactID": xero.contact()},
                "InvoiceNumber": "Q-1",
                "DueDate": "2026-12-01",
                "Status": "AUTHORISED",
                "LineItems": [line("33.3333", "3")],
            }
            made = xero.put("Invoices", body)
            token = xero.session.headers["Authorization"]
        expectations = first.expectations
    with Sandbox(seed=99, documents=50, state=tmp_path) as second:
        xero = XeroClient(second)
        xero.session.headers["Authorization"] = token
        with xero.session:
            read = xero.get(f"Invoices/{made['InvoiceID']}")["Invoices"][0]
            assert (read["Total"], read["UpdatedDateUTC"]) == (Decimal("125.00"), made["UpdatedDateUTC"])
            assert read["LineItems"] == made["LineItems"]
        assert second.qondor.payments[waiting]["externalReference"] == "x-1"
        assert len(second.qondor.waiting()) == 2
        assert second.expectations == expectations


def test_a_killed_sandbox_has_kept_what_it_answered(tmp_path: Path) -> None:
    running, ready = _serve(tmp_path)
    try:
        found = ready["connections"]["qondor_default"]
        headers = {"Ocp-Apim-Subscription-Key": found["password"]}
        queue = requests.get(
            f"{found['host']}/Invoicing/v1/Invoice/GetAllUnprocessedInvoices", headers=headers, timeout=5
        )
        done = queue.json()[0]["id"]
        requests.put(
            f"{found['host']}/Invoicing/v1/Invoice/SetAsProcessed", json={"invoiceId": done}, headers=headers, timeout=5
        )
    finally:
        running.kill()
        running.wait()
    with Sandbox(state=tmp_path / "state") as second:
        assert second.qondor.payments[done]["statusText"] == "Processed"


def test_the_command_starts_at_once_and_stops_when_asked(tmp_path: Path) -> None:
    running, ready = _serve(tmp_path)
    assert requests.get(f"{ready['url']}/sandbox/expectations", timeout=5).json()["documents"]
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=10) == 0


def _serve(folder: Path) -> tuple[subprocess.Popen[bytes], dict[str, dict[str, dict[str, str]]]]:
    ready = folder / "ready.json"
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "serve",
        "--state",
        str(folder / "state"),
        "--ready-file",
        str(ready),
    ]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not ready.exists():
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.02)
    return running, json.loads(ready.read_text())


def test_an_attempt_that_fails_leaves_no_trace() -> None:
    store = Store()
    table = Table(store, "s", "k", "id", {"name": lambda row: row["name"]})
    table.put({"id": 1, "name": "one"})

    def fail() -> None:
        with store.attempt():
            table.change(1, name="uno")
            table.put({"id": 2, "name": "two"})
            with store.attempt():
                table.remove(1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert table.rows() == [{"id": 1, "name": "one"}]
    assert [len(table.find("name", each)) for each in ("ONE", "uno", "two")] == [1, 0, 0]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_decimals_survive_json_digit_by_digit(number: Decimal) -> None:
    read = read_json(write_json({"amount": [number]}))["amount"][0]

    assert isinstance(read, Decimal)
    assert read == number


def test_other_machines_reach_it_by_the_name_that_it_is_given() -> None:
    with Sandbox(documents=0, data="plain", host="localhost") as named, Sandbox(documents=0, data="plain") as alone:
        assert named.url.startswith("http://localhost:")
        assert all(each["host"].startswith(named.url) for each in named.connections.values())
        assert requests.get(f"http://127.0.0.2:{named.url.rpartition(':')[2]}/sandbox/calls", timeout=5).ok
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.2:{alone.url.rpartition(':')[2]}/sandbox/calls", timeout=5)
