"""One task at a time per document, and a fence against those that lost it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LeaseLostError, LedgerError, NeedsHumanError
from tests.builders import document
from tests.ledger.rows import REF, booking, claimed, expire, row_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Ledger


def test_a_document_that_is_claimed_is_busy_for_others(ledger: Ledger) -> None:
    claimed(ledger)
    assert ledger.claim(REF, route="qondor_xero", claimant="run 2/task 0") is None


def test_of_many_threads_that_claim_at_once_one_wins(ledger: Ledger) -> None:
    start = threading.Barrier(8)
    won = []

    def claim(number: int) -> None:
        start.wait()
        if ledger.claim(REF, route="qondor_xero", claimant=f"run {number}") is not None:
            won.append(number)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert row_of(ledger).lease_owner == f"run {won[0]}"


def test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_is_fenced_out(ledger: Ledger) -> None:
    old = claimed(ledger)
    expire(ledger)
    new = claimed(ledger, "run 2/task 0")
    writes: list[Callable[[], object]] = [
        old.renew,
        lambda: old.note_document(document()),
        lambda: old.intend("Q-10023", "hash"),
        lambda: old.booked(booking()),
        lambda: old.held("mapping", None),
        lambda: old.steps.intend("payment"),
        old.release,
    ]
    for write in writes:
        with pytest.raises(LeaseLostError, match="taken over"):
            write()
    assert new.intend("Q-10023", "hash")
    assert row_of(ledger).lease_owner == "run 2/task 0"
    assert ledger.steps(row_of(ledger)) == []


def test_who_lost_the_lease_hears_so_though_it_would_have_to_wait_as_well(ledger: Ledger) -> None:
    old = claimed(ledger)
    old.intend("Q-10023", "hash")
    old.steps.intend("payment")
    expire(ledger)
    claimed(ledger, "run 2/task 0")
    for write in (old.not_found, lambda: old.found_not_booked("not there"), lambda: old.steps.not_found("payment")):
        with pytest.raises(LeaseLostError, match="taken over"):
            write()


def test_a_lease_that_ran_out_and_was_not_taken_still_writes_and_prolongs(ledger: Ledger) -> None:
    claim = claimed(ledger)
    expire(ledger)
    claim.renew()
    assert ledger.claim(REF, route="qondor_xero", claimant="run 2") is None


def test_the_same_task_takes_over_from_its_dead_try(ledger: Ledger) -> None:
    dead = claimed(ledger)
    dead.intend("Q-10023", "hash")
    again = claimed(ledger)
    assert again.row.intent_token == dead.row.intent_token
    with pytest.raises(LeaseLostError):
        dead.booked(booking())


def test_a_lease_runs_out_by_itself(ledger: Ledger) -> None:
    claimed(ledger, seconds=1)
    assert ledger.claim(REF, route="qondor_xero", claimant="run 2") is None
    time.sleep(1.1)
    assert ledger.claim(REF, route="qondor_xero", claimant="run 2") is not None


def test_a_released_document_is_free_and_its_state_is_unchanged(ledger: Ledger) -> None:
    claim = claimed(ledger)
    claim.intend("Q-10023", "hash")
    claim.release("Xero does not answer")
    row = row_of(ledger)
    assert (row.state, row.reason, row.lease_owner, row.leased_until) == (
        DocumentState.WORKING,
        "Xero does not answer",
        None,
        None,
    )
    claimed(ledger, "run 2")
    with pytest.raises(LeaseLostError):
        claim.renew()


def test_an_intent_keeps_its_key_until_it_is_withdrawn(ledger: Ledger) -> None:
    claim = claimed(ledger)
    first = claim.intend("Q-10023", "hash")
    claim.release()
    claim = claimed(ledger, "run 2")
    assert claim.row.state is DocumentState.WORKING
    assert claim.intend("Q-10023", "hash") == first
    claim.withdraw_intent("looked for it: not there")
    assert claim.row.intent_token is None
    assert claim.row.state is DocumentState.SEEN
    assert claim.intend("Q-10023", "hash") != first


@pytest.mark.parametrize(("number", "payload_hash"), [("Q-10023", "other"), ("A-Q-10023", "hash")])
def test_what_may_be_booked_is_not_sent_with_other_content_or_number(
    ledger: Ledger, number: str, payload_hash: str
) -> None:
    claim = claimed(ledger)
    claim.intend("Q-10023", "hash")
    with pytest.raises(LedgerError, match="may be booked as Q-10023"):
        claim.intend(number, payload_hash)


def test_an_intent_for_another_finance_connection_is_for_a_person(ledger: Ledger) -> None:
    claimed(ledger, finance_conn="xero_old").intend("Q-10023", "hash")
    claim = claimed(ledger, finance_conn="xero_new")
    with pytest.raises(NeedsHumanError, match="Look in xero_old first"):
        claim.withdraw_intent("not there")
    with pytest.raises(NeedsHumanError, match="Look in xero_old first"):
        claim.intend("Q-10023", "hash")


def test_a_booking_comes_back_as_it_was_noted(ledger: Ledger) -> None:
    claim = claimed(ledger, finance_conn="xero_default")
    claim.intend("Q-10023", "hash")
    claim.booked(booking())
    row = row_of(ledger)
    assert row.booking == booking()
    assert row.state is DocumentState.BOOKED
    assert row.finance_conn == "xero_default"
    assert row.booked_at is not None
    assert row.booked_at.utcoffset() is not None
    assert claim.row == row


def test_a_booked_document_is_never_booked_again_rejected_or_taken_for_not_booked(ledger: Ledger) -> None:
    claim = claimed(ledger)
    claim.intend("Q-10023", "hash")
    claim.booked(booking())
    for write in (
        lambda: claim.intend("Q-10023", "hash"),
        lambda: claim.withdraw_intent("not there"),
        lambda: claim.rejected("wrong date"),
        lambda: claim.booked(booking(finance_id="f-2")),
        lambda: claim.update_booking(booking(finance_id="f-2")),
    ):
        with pytest.raises(LedgerError, match=r"booked as Q-10023|not booked as"):
            write()
    assert row_of(ledger).booking == booking()


def test_one_booking_is_never_two_documents(ledger: Ledger) -> None:
    claim = claimed(ledger, finance_conn="xero_default")
    claim.booked(booking())
    other = claimed(ledger, ref=REF.model_copy(update={"source_id": "2"}), finance_conn="xero_default")
    with pytest.raises(NeedsHumanError, match="another document"):
        other.booked(booking())
    elsewhere = claimed(ledger, ref=REF.model_copy(update={"source_id": "3"}), finance_conn="quiddly_default")
    elsewhere.booked(booking())
    assert other.row.booking is None
    assert elsewhere.row.booking == booking()


def test_only_what_is_booked_is_transferred(ledger: Ledger) -> None:
    claim = claimed(ledger)
    with pytest.raises(LedgerError, match="not booked"):
        claim.transferred()
    claim.booked(booking())
    claim.update_booking(booking(status="PAID"))
    claim.transferred("the PDF could not be fetched")
    row = row_of(ledger)
    assert (row.state, row.reason, row.lease_owner) == (
        DocumentState.TRANSFERRED,
        "the PDF could not be fetched",
        None,
    )
    assert row.reported_at is not None
    assert row.booking is not None
    assert row.booking.status == "PAID"


def test_what_may_be_booked_is_not_rejected(ledger: Ledger) -> None:
    claim = claimed(ledger)
    claim.intend("Q-10023", "hash")
    with pytest.raises(LedgerError, match="may be booked"):
        claim.rejected("wrong date")
    claim.withdraw_intent("refused")
    claim.rejected("wrong date")
    assert row_of(ledger).state is DocumentState.REJECTED
    assert row_of(ledger).reason == "wrong date"


def test_people_are_told_once_per_reason(ledger: Ledger) -> None:
    def told_at() -> dt.datetime | None:
        return row_of(ledger).announced_at

    claimed(ledger).held("account 200 is archived", "fingerprint 1")
    first = told_at()
    assert first is not None
    assert row_of(ledger).held_fingerprint == "fingerprint 1"
    claimed(ledger).held("account 200 is archived", "fingerprint 2")
    claimed(ledger).release("Xero does not answer")
    claimed(ledger).held("account 200 is archived", None)
    assert told_at() == first
    claimed(ledger).in_doubt("found another total", None)
    row = row_of(ledger)
    assert (row.state, row.reason, row.held_fingerprint) == (DocumentState.IN_DOUBT, "found another total", None)
    assert row.announced_at is not None
    assert row.announced_at > first


def test_a_claim_makes_the_row_and_reading_fills_it(ledger: Ledger) -> None:
    claim = claimed(ledger)
    assert claim.row.label == REF.source_id
    assert not claim.row.facts.is_readable
    claim.note_document(document())
    assert claim.row.label == document().label
    assert claim.row.facts.is_readable
    assert claim.row.facts.kind is document().kind
    assert claim.row.signed_total == document().total_incl_vat
