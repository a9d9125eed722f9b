"""Card money and allocations on the sandbox, once each, whatever breaks, and how many calls that takes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.errors import ConfigurationError, OutcomeUnknownError, RefusedError
from tests.builders import document, line
from tests.systems.xero.desk import CARD, LOST, NOTE, REFUND
from tests.systems.xero.openapi import check_body

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking
    from tests.systems.xero.conftest import NotedSteps, Xero
    from tests.systems.xero.desk import Desk


def test_an_ordinary_invoice_needs_nothing_more(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    booking = desk.book(document())
    xero.calls()
    assert xero.finance().follow_ups.finish(document(), booking, None, steps) == booking
    assert xero.calls() == []


@pytest.mark.parametrize(("name", "status"), [("090", "DRAFT"), ("Card settlements", "AUTHORISED")])
def test_a_card_payment_is_paid_at_once(xero: Xero, desk: Desk, steps: NotedSteps, name: str, status: str) -> None:
    finance = xero.finance(card_payment_account=name, invoice_status=status)
    booking = desk.book(CARD, finance)
    finished = finance.follow_ups.finish(CARD, booking, None, steps)
    _, paid = xero.entries()
    check_body("Payment", paid.body["Payments"][0])
    assert (paid.method, paid.path.rpartition("/")[2]) == ("PUT", "Payments")
    assert paid.body["Payments"][0]["Reference"] == "qondor:qondor_default:12345 card"
    invoice = xero.books.invoices[booking.finance_id]
    assert (invoice["Status"], invoice["FullyPaidOnDate"], finished.status) == ("PAID", "2026-11-02", "PAID")
    assert finance.follow_ups.finish(CARD, finished, None, steps) == finished
    assert xero.calls() == []


@pytest.mark.parametrize("fault", LOST)
def test_a_payment_whose_answer_was_lost_is_not_sent_again(
    xero: Xero, desk: Desk, steps: NotedSteps, fault: dict[str, Any]
) -> None:
    booking = desk.book(CARD)
    desk.fault("PUT", "*/Payments", **fault)
    with pytest.raises(OutcomeUnknownError):
        xero.finance().follow_ups.finish(CARD, booking, None, steps)
    xero.calls()
    assert xero.finance().follow_ups.finish(CARD, booking, None, steps).status == "PAID"
    assert xero.calls() == ["GET /Payments"]
    assert len(xero.books.payments.rows()) == 1
    assert steps.ids["payment"] == xero.books.payments.rows()[0]["PaymentID"]


@pytest.mark.parametrize("kind", ["close", "error", "unavailable"])
def test_a_payment_that_never_arrived_is_sent_after_a_look(
    xero: Xero, desk: Desk, steps: NotedSteps, kind: str
) -> None:
    booking = desk.book(CARD)
    desk.fault("PUT", "*/Payments", kind=kind, when="before")
    with pytest.raises(OutcomeUnknownError):
        xero.finance().follow_ups.finish(CARD, booking, None, steps)
    xero.calls()
    assert xero.finance().follow_ups.finish(CARD, booking, None, steps).status == "PAID"
    assert xero.calls() == ["GET /Payments", "GET /Accounts", "PUT /Payments"]


def test_a_deleted_payment_does_not_count_as_sent(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    booking = desk.book(CARD)
    desk.fault("PUT", "*/Payments", kind="close", when="after")
    with pytest.raises(OutcomeUnknownError):
        xero.finance().follow_ups.finish(CARD, booking, None, steps)
    xero.books.accounting.payments.delete(xero.books.payments.rows()[0])
    xero.finance().follow_ups.finish(CARD, booking, None, steps)
    assert [row["Status"] for row in xero.books.payments.rows()] == ["DELETED", "AUTHORISED"]


def test_a_card_payment_that_somebody_paid_already_is_left(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    booking = desk.book(CARD)
    desk.pay(booking, "10000.00")
    finished = xero.finance().follow_ups.finish(CARD, booking, None, steps)
    assert finished.warnings == ("Q-CARD is already paid in Xero, so its card payment was not booked",)
    assert steps.state["payment"] == "refused"


def test_a_card_payment_that_is_partly_paid_is_held(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    booking = desk.book(CARD)
    desk.pay(booking, "1.00")
    with pytest.raises(RefusedError, match="exceeds the amount outstanding"):
        xero.finance().follow_ups.finish(CARD, booking, None, steps)
    assert steps.state["payment"] == "refused"


def test_card_money_without_an_account_waits_for_us(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    booking = desk.book(CARD)
    for name in (None, "777"):
        with pytest.raises(ConfigurationError, match=r"card_payment_account|'777'"):
            xero.finance(card_payment_account=name).follow_ups.finish(CARD, booking, None, steps)
    assert steps.state == {}


@pytest.mark.parametrize("fault", [None, *LOST])
def test_a_card_refund_is_booked_once_and_not_allocated(
    xero: Xero, desk: Desk, steps: NotedSteps, fault: dict[str, Any] | None
) -> None:
    invoice = desk.book(document())
    finance = xero.finance(invoice_status="DRAFT")
    booking = desk.book(REFUND, finance)
    if fault:
        desk.fault("PUT", "*/Payments", **fault)
        with pytest.raises(OutcomeUnknownError):
            finance.follow_ups.finish(REFUND, booking, invoice, steps)
    xero.calls()
    finished = finance.follow_ups.finish(REFUND, booking, invoice, steps)
    assert xero.calls() == (["GET /CreditNotes/{note_id}"] if fault else ["PUT /Payments"])
    assert len(xero.books.payments.rows()) == 1
    assert not xero.books.allocations.rows()
    assert finished.status == xero.books.credit_notes[booking.finance_id]["Status"] == "PAID"
    assert booking.link == (
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=!F9nD4"
        f"&redirecturl=/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={booking.finance_id}"
    )


def test_a_credit_note_is_allocated_in_one_more_call(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice = desk.book(document())
    xero.calls()
    booking = desk.book(NOTE)
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    created, allocated = xero.entries()
    check_body("CreditNote", created.body["CreditNotes"][0])
    check_body("Allocation", allocated.body["Allocations"][0])
    assert (finished.status, finished.warnings) == ("PAID", ())
    assert xero.books.invoices[invoice.finance_id]["Status"] == "PAID"


def test_an_allocation_whose_answer_was_lost_is_not_made_twice(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice = desk.book(document(line("20000.00")))
    booking = desk.book(NOTE)
    desk.fault("PUT", "*/Allocations", kind="close", when="after")
    with pytest.raises(OutcomeUnknownError):
        xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    xero.calls()
    xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert xero.calls() == ["GET /CreditNotes/{note_id}"]
    assert [row["Amount"] for row in xero.books.allocations.rows()] == [Decimal("10000.00")]


def test_a_partly_paid_invoice_takes_what_it_has_open(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    desk.pay(invoice, "4000.00")
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert [row["Amount"] for row in xero.books.allocations.rows()] == [Decimal("6000.00")]
    assert finished.warnings == ("Q-10023 had less open than Q-NOTE: 4 000.00 NOK stays as credit",)
    assert xero.finance().follow_ups.finish(NOTE, finished, invoice, steps) == finished


def test_a_credit_note_that_somebody_used_in_part_gives_what_it_has_left(
    xero: Xero, desk: Desk, steps: NotedSteps
) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    other = desk.book(document(line("3200.00"), number="Q-OTHER"))
    allocate(xero, booking, other, "4000.00")
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert amounts_to(xero, invoice) == [Decimal("6000.00")]
    assert (finished.status, finished.warnings) == ("PAID", ("4 000.00 NOK of Q-NOTE is used elsewhere in Xero",))
    assert xero.books.invoices[invoice.finance_id]["AmountDue"] == Decimal("4000.00")


def test_the_smaller_of_credit_and_due_is_allocated_after_a_lost_try(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    desk.fault("PUT", "*/Allocations", kind="close", when="before")
    with pytest.raises(OutcomeUnknownError):
        xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    allocate(xero, booking, desk.book(document(line("3200.00"), number="Q-OTHER")), "4000.00")
    xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert amounts_to(xero, invoice) == [Decimal("6000.00")]


def test_a_credit_note_that_is_used_up_elsewhere_is_said(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    allocate(xero, booking, desk.book(document(number="Q-OTHER")), "10000.00")
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert finished.warnings == ("Credit note Q-NOTE is not allocated: Q-NOTE is already paid in Xero",)
    assert amounts_to(xero, invoice) == []


@pytest.mark.parametrize("when", ["before", None])
def test_a_refund_is_not_taken_for_booked_because_the_credit_is_used_up(
    xero: Xero, desk: Desk, steps: NotedSteps, when: str | None
) -> None:
    booking = desk.book(REFUND)
    if when is not None:
        desk.fault("PUT", "*/Payments", kind="close", when=when)
        with pytest.raises(OutcomeUnknownError):
            xero.finance().follow_ups.finish(REFUND, booking, None, steps)
    allocate(xero, booking, desk.book(document(number="Q-OTHER")), "10000.00")
    finished = xero.finance().follow_ups.finish(REFUND, booking, None, steps)
    assert finished.warnings == ("Q-REFUND is already used up in Xero, so its refund was not booked",)
    assert steps.state["refund"] == "refused"
    assert xero.books.payments.rows() == []


@pytest.mark.parametrize("one", [CARD, REFUND])
def test_card_money_is_dated_as_its_document_whenever_it_is_booked(
    xero: Xero, desk: Desk, steps: NotedSteps, one: Document
) -> None:
    one = one.model_copy(update={"invoice_date": dt.date(2026, 10, 7)})
    booking = desk.book(one)
    xero.calls()
    xero.finance().follow_ups.finish(one, booking, None, steps)
    [sent] = [entry.body["Payments"][0] for entry in xero.entries() if entry.method == "PUT"]
    assert (sent["Date"], sent["Amount"]) == ("2026-10-07", 10000)


def allocate(xero: Xero, note: Booking, invoice: Booking, amount: str) -> None:
    """Somebody allocates a part of a credit note by hand."""
    body = {"Invoice": {"InvoiceID": invoice.finance_id}, "Amount": Decimal(amount), "Date": "2026-11-10"}
    xero.books.accounting.credit_notes.allocate(xero.books.credit_notes[note.finance_id], body)


def amounts_to(xero: Xero, invoice: Booking) -> list[Decimal]:
    """What credit notes gave to the invoice."""
    return [row["Amount"] for row in xero.books.allocations.rows() if row["InvoiceID"] == invoice.finance_id]


def test_a_credit_note_larger_than_its_invoice_takes_one_call(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document(line("800.00"))), desk.book(NOTE)
    xero.calls()
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert len(xero.calls()) == 1
    assert finished.warnings == ("Q-10023 had less open than Q-NOTE: 9 000.00 NOK stays as credit",)


def test_a_paid_invoice_takes_no_allocation_and_that_is_said_once(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    desk.pay(invoice, "10000.00")
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert finished.warnings == ("Credit note Q-NOTE is not allocated: Q-10023 is already paid in Xero",)
    assert xero.finance().follow_ups.finish(NOTE, finished, invoice, steps) == finished
    assert not xero.books.allocations.rows()


def test_an_allocation_refused_for_another_reason_is_not_sent_again(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    xero.books.books.organisation["PeriodLockDate"] = "2026-11-30"
    xero.calls()
    with pytest.raises(RefusedError, match="lock date"):
        xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert [call for call in xero.calls() if call.startswith("PUT")] == ["PUT /CreditNotes/{note_id}/Allocations"]
    assert steps.state["allocation"] == "refused"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ContactID": "other"}, "Q-10023 is booked on another contact"),
        ({"Status": "DRAFT"}, "Q-10023 is draft in Xero"),
        ({"Status": "VOIDED"}, "Q-10023 is voided in Xero"),
        ({"Status": "PAID"}, "Q-10023 is already paid in Xero"),
    ],
)
def test_what_cannot_be_allocated_is_left_after_a_look(
    xero: Xero, desk: Desk, steps: NotedSteps, change: dict[str, Any], reason: str
) -> None:
    invoice, booking = desk.book(document()), desk.book(NOTE)
    other = xero.books.add_contact(Name="Other AS")["ContactID"]
    row = xero.books.invoices.change(
        invoice.finance_id, **change | ({"ContactID": other} if "ContactID" in change else {})
    )
    known = {"contact_id": row["ContactID"], "status": row["Status"]}
    xero.calls()
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice.model_copy(update=known), steps)
    assert finished.warnings == (f"Credit note Q-NOTE is not allocated: {reason}",)
    assert xero.calls() == ["GET /Invoices/{invoice_id}", "GET /CreditNotes/{note_id}"]


def test_another_currency_is_left(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice, booking = desk.book(document(currency="SEK")), desk.book(NOTE)
    finished = xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert finished.warnings == ("Credit note Q-NOTE is not allocated: Q-10023 is in SEK",)
    assert not xero.books.allocations.rows()


def test_a_draft_credit_note_is_left_without_a_call(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    finance = xero.finance(invoice_status="DRAFT")
    invoice, booking = desk.book(document(), finance), desk.book(NOTE, finance)
    xero.calls()
    finished = finance.follow_ups.finish(NOTE, booking, invoice, steps)
    assert finished.warnings == ("Credit note Q-NOTE is not allocated: Q-NOTE is draft in Xero",)
    assert xero.calls() == []


@pytest.mark.parametrize("paid", ["0", "4000.00"])
def test_an_invoice_that_went_to_the_notes_contact_by_a_merge_is_credited(
    xero: Xero, desk: Desk, steps: NotedSteps, paid: str
) -> None:
    invoice = desk.book(document())
    if Decimal(paid):
        desk.pay(invoice, paid)
    merged = xero.books.add_contact(Name="Acme Group AS")["ContactID"]
    xero.books.contacts.change(desk.contact_id, ContactStatus="ARCHIVED", MergedToContactID=merged)
    xero.books.invoices.change(invoice.finance_id, ContactID=merged)
    booking = desk.book(NOTE, contact_id=merged)
    xero.finance().follow_ups.finish(NOTE, booking, invoice, steps)
    assert [row["Amount"] for row in xero.books.allocations.rows()] == [Decimal("10000.00") - Decimal(paid)]
    assert xero.books.invoices[invoice.finance_id]["Status"] == "PAID"


def test_an_invoice_that_was_a_draft_when_it_was_booked_is_credited(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    invoice = desk.book(document(), xero.finance(invoice_status="DRAFT"))
    booking = desk.book(NOTE)
    xero.books.bookkeeper.authorise("Q-10023")
    assert xero.finance().follow_ups.finish(NOTE, booking, invoice, steps).status == "PAID"


def test_a_credit_note_without_its_invoice_says_so_when_it_names_one(xero: Xero, desk: Desk, steps: NotedSteps) -> None:
    booking = desk.book(NOTE)
    named = xero.finance().follow_ups.finish(NOTE, booking, None, steps)
    assert named.warnings == ("Credit note Q-NOTE is not allocated: its invoice Q-10023 is not in Xero",)
    nameless = NOTE.model_copy(update={"credited_number": None, "credited_source_id": None})
    assert xero.finance().follow_ups.finish(nameless, booking, None, steps).warnings == ()
