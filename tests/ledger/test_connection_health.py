"""What the ledger keeps of the systems' words about our connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.connections.budget import is_in_last_fifth
from invoice_bridge_core.ledger.connections import health
from invoice_bridge_core.ledger.connections.health import ConnectionHealth, records_of
from tests.examples import SHARED_FIXTURE, examples

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger


def record(ledger: Ledger) -> ConnectionHealth:
    with ledger.transaction() as connection:
        return records_of(connection, ["xero_default"])["xero_default"]


def note(ledger: Ledger, left: int) -> None:
    with ledger.transaction() as connection:
        health.note_day(connection, "xero_default", "Xero", left)


@settings(max_examples=examples(25), suppress_health_check=SHARED_FIXTURE)
@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=8))
def test_the_days_size_is_the_most_that_was_ever_left(ledger: Ledger, readings: list[int]) -> None:
    known = budget_size(ledger)
    for left in readings:
        note(ledger, left)
    largest = max([*readings, known])
    assert record(ledger).day_left == readings[-1]
    assert record(ledger).day_size == largest
    assert is_in_last_fifth(record(ledger)) == (readings[-1] * 5 <= largest)


def budget_size(ledger: Ledger) -> int:
    with ledger.transaction() as connection:
        found = records_of(connection, ["xero_default"]).get("xero_default")
    return found.day_size or 0 if found else 0


def test_many_tasks_that_are_refused_at_once_are_announced_by_one_run(ledger: Ledger) -> None:
    def refuse(number: int) -> None:
        with ledger.transaction() as connection:
            health.refuse(connection, "xero_default", "Xero", "no", run=f"run {number}", credentials="secret")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(refuse, range(8)))
    first = record(ledger).refused_run
    assert first is not None
    refuse(99)
    assert record(ledger).refused_run == first
