"""Drafts that a source was told of, and bookings that no queue names any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.errors import LedgerError
from include.ledger.states import DocumentState
from tests.ledger.rows import REF, booking, claimed

if TYPE_CHECKING:
    from include.ledger import Claim, Ledger
    from include.ports import Booking


DRAFT = booking(number="IX-1", status="DRAFT", is_draft=True, customer_code="K-1")
REAL = booking(number="IX-2")


def told_of_a_draft(ledger: Ledger) -> Claim:
    claim = claimed(ledger)
    claim.intend("IX-1", "hash")
    claim.booked(DRAFT)
    claim.transferred()
    return claimed(ledger)


def drafts(ledger: Ledger) -> list[str]:
    return [row.ref.source_id for row in ledger.drafts(REF.system, REF.conn_id)]


def unfinished(ledger: Ledger) -> list[str]:
    return [row.ref.source_id for row in ledger.unfinished(REF.system, REF.conn_id)]


def test_what_a_booking_says_is_kept(ledger: Ledger) -> None:
    assert told_of_a_draft(ledger).row.booking == DRAFT


def test_a_draft_is_followed_until_it_became_real_and_then_waits_for_its_report(ledger: Ledger) -> None:
    claim = told_of_a_draft(ledger)
    assert (drafts(ledger), unfinished(ledger)) == ([REF.source_id], [])
    claim.became_real(REAL)
    row = claim.row
    assert (row.state, row.reported_at, row.lease_owner) == (DocumentState.BOOKED, None, None)
    assert row.booking is not None
    assert (row.booking.number, row.booking.is_draft) == ("IX-2", False)
    assert (drafts(ledger), unfinished(ledger)) == ([], [REF.source_id])
    assert ledger.history(row)[-1].note == "its draft became IX-2"


@pytest.mark.parametrize("found", [booking(finance_id="f-2"), DRAFT], ids=["another", "still a draft"])
def test_only_its_own_draft_becomes_real(ledger: Ledger, found: Booking) -> None:
    with pytest.raises(LedgerError, match="has no draft that became"):
        told_of_a_draft(ledger).became_real(found)


def test_a_held_document_is_unfinished_when_it_is_booked_and_not_otherwise(ledger: Ledger) -> None:
    claim = claimed(ledger)
    claim.held("no account")
    assert unfinished(ledger) == []
    claim = claimed(ledger)
    claim.intend("IX-1", "hash")
    claim.booked(REAL)
    claim.held("its source does not take the report")
    assert (unfinished(ledger), drafts(ledger)) == ([REF.source_id], [])
