"""Bookings that changed after their source was told of them: drafts that became real, and other numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.transfer.report import REPORT
from tests.ledger.rows import REF, booking, claimed

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Claim, Ledger
    from invoice_bridge_core.ports import Booking


DRAFT = booking(number="IX-1", status="DRAFT", is_draft=True, customer_code="K-1")
REAL = booking(number="IX-2")


def told_of(ledger: Ledger, known: Booking) -> Claim:
    claim = claimed(ledger)
    claim.intend("IX-1", "hash")
    claim.booked(known)
    claim.steps.intend(REPORT)
    claim.steps.done(REPORT)
    claim.transferred()
    return claimed(ledger)


def unfinished(ledger: Ledger) -> list[str]:
    return [row.ref.source_id for row in ledger.unfinished(REF.system, REF.conn_id)]


def test_what_a_booking_says_is_kept(ledger: Ledger) -> None:
    assert told_of(ledger, DRAFT).row.booking == DRAFT


def test_a_draft_that_became_real_waits_for_its_report(ledger: Ledger) -> None:
    claim = told_of(ledger, DRAFT)
    assert unfinished(ledger) == []
    claim.became_real(REAL)
    row = claim.row
    assert (row.state, row.reported_at, row.lease_owner) == (DocumentState.BOOKED, None, None)
    assert row.booking is not None
    assert (row.booking.number, row.booking.is_draft) == ("IX-2", False)
    assert unfinished(ledger) == [REF.source_id]
    assert ledger.history(row)[-1].note == "its draft became IX-2"


@pytest.mark.parametrize(
    ("found", "text"),
    [(DRAFT, "has no draft that became IX-1"), (booking(finance_id="f-2"), "is not booked as Q-10023")],
    ids=["still a draft", "another"],
)
def test_only_its_own_draft_becomes_real(ledger: Ledger, found: Booking, text: str) -> None:
    with pytest.raises(LedgerError, match=text):
        told_of(ledger, DRAFT).became_real(found)


def test_a_real_invoice_does_not_become_real_again(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="has no draft that became IX-2"):
        told_of(ledger, REAL).became_real(REAL)


def test_another_number_waits_for_its_report_too(ledger: Ledger) -> None:
    claim = told_of(ledger, booking(number="IX-1"))
    claim.steps.reopen(REPORT)
    claim.renumbered(REAL)
    row = claim.row
    assert (row.state, row.reported_at, row.lease_owner) == (DocumentState.BOOKED, None, None)
    assert unfinished(ledger) == [REF.source_id]
    notes = [change.note for change in ledger.history(row)]
    assert notes[-2:] == [f"step {REPORT}: to be sent again", "its number in finance became IX-2"]
    with pytest.raises(LedgerError, match="is not booked as Q-10023"):
        claimed(ledger).renumbered(booking(finance_id="f-2"))


def test_a_step_that_is_opened_again_has_a_new_key_and_is_known_to_have_been_tried(ledger: Ledger) -> None:
    steps = told_of(ledger, REAL).steps
    [before] = ledger.steps(claimed(ledger).row)
    claim = claimed(ledger)
    steps = claim.steps
    steps.reopen(REPORT)
    assert (steps.is_done(REPORT), steps.was_tried(REPORT)) == (False, True)
    [reopened] = ledger.steps(claim.row)
    assert not reopened.is_unanswered
    assert steps.intend(REPORT) != before.token
    steps.reopen(REPORT)
    [record] = ledger.steps(claimed(ledger).row)
    assert (record.state, record.refusals, record.is_unanswered) == (StepState.INTENDED, 1, True)
    steps.reopen("never sent")
    assert len(ledger.steps(claimed(ledger).row)) == 1


def test_a_held_document_is_unfinished_when_it_is_booked_and_not_otherwise(ledger: Ledger) -> None:
    claim = claimed(ledger)
    claim.held("no account")
    assert unfinished(ledger) == []
    claim = claimed(ledger)
    claim.intend("IX-1", "hash")
    claim.booked(REAL)
    claim.held("its source does not take the report")
    assert unfinished(ledger) == [REF.source_id]
