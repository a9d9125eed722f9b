"""What the ledger keeps of payments: polls as a whole or not at all, and what each source was told."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.commands.describe import as_json, describe
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import StepState
from invoice_bridge_core.errors import LeaseLostError, LedgerError
from invoice_bridge_core.ledger.database.tables import payment_statuses, payments
from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT, PaymentClaim
from invoice_bridge_core.ledger.payments.polls import Poll
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges, ReceivedPayment
from tests.builders import document
from tests.ledger.rows import REF, booking, claimed, expire, other_ref, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.payments.polls import PollResult

CONN, NAME = "xero_default", "payments of qondor_xero"
ON = dt.date(2026, 11, 20)
BOOKED = booking()


def transferred(ledger: Ledger, source_id: str = REF.source_id, **changes: Any) -> None:
    """A document that was booked and reported; its booking differs from the ordinary one by the changes."""
    ref = other_ref(source_id)
    facts = {
        "kind": changes.pop("kind", DocumentKind.OFFER_INVOICE),
        "credited_source_id": changes.pop("credits", None),
    }
    ledger.upsert_facts([DocumentFacts.from_document(document(ref=ref, number=f"Q-{source_id}", **facts), "entry")])
    claim = claimed(ledger, ref=ref, finance_conn=CONN)
    claim.intend(f"Q-{source_id}", "hash")
    claim.booked(booking(**changes))
    claim.transferred()


def booking_status(**changes: Any) -> BookingStatus:
    of_booking = {"number", "status", "is_draft", "finance_id"} & changes.keys()
    named: dict[str, Any] = {name: changes.pop(name) for name in of_booking}
    return BookingStatus(booking=BOOKED.model_copy(update=named), **changes)


PAID = booking_status(status="PAID", paid=Decimal(10000), is_paid_in_full=True, paid_in_full_on=ON)


def poll(ledger: Ledger, *booking_statuses: BookingStatus, cursor: str | None = None, **how: Any) -> PollResult:
    values: dict[str, Any] = {"asked": {}, "payment_numbers": {}, "asked_all": False, "adds_up": False}
    news = PaymentChanges(booking_statuses=booking_statuses, payments=how.pop("received", ()), cursor=cursor)
    return ledger.payments.keep_poll(Poll(name=NAME, finance_conn=CONN, changes=news, **values | how))


def received(payment_id: str, amount: str, **changes: Any) -> ReceivedPayment:
    values: dict[str, Any] = {"number": "Q-10023", "currency": "NOK", "paid_on": ON} | changes
    return ReceivedPayment(payment_id=payment_id, amount=Decimal(amount), **values)


def entry(ledger: Ledger, source_id: str = REF.source_id) -> PaymentStatusRow:
    found = ledger.payments.status(other_ref(source_id))
    assert found is not None
    return found


def known(ledger: Ledger, source_id: str = REF.source_id) -> BookingStatus:
    found = entry(ledger, source_id).booking_status
    assert found is not None
    return found


def notes(ledger: Ledger, source_id: str = REF.source_id) -> list[str]:
    return [change.note for change in ledger.history(row_of(ledger, other_ref(source_id)))]


def count(ledger: Ledger, table: sa.Table) -> int:
    with ledger.transaction() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_was_never_booked_has_no_payment_status(ledger: Ledger) -> None:
    claimed(ledger).release()
    assert ledger.payments.status(REF) is None
    assert ledger.payments.unfinished(REF.system, REF.conn_id, CONN) == []


def test_a_poll_keeps_how_our_bookings_stand_and_nobody_elses(ledger: Ledger) -> None:
    transferred(ledger)
    assert (entry(ledger).booking_status, entry(ledger).seen_at) == (None, None)
    poll(
        ledger,
        PAID,
        booking_status(finance_id="foreign", paid=Decimal(1)),
        cursor="c-1",
        payment_numbers={"f-1": "p-1"},
    )
    assert known(ledger) == PAID
    assert (entry(ledger).payment_number, entry(ledger).told_on) == ("p-1", None)
    assert entry(ledger).seen_at is not None
    assert count(ledger, payment_statuses) == 1


def test_the_cursor_moves_with_the_poll_and_stays_where_a_poll_brought_none(ledger: Ledger) -> None:
    assert ledger.payments.cursor(NAME) is None
    poll(ledger, cursor="c-1")
    first = ledger.payments.cursor(NAME)
    assert first is not None
    assert (first.cursor, first.asked_at) == ("c-1", None)
    poll(ledger, asked_all=True)
    second = ledger.payments.cursor(NAME)
    assert second is not None
    assert (second.cursor, second.asked_at is not None, second.polled_at > first.polled_at) == ("c-1", True, True)
    poll(ledger, cursor="c-2")
    third = ledger.payments.cursor(NAME)
    assert third is not None
    assert (third.cursor, third.asked_at) == ("c-2", second.asked_at)
    assert ledger.payments.cursor("payments of another") is None


WRONG: Mapping[str, Any] = {
    # Each breaks another statement of the transaction.
    "a booking_status": {"booking_statuses": (booking_status(is_paid_in_full=True, paid_in_full_on=ON, is_gone=True),)},
    "a payment": {"received": (received("p-1", "5"), received("p-2", "1", paid_on=None)), "adds_up": True},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_poll_is_kept_as_a_whole_or_not_at_all(ledger: Ledger, wrong: Mapping[str, Any]) -> None:
    transferred(ledger)
    transferred(ledger, "2", number="Q-2", finance_id="f-2")
    poll(ledger, cursor="c-1")
    before = notes(ledger, "2")
    with pytest.raises(LedgerError):
        poll(ledger, booking_status(finance_id="f-2", paid=Decimal(7)), *wrong.get("booking_statuses", ()),
             cursor="c-2",
             **{name: value for name, value in wrong.items() if name != "booking_statuses"})  # fmt: skip
    cursor = ledger.payments.cursor(NAME)
    assert cursor is not None
    assert cursor.cursor == "c-1"
    assert (count(ledger, payment_statuses), count(ledger, payments)) == (0, 0)
    assert notes(ledger, "2") == before


def test_payments_are_added_up_and_one_that_comes_again_counts_once(ledger: Ledger) -> None:
    transferred(ledger)
    kept = poll(ledger, received=(received("p-1", "4000"),), adds_up=True)
    assert [(str(ref), payment.payment_id) for ref, payment in kept.ours] == [(str(REF), "p-1")]
    again = (received("p-1", "4000"), received("p-2", "6000", paid_on=ON + dt.timedelta(days=1)))
    assert len(poll(ledger, received=again, adds_up=True).ours) == 2
    assert known(ledger) == booking_status(
        paid=Decimal(10000), is_paid_in_full=True, paid_in_full_on=ON + dt.timedelta(days=1)
    )
    assert entry(ledger).payment_number == "p-2"


def test_an_invoice_that_was_paid_again_after_a_correction_is_known_by_the_new_payment(ledger: Ledger) -> None:
    transferred(ledger)
    poll(ledger, received=(received("p-1", "10000"),), adds_up=True)
    late = ON + dt.timedelta(days=3)
    poll(ledger, received=(received("p-2", "-10000", paid_on=late),), adds_up=True)
    assert (known(ledger).paid, known(ledger).is_paid_in_full) == (0, False)
    poll(ledger, received=(received("p-3", "10000", paid_on=late),), adds_up=True)
    assert (known(ledger).paid_in_full_on, entry(ledger).payment_number) == (ON, "p-3")


def test_strangers_payments_and_odd_currencies_are_not_kept(ledger: Ledger) -> None:
    transferred(ledger)
    odd, unnamed = received("p-2", "5", currency="SEK"), received("p-3", "6", currency=None)
    kept = poll(ledger, received=(received("p-1", "4", number="F-1"), odd, unnamed), adds_up=True)
    assert (kept.odd, [payment for _, payment in kept.ours]) == ((odd,), [unnamed])
    assert known(ledger).paid == 6


def test_what_finance_says_of_a_draft_does_not_forget_what_was_paid(ledger: Ledger) -> None:
    transferred(ledger, is_draft=True, status="CREATED")
    poll(ledger, received=(received("p-1", "10000"),), adds_up=True)
    assert (known(ledger).paid, known(ledger).is_paid_in_full, known(ledger).booking.is_draft) == (10000, False, True)
    poll(ledger, asked={"f-1": booking_status(status="ACTIVATED")}, adds_up=True)
    assert (known(ledger).paid, known(ledger).paid_in_full_on, known(ledger).booking.is_draft) == (10000, ON, False)
    poll(ledger, asked={"f-1": booking_status(is_gone=True)}, adds_up=True)
    assert (known(ledger).is_gone, known(ledger).is_paid_in_full, known(ledger).paid) == (True, False, 10000)


@pytest.mark.parametrize(("is_draft", "is_paid"), [(False, True), (True, False)], ids=["real", "draft"])
def test_our_own_credit_note_counts_once_it_is_real(ledger: Ledger, is_draft: bool, is_paid: bool) -> None:
    transferred(ledger)
    transferred(ledger, "2", kind=DocumentKind.CREDIT_NOTE, credits=REF.source_id, number="Q-2", finance_id="f-2",
                is_draft=is_draft)  # fmt: skip
    poll(ledger, adds_up=True)
    found = entry(ledger).booking_status
    assert (found is not None and found.is_cleared_by_credit) is is_paid
    assert entry(ledger).payment_number == ("Q-2" if is_paid else None)


def test_what_was_told_is_noted_once_with_its_day(ledger: Ledger) -> None:
    transferred(ledger)
    poll(ledger, PAID)
    claim = claimed(ledger, finance_conn=CONN)
    PaymentClaim(claim).telling(ON)
    assert (entry(ledger).telling_on, entry(ledger).told_on) == (ON, None)
    claim.steps.intend(PAYMENT_REPORT)
    PaymentClaim(claim).told(ON)
    found = entry(ledger)
    assert (found.telling_on, found.told_on, found.row.lease_owner) == (None, ON, None)
    assert found.told_at is not None
    [step] = ledger.steps(found.row)
    assert (step.step, step.state) == (PAYMENT_REPORT, StepState.DONE)
    assert notes(ledger)[-1] == "its source was told that it was paid on 2026-11-20"


def test_who_lost_the_lease_notes_nothing_of_payments(ledger: Ledger) -> None:
    transferred(ledger)
    poll(ledger, PAID)
    late = claimed(ledger, "late")
    expire(ledger)
    claimed(ledger, "another")
    notes: list[Callable[[], object]] = [
        lambda: PaymentClaim(late).telling(ON),
        lambda: PaymentClaim(late).told(ON),
        lambda: PaymentClaim(late).not_told("no"),
    ]
    for note in notes:
        with pytest.raises(LeaseLostError):
            note()
    assert (entry(ledger).telling_on, entry(ledger).told_on, entry(ledger).reason) == (None, None, None)


def test_a_reason_stays_until_finance_says_something_else(ledger: Ledger) -> None:
    transferred(ledger)
    poll(ledger, PAID)
    PaymentClaim(claimed(ledger)).not_told("Qondor does not take it")
    assert notes(ledger)[-1] == "payment not reported: Qondor does not take it"
    poll(ledger, PAID)
    assert entry(ledger).reason == "Qondor does not take it"
    poll(ledger, PAID, payment_numbers={"f-1": "p-9"})
    assert entry(ledger).reason is None
    PaymentClaim(claimed(ledger)).not_told("Qondor does not take it")
    poll(ledger, booking_status(paid=Decimal(1)))
    assert (entry(ledger).reason, entry(ledger).payment_number) == (None, None)


def in_play(ledger: Ledger, **how: Any) -> list[str]:
    return [each.row.ref.source_id for each in ledger.payments.unfinished(REF.system, REF.conn_id, CONN, **how)]


def test_who_is_in_play(ledger: Ledger) -> None:
    transferred(ledger)
    assert in_play(ledger) == [REF.source_id]
    poll(ledger, PAID)
    PaymentClaim(claimed(ledger)).told(ON)
    told_at = entry(ledger).told_at
    assert told_at is not None
    assert (in_play(ledger), in_play(ledger, told_since=told_at)) == ([], [REF.source_id])
    assert in_play(ledger, told_since=told_at + dt.timedelta(seconds=1)) == []
    poll(ledger, booking_status(paid=Decimal(0)))
    assert in_play(ledger) == [REF.source_id]
    assert ledger.payments.unfinished(REF.system, REF.conn_id, "another") == []


def test_kinds_that_are_never_told_are_in_play_only_while_their_source_has_to_hear_of_them(ledger: Ledger) -> None:
    transferred(ledger, kind=DocumentKind.CARD_PAYMENT)
    left = {DocumentKind.CARD_PAYMENT}
    assert (in_play(ledger), in_play(ledger, kinds_left=left)) == ([REF.source_id], [])
    claimed(ledger).renumbered(booking(number="Q-77"))
    assert in_play(ledger, kinds_left=left) == [REF.source_id]


def test_what_was_paid_too_much_stays_in_play_after_it_was_told(ledger: Ledger) -> None:
    transferred(ledger)
    poll(ledger, PAID)
    PaymentClaim(claimed(ledger)).told(ON)
    assert in_play(ledger) == []
    poll(
        ledger,
        booking_status(
            status="PAID", paid=Decimal(12000), credited=Decimal(1), is_paid_in_full=True, paid_in_full_on=ON
        ),
    )
    assert in_play(ledger) == [REF.source_id]
    poll(ledger, PAID)
    assert in_play(ledger) == []


def test_what_people_were_told_of_many_is_noted_at_once(ledger: Ledger) -> None:
    for number in range(1, 4):
        transferred(ledger, str(number), number=f"Q-{number}", finance_id=f"f-{number}")
    poll(ledger, *(booking_status(finance_id=f"f-{number}") for number in range(1, 4)))
    rows = {number: entry(ledger, str(number)).row.id for number in range(1, 4)}
    statements: list[str] = []
    with ledger.transaction() as connection:
        engine = connection.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    ledger.payments.announced({rows[3]: "voided, it's 100 %", rows[1]: "overpaid"})
    assert len([statement for statement in statements if statement.startswith("UPDATE")]) == 1
    assert [entry(ledger, str(number)).announced for number in range(1, 4)] == ["overpaid", None, "voided, it's 100 %"]
    ledger.payments.announced({rows[1]: None})
    ledger.payments.announced({})
    assert [entry(ledger, str(number)).announced for number in range(1, 4)] == [None, None, "voided, it's 100 %"]


def test_one_booking_status_outside_a_poll_moves_no_cursor(ledger: Ledger) -> None:
    transferred(ledger)
    ledger.payments.keep_booking_status(CONN, PAID, actor="a cleared task")
    assert (known(ledger), ledger.payments.cursor(NAME)) == (PAID, None)
    assert ledger.history(row_of(ledger))[-1].actor == "a cleared task"


def test_the_history_tells_what_changed_and_nothing_else(ledger: Ledger) -> None:
    transferred(ledger)
    start = len(notes(ledger))
    for each in (
        booking_status(),
        booking_status(),
        booking_status(paid=Decimal(4000)),
        booking_status(paid=Decimal(4000), credited=Decimal(500)),
        PAID,
        PAID,
        booking_status(),
        booking_status(status="VOIDED", is_gone=True),
    ):
        poll(ledger, each)
    assert [note.replace("\N{NO-BREAK SPACE}", " ") for note in notes(ledger)[start:]] == [
        "finance says: Q-10023: 4 000.00 NOK paid",
        "finance says: Q-10023: 4 000.00 NOK paid, 500.00 NOK credited",
        "finance says: Q-10023: 10 000.00 NOK paid, paid in full on 2026-11-20",
        "finance says: Q-10023: open",
        "finance says: voided",
    ]


def shown(ledger: Ledger) -> str:
    row = row_of(ledger)
    text = describe(row, ledger.steps(row), ledger.history(row), ledger.payments.status(REF))
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_account_of_a_document_says_what_is_paid(ledger: Ledger) -> None:
    claimed(ledger).release()
    assert "Payment" not in shown(ledger)
    transferred(ledger)
    assert "Paid:           finance has said nothing about it yet" in shown(ledger)
    for each, text in (
        (booking_status(), "nothing"),
        (booking_status(is_draft=True), "not yet: it is a draft in finance"),
        (booking_status(is_gone=True), "voided or deleted in finance"),
        (booking_status(paid=Decimal(4000)), "in part of 10 000.00 NOK, 4 000.00 NOK in money"),
        (
            booking_status(paid=Decimal("9999.5"), credited=Decimal(500), is_paid_in_full=True, paid_in_full_on=ON),
            "in full on 2026-11-20, 9 999.50 NOK in money, 500.00 NOK by credit note, overpaid by 499.50 NOK",
        ),
    ):
        poll(ledger, each)
        assert f"\n  Paid:           {text}\n" in shown(ledger)


def test_the_account_of_a_document_says_what_its_source_was_told(ledger: Ledger) -> None:
    transferred(ledger)
    poll(ledger, PAID, payment_numbers={"f-1": "p-1"})
    claim = claimed(ledger)
    PaymentClaim(claim).telling(ON)
    assert "Told:           perhaps that it was paid on 2026-11-20; the answer of its source was lost" in shown(ledger)
    PaymentClaim(claim).not_told("Qondor does not take it")
    assert "Not told:       Qondor does not take it" in shown(ledger)
    PaymentClaim(claimed(ledger)).told(ON)
    text = shown(ledger)
    assert "Payment number: p-1" in text
    assert re.search(r"Told: +paid on 2026-11-20; its source was told 20\d\d-\d\d-\d\d [\d:]+ UTC\n", text)
    assert ("maybe" in text, "Not told" in text) == (False, False)
    told = as_json(row_of(ledger), ledger.payments.status(REF))["payment"]
    assert (told["told_on"], told["number"], told["booking_status"]["is_paid_in_full"]) == ("2026-11-20", "p-1", True)
