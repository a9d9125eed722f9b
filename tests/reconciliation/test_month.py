"""Days closed one by one, in any order, against one fresh run: same outcomes, and reports that add up."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.loader import load_routes
from sandbox.sandbox import Sandbox
from tests.postgres import fresh_ledger_url
from tests.reconciliation.closing import close, close_day, sums, totals
from tests.world import World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import PostgresServer

ROUTE = "qondor_xero"


@pytest.fixture
def twins(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, World]]:
    """The demonstration's documents, twice: every state that a document can come to."""
    [route] = [route for route in load_routes().routes if route.route == ROUTE]
    with Sandbox() as first, Sandbox() as second, fresh_ledger_url(postgres) as one, fresh_ledger_url(postgres) as two:
        worlds = World(first, one, route), World(second, two, route)
        yield worlds
        for world in worlds:
            world.close()


@pytest.mark.timeout(600)
def test_days_in_any_order_end_as_one_run_does(twins: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    whole, daily = twins
    connect(whole.sandbox, monkeypatch)
    for _ in range(2):
        whole.run()
    dated = {
        row.ref.source_id: row.facts.document_date
        for row in whole.ledger.outcomes()
        if whole.route.selects(row.facts.office_id, row.facts.project_id)
    }
    days = sorted({day for day in dated.values() if day is not None})
    connect(daily.sandbox, monkeypatch)
    order = list(days)
    random.Random(5).shuffle(order)
    for day in order:
        close_day(daily, day)

    expected = {row.ref.source_id: str(row.state) for row in whole.ledger.outcomes() if row.facts.document_date}
    ended = {row.ref.source_id: str(row.state) for row in daily.ledger.outcomes() if row.facts.document_date}
    assert {key: (expected[key], ended.get(key)) for key in expected if expected[key] != ended.get(key)} == {}
    assert {"transferred", "rejected", "held", "in doubt"} <= set(ended.values())
    booked = Counter(row["InvoiceNumber"] for row in daily.sandbox.xero.invoices.rows() if row["Status"] != "DELETED")
    assert booked == Counter(row["InvoiceNumber"] for row in whole.sandbox.xero.invoices.rows())

    # Again, with nothing to do: no write, on either side.
    daily.sandbox.traffic.reset()
    for day in days:
        close_day(daily, day)
    assert {system: counts["writes"] for system, counts in daily.sandbox.calls().items()} == dict.fromkeys(
        daily.sandbox.calls(), 0
    )

    first, last = days[0], days[-1] + dt.timedelta(days=1)
    counted: Counter[tuple[str, str]] = Counter()
    summed: dict[tuple[str, str], Decimal] = {}
    for number in range((last - first).days):
        day = first + dt.timedelta(days=number)
        rows = close(daily, day, day + dt.timedelta(days=1))
        counted += totals(rows)
        for key, amount in sums(rows).items():
            summed[key] = summed.get(key, Decimal(0)) + amount
    month = close(daily, first, last)
    assert counted == totals(month)
    assert summed == sums(month)
    assert sum(counted.values()) == sum(day is not None for day in dated.values())
