"""An ordinary poll looks at the documents that changed since the last one; nothing is lost by that."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.sale_tables import sales
from invoice_bridge_core.ledger.database.tables import cursors

if TYPE_CHECKING:
    import pytest

    from tests.sales.shop import Shop

MARK = "sales seen of"


def mark(shop: Shop) -> str | None:
    """Where the next poll begins."""
    with shop.world.ledger.transaction() as connection:
        found: str | None = connection.scalar(sa.select(cursors.c.cursor).where(cursors.c.name.startswith(MARK)))
    return found


def forget_sales(shop: Shop) -> None:
    """Lose the sales that the ledger knows, as no poll would."""
    with shop.world.ledger.transaction() as connection:
        connection.execute(sa.delete(sales))


def test_what_did_not_change_is_compared_once_a_day(quiddly: Shop) -> None:
    quiddly.book(1)
    quiddly.sync()
    forget_sales(quiddly)
    assert quiddly.sync() == {}
    assert quiddly.rows() == []
    quiddly.world.run_sales(quiddly.world.now() + dt.timedelta(hours=25))
    assert len(quiddly.rows()) == 1
    assert quiddly.wrong() == []


def test_what_a_route_says_anew_is_looked_at_with_all_that_there_is(xero: Shop) -> None:
    xero.change_route(kinds=["credit_note"])
    xero.book(1)
    assert xero.sync() == {}
    xero.change_route(kinds=["invoice"])
    assert xero.sync() == {"T-1": "shown"}
    before = mark(xero)
    xero.change_route(since="2026-11-01")
    xero.sync()
    assert before is not None
    assert (mark(xero) or "").partition(" ")[2] != before.partition(" ")[2]


def test_more_documents_than_a_run_takes_are_all_seen(both: Shop) -> None:
    limits = both.world.route.limits.model_copy(update={"documents_per_run": 2})
    numbers = range(1, 6)
    both.book(*numbers)
    both.world.route = both.world.route.model_copy(update={"limits": limits})
    if both.into_xero:
        # Its changes would tell of all of them.
        both.sandbox.clock.advance(dt.timedelta(days=200).total_seconds())
    for _ in range(4):
        both.sync()
    assert len(both.rows()) == len(numbers)


def test_older_documents_of_another_route_take_no_place_of_ours(quiddly: Shop) -> None:
    oslo, bergen = quiddly.of_office("oslo", "7"), quiddly.of_office("bergen", "9")
    limits = oslo.limits.model_copy(update={"documents_per_run": 2})
    quiddly.world.route = bergen
    quiddly.book(1, 2, 3, officeId=9)
    quiddly.world.route = oslo
    quiddly.book(4, 5, officeId=7)
    quiddly.world.route = oslo.model_copy(update={"limits": limits})
    assert quiddly.sync() == {"QT-4": "shown", "QT-5": "shown"}
    assert {row.route for row in quiddly.rows()} == {"oslo"}


def test_a_poll_that_was_not_answered_begins_there_again(quiddly: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from invoice_bridge_core.sales.poll import SalesPoll

    quiddly.book(1)
    quiddly.sync()
    before = mark(quiddly)
    quiddly.book(2)
    with monkeypatch.context() as patch:
        patch.setattr(SalesPoll, "_answered", lambda *_: None)
        quiddly.sync()
        assert mark(quiddly) == before
    assert quiddly.sync() == {"QT-2": "shown"}
    assert mark(quiddly) != before
