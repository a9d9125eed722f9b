"""Thousands of customers: few calls of Xero, Qondor's pace kept, nothing written twice, memory that stays."""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.customers.customer_world import CustomerWorld

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "5000"))
MOST_CALLS = 110
PER_SECOND = 10


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_five_thousand_customers(
    sandbox: Sandbox, ledger_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The sandbox's own connection lets tests call as fast as they can.
    connection = json.loads(os.environ["AIRFLOW_CONN_QONDOR_DEFAULT"])
    connection["extra"] = {**connection.get("extra", {}), "calls_per_second": PER_SECOND}
    monkeypatch.setenv("AIRFLOW_CONN_QONDOR_DEFAULT", json.dumps(connection))
    world = CustomerWorld.of(sandbox, ledger_url, master="source")
    for number in range(1, CUSTOMERS + 1):
        world.add(number, name=f"Kunde {number} AS")
    figures = []
    for name in ("first", "second", "third"):
        sandbox.traffic.reset()
        began = time.monotonic()
        run = world.sync()
        assert not run.errors
        xero, qondor = world.calls("xero"), world.calls("qondor")
        writes = [call for call in xero + qondor if call.method != "GET"]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures.append((name, time.monotonic() - began, len(xero), len(qondor), len(writes), memory))
        if name == "first":
            assert len(xero) <= MOST_CALLS * max(CUSTOMERS, 5000) / 5000
            assert (
                most_in_a_second([dt.datetime.fromisoformat(call.at).timestamp() for call in qondor]) <= PER_SECOND + 1
            )
        else:
            assert writes == []
    assert len(world.contacts()) == CUSTOMERS
    (_, _, _, _, _, second), (_, _, _, _, _, third) = figures[1:]
    assert third <= second * 1.05 + 5
    lines = ["sync     seconds   Xero  Qondor  writes  MiB at most"]
    for name, seconds, *counts in figures:
        lines.append(f"{name:<7} {seconds:>8.1f} {counts[0]:>6} {counts[1]:>7} {counts[2]:>7} {counts[3]:>12}")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    world.close()


def most_in_a_second(moments: list[float]) -> int:
    """The most calls that arrived within any one second."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most
