"""What of the history goes after a time: tasks' lines of what is over. What people did stays, and how it ended."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge.operators.transfer.upkeep import HISTORY_DAYS, keep_up
from invoice_bridge_core.ledger.database.tables import documents, history
from invoice_bridge_core.ledger.payments.payment_claim import PaymentClaim
from invoice_bridge_core.ports.booking_status import BookingStatus
from tests.ledger.rows import booking, claimed, other_ref, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import Ledger

TASK = "invoice_transfer__r/run/invoices/1"
OVER, UNPAID, HELD, BY_HAND = (other_ref(name) for name in ("over", "unpaid", "held", "by hand"))


@pytest.fixture
def years_later(ledger: Ledger) -> Ledger:
    """Four documents of long ago: paid and told; not paid; held; and one that a person had a word in."""
    for place, ref in enumerate((OVER, UNPAID, BY_HAND)):
        claim = claimed(ledger, TASK, ref, finance_conn="xero_default")
        claim.intend(f"N-{place}", "hash")
        if ref is BY_HAND:
            claim.held("a person has to look")
            claim = claimed(ledger, "ola, on the desk", ref, finance_conn="xero_default")
            claim.release("ola says: it is booked")
            claim = claimed(ledger, TASK, ref, finance_conn="xero_default")
        claim.booked(booking(f"N-{place}", f"f-{place}"))
        claim.transferred()
        if ref is not UNPAID:
            paid = BookingStatus.model_validate(
                {
                    "booking": booking(f"N-{place}", f"f-{place}"),
                    "paid": "10000.00",
                    "credited": "0",
                    "is_paid_in_full": True,
                    "paid_in_full_on": "2026-11-20",
                }
            )
            ledger.payments.keep_booking_status("xero_default", paid, actor="payments of r")
            PaymentClaim(claimed(ledger, TASK, ref)).told(dt.date(2026, 11, 20))
    claimed(ledger, TASK, HELD).held("an article is not mapped")
    age(ledger, 400)
    return ledger


def age(ledger: Ledger, days: int) -> None:
    span = sa.literal(dt.timedelta(days=days))
    with ledger.transaction() as connection:
        connection.execute(sa.update(history).values(at=history.c.at - span))
        connection.execute(sa.update(documents).values(updated_at=documents.c.updated_at - span))


def notes(ledger: Ledger, ref: DocumentRef) -> list[str]:
    return [change.note for change in ledger.history(row_of(ledger, ref))]


def test_what_is_over_keeps_its_end_and_what_people_did(years_later: Ledger) -> None:
    before = {ref: notes(years_later, ref) for ref in (UNPAID, HELD)}
    assert years_later.prune_history(dt.timedelta(days=365)) > 0
    assert notes(years_later, OVER) == ["reported to its source"]
    assert notes(years_later, BY_HAND) == ["ola says: it is booked", "reported to its source"]
    assert {ref: notes(years_later, ref) for ref in (UNPAID, HELD)} == before


def test_it_goes_on_where_it_ended_and_costs_nothing_when_there_is_nothing_new(years_later: Ledger) -> None:
    years_later.prune_history(dt.timedelta(days=365))
    assert years_later.prune_history(dt.timedelta(days=365)) == 0


def test_what_is_young_stays_however_short_the_time_is_set(years_later: Ledger) -> None:
    age(years_later, -340)
    assert years_later.prune_history(dt.timedelta(days=1)) == 0


@pytest.mark.parametrize(("days", "removes"), [("", False), ("365", True), ("a year", False), ("0", False)])
def test_the_environment_says_for_how_long(
    years_later: Ledger, monkeypatch: pytest.MonkeyPatch, days: str, *, removes: bool
) -> None:
    monkeypatch.setenv(HISTORY_DAYS, days)
    before = len(notes(years_later, OVER))
    keep_up(years_later)
    assert (len(notes(years_later, OVER)) < before) is removes


def test_a_document_that_was_met_for_the_first_time_costs_one_short_line(ledger: Ledger) -> None:
    claim = claimed(ledger, TASK, OVER)
    claim.booked(booking())
    with ledger.transaction() as connection:
        first = history.c.note == "first met"
        [size] = connection.scalars(sa.select(sa.func.pg_column_size(history.c.changes)).where(first))
    assert size < 20
