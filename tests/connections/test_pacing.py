"""Qondor's ten calls a second are kept by all tasks together, before Qondor has to say so."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from invoice_bridge.hooks.qondor.hook import QondorHook
from invoice_bridge_core.connections.pacer import LONGEST_TURN, LedgerPacer
from invoice_bridge_core.errors import LimitReachedError, TransientError, certainly_not_done
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ports.pacing import OWN_PACE, Pace
from tests.world import customer, payment

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.world import World

DOCUMENTS = int(os.environ.get("PACED_DOCUMENTS", "120"))
"""500 by hand."""
PARALLEL = 6
CONN = "qondor_default"

log = logging.getLogger(__name__)


def limit(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, *, calls: int = 10) -> None:
    """Qondor's real limit per second, and a connection that knows of no other."""
    second = sandbox.qondor.limits.windows["second"]
    monkeypatch.setattr(second, "allowed", calls)
    second.forget()
    variable = f"AIRFLOW_CONN_{CONN.upper()}"
    connection = json.loads(os.environ[variable])
    del connection["extra"]
    monkeypatch.setenv(variable, json.dumps(connection))


def refused(sandbox: Sandbox) -> int:
    return sum(entry.status == 429 for entry in sandbox.traffic.log(system="qondor"))


def test_tasks_side_by_side_keep_the_limit_and_use_it_up(
    sandbox: Sandbox, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(sandbox, monkeypatch)
    calls, tasks = 10, 6

    def task(_: int) -> None:
        """Each with a ledger and a hook of its own, as processes have them."""
        ledger = Ledger.connect(ledger_url)
        hook = QondorHook()
        hook.observations.pacer = LedgerPacer(ledger, CONN, "Qondor")
        for _ in range(calls):
            hook.unprocessed_invoices()
        ledger.close()

    Ledger.connect(ledger_url).close()
    began = time.monotonic()
    with ThreadPoolExecutor(tasks) as pool:
        list(pool.map(task, range(tasks)))
    took = time.monotonic() - began
    assert refused(sandbox) == 0
    at_best = tasks * calls / 10 - 1
    assert at_best <= took < 3 * at_best + 10


@pytest.mark.slow
def test_a_run_of_many_documents_meets_no_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [
        str(world.sandbox.qondor.add(payment(number, customer=customer(900 + number % 4)))["id"])
        for number in range(DOCUMENTS)
    ]
    limit(world.sandbox, monkeypatch)
    began = time.monotonic()
    world.select()
    with ThreadPoolExecutor(PARALLEL) as pool:
        outcomes = [result.outcome for result in pool.map(world.transfer, ids)]
    took = time.monotonic() - began
    made = len(world.calls("qondor"))
    log.info("%d documents, %d calls of Qondor in %.1f s, at best %.1f s", DOCUMENTS, made, took, made / 10)
    assert outcomes == ["transferred"] * DOCUMENTS
    assert refused(world.sandbox) == 0
    assert took < 3 * made / 10 + 10


def test_a_slot_rests_after_its_answer_and_not_after_its_start(ledger: Ledger) -> None:
    slots = ledger.connections
    first, second = slots.take_slot(CONN, 2, None), slots.take_slot(CONN, 2, None)
    assert {first.number, second.number} == {0, 1}
    waiting = slots.take_slot(CONN, 2, None)
    assert waiting.number is None
    assert waiting.wait > 30
    slots.give_slot_back(CONN, 1, dt.timedelta(seconds=0.3))
    waiting = slots.take_slot(CONN, 2, None)
    assert waiting.number is None
    assert 0 < waiting.wait <= 0.3
    time.sleep(0.35)
    assert slots.take_slot(CONN, 2, None).number == 1
    assert slots.take_slot("another", 2, None).number == 0


def test_who_waits_too_long_is_told_when_to_come_back(ledger: Ledger) -> None:
    slept: list[float] = []
    pacer = LedgerPacer(ledger, CONN, "Qondor", clock=lambda: sum(slept))
    pace = Pace.per_second(1)
    with pacer.turn(pace, slept.append):
        other = LedgerPacer(ledger, CONN, "Qondor", clock=lambda: sum(slept))
        with (
            pytest.raises(LimitReachedError, match=r"Qondor takes 1 calls in 1\.0 s.*qondor_default") as caught,
            other.turn(pace, slept.append),
        ):
            pytest.fail("called")
    assert caught.value.limit == OWN_PACE
    assert caught.value.retry_after is not None
    assert caught.value.conn_id == CONN
    assert certainly_not_done(caught.value)
    assert sum(slept) <= LONGEST_TURN


def test_a_used_up_day_is_noticed_beforehand(ledger: Ledger) -> None:
    pacer = LedgerPacer(ledger, CONN, "Qondor")
    pace = Pace(calls=10, seconds=0.01, per_day=3)
    for expected in (1, 2, 3):
        with pacer.turn(pace, time.sleep) as calls_today:
            assert calls_today == expected
    with pytest.raises(LimitReachedError, match="3 calls a day") as caught, pacer.turn(pace, time.sleep):
        pytest.fail("called")
    assert (caught.value.limit, caught.value.retry_after) == ("day", None)


def test_without_its_ledger_nothing_is_called(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE invoice_bridge.call_slots")
    pacer = LedgerPacer(ledger, CONN, "Qondor")
    with (
        pytest.raises(TransientError, match="No call of connection qondor_default could be planned") as caught,
        pacer.turn(Pace.per_second(10), time.sleep),
    ):
        pytest.fail("called")
    assert certainly_not_done(caught.value)


@pytest.mark.parametrize(
    ("extra", "pace"),
    [
        (None, QondorHook.pace),
        ({"calls_per_second": "5"}, Pace.per_second(5, per_day=100_000)),
        ({"calls_per_second": 0}, None),
        ({"calls_per_second": 0.5}, Pace.per_second(0.5, per_day=100_000)),
    ],
)
def test_the_connection_may_name_another_pace(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, object] | None, pace: Pace | None
) -> None:
    connection = {"conn_type": "qondor", "host": "https://q.example", "password": "secret", "extra": extra}
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONN.upper()}", json.dumps(connection))
    assert QondorHook().pace_of_connection == pace
