"""Booking and finding on the sandbox, with its rules and faults, and how many calls that takes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge.systems.xero import open_finance
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.errors import (
    ConfigurationError,
    ContactUnusableError,
    InDoubtError,
    NotFoundError,
    NumberTakenError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from tests.builders import document, line, party
from tests.systems.found import booked_as
from tests.systems.quiddly.bodies import quiddly_route
from tests.systems.xero.desk import LOST, NOTE
from tests.systems.xero.openapi import check_body

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking
    from tests.systems.xero.conftest import Xero
    from tests.systems.xero.desk import Desk


def finance_id(found: Booking | None) -> str | None:
    return found.finance_id if found else None


def test_reference_data_is_four_calls_and_tells_changes(xero: Xero) -> None:
    one = xero.finance().reference.read()
    assert len(xero.calls()) == 4
    assert one.fingerprint == xero.finance().reference.read().fingerprint
    [account] = xero.books.books.accounts.find("Code", "200")
    xero.books.books.accounts.change(account["AccountID"], Status="ARCHIVED")
    changed = xero.finance().reference.read()
    assert changed.fingerprint != one.fingerprint
    messages = [problem.message for problem in xero.finance().bookings.problems(document(), changed)]
    assert messages == ["Account 200 'Sales 25 %' is archived in Xero, which article code 'VAT25' is mapped to"]


def test_an_invoice_of_a_known_customer_is_one_call(xero: Xero, desk: Desk) -> None:
    one = document(line("4000.00", quantity=Decimal(3), unit_price_excl_vat=Decimal("1333.3333")), line("-100.00"))
    assert xero.finance().bookings.problems(one, desk.reference) == []
    booking = desk.book(one)
    (entry,) = xero.entries()
    check_body("Invoice", entry.body["Invoices"][0])
    assert (entry.method, entry.query) == ("PUT", "summarizeErrors=false&unitdp=4")
    assert (booking.total, booking.status, booking.marker) == (Decimal("4875.00"), "AUTHORISED", None)
    assert (booking.currency, booking.contact_id, booking.due_date) == ("NOK", desk.contact_id, dt.date(2026, 12, 2))
    assert (
        booking.link
        == f"https://go.xero.com/app/{xero.books.books.organisation['ShortCode']}/invoicing/view/{booking.finance_id}"
    )
    assert booking.warnings == ()


def test_an_invoice_of_a_new_customer_is_four_calls(xero: Xero, desk: Desk) -> None:
    finance, new = (
        xero.finance(),
        party(key="7", name="New AS", tax_numbers=("NO999888777MVA", "999888777"), email="n@new.example"),
    )
    assert finance.contacts.find(new) is None
    made = finance.contact_editor.create(new, idempotency_key="c", name_is_taken=False)
    desk.book(document(party=new), finance, made.contact_id)
    assert xero.calls() == ["GET /Contacts", "GET /Contacts", "PUT /Contacts", "PUT /Invoices"]


@pytest.mark.parametrize("one", [document(), NOTE])
@pytest.mark.parametrize("fault", LOST)
def test_a_booking_whose_answer_was_lost_is_found_in_one_call(
    xero: Xero, desk: Desk, one: Document, fault: dict[str, Any]
) -> None:
    finance = xero.finance()
    assert booked_as(finance, one) is None
    desk.fault("PUT", "*/Invoices", **fault)
    desk.fault("PUT", "*/CreditNotes", **fault)
    with pytest.raises(OutcomeUnknownError):
        desk.book(one, finance)
    xero.calls()
    found = booked_as(finance, one)
    assert found is not None
    assert len(xero.calls()) == 1
    assert (found.number, found.marker, found.total) == (one.number, finance.bookings.marker(one), Decimal("10000.00"))
    with pytest.raises(NumberTakenError):
        desk.book(one, finance)


def test_a_search_that_fails_is_not_nothing_found(xero: Xero, desk: Desk) -> None:
    xero.sandbox.fault("unavailable", "xero", "GET", "*/Invoices")
    with pytest.raises(TransientError):
        booked_as(xero.finance(), document())


def test_a_voided_invoice_keeps_its_number_and_a_deleted_draft_does_not(xero: Xero, desk: Desk) -> None:
    finance = xero.finance(invoice_status="DRAFT")
    draft = desk.book(document(), finance)
    found = booked_as(finance, document())
    assert found is not None
    assert found.status == "DRAFT"
    xero.books.accounting.invoices.create_or_update({"InvoiceID": draft.finance_id, "Status": "DELETED"}, 4)
    assert booked_as(finance, document()) is None
    booked = desk.book(document(purchase_order="again"))
    xero.books.accounting.invoices.create_or_update({"InvoiceID": booked.finance_id, "Status": "VOIDED"}, 4)
    found = booked_as(finance, document())
    assert found is not None
    assert (found.finance_id, found.status) == (booked.finance_id, "VOIDED")


def test_a_bill_of_the_same_number_is_not_ours(xero: Xero, desk: Desk) -> None:
    xero.books.add_invoice(
        Type="ACCPAY", InvoiceNumber="Q-10023", Contact={"ContactID": desk.contact_id}, Status="DRAFT",
        LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": Decimal(1), "AccountCode": "400"}],
    )  # fmt: skip
    assert booked_as(xero.finance(), document()) is None


@pytest.mark.parametrize("number", ["Q-1, 2", "Q&1+2=3", "Å-1/2 #7", "q-1"])
def test_odd_numbers_are_found(xero: Xero, desk: Desk, number: str) -> None:
    one = document(number=number)
    booked = desk.book(one)
    assert finance_id(booked_as(xero.finance(), one)) == booked.finance_id
    assert booked_as(xero.finance(), document(number=number + "0")) is None


def test_a_number_that_cannot_be_asked_for_needs_a_person(xero: Xero) -> None:
    for kind in (DocumentKind.OFFER_INVOICE, DocumentKind.CREDIT_NOTE):
        with pytest.raises(InDoubtError):
            booked_as(xero.finance(), document(number='Q"1', kind=kind))


def test_the_credited_invoice_is_found_with_and_without_the_prefix(xero: Xero, desk: Desk) -> None:
    by_hand = desk.book(document())
    finance = xero.finance(number_prefix="QO-")
    note = NOTE.model_copy(update={"credited_source_id": document().ref.source_id})
    assert finance_id(finance.credited_invoices.find_credited(note)) == by_hand.finance_id
    ours = desk.book(document(purchase_order="ours"), finance)
    assert ours.number == "QO-Q-10023"
    assert finance_id(finance.credited_invoices.find_credited(note)) == ours.finance_id
    xero.calls()
    assert finance.credited_invoices.find_credited(NOTE.model_copy(update={"credited_number": None})) is None
    assert xero.calls() == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"CurrencyCode": "EUR"}, "it is in EUR, not NOK"),
        ({"Reference": "ixpole:ixpole_default:7"}, "it carries the mark of another document, ixpole:ixpole_default:7"),
        ({"Reference": "qondor:qondor_default:8"}, "it carries the mark of another document, qondor:qondor_default:8"),
        ({"Status": "VOIDED"}, "it is voided"),
    ],
)
def test_what_cannot_be_the_credited_invoice_is_passed_over(
    xero: Xero, desk: Desk, changes: dict[str, str], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    finance = xero.finance(number_prefix="QO-")
    stranger = desk.book(document(), finance)
    xero.books.invoices.change(stranger.finance_id, **{"Reference": "by hand", **changes})
    assert finance.credited_invoices.find_credited(NOTE) is None
    assert f"Invoice QO-Q-10023 in Xero is not what Q-NOTE credits: {why}" in caplog.text
    by_hand = desk.book(document())
    xero.books.invoices.change(by_hand.finance_id, Reference="by hand")
    xero.calls()
    assert finance_id(finance.credited_invoices.find_credited(NOTE)) == by_hand.finance_id
    assert xero.calls() == ["GET /Invoices"]


def test_an_archived_contact_is_told_from_other_refusals(xero: Xero, desk: Desk) -> None:
    xero.books.contacts.change(desk.contact_id, ContactStatus="ARCHIVED")
    with pytest.raises(ContactUnusableError):
        desk.book(document())


def test_an_archived_account_is_a_plain_refusal(xero: Xero, desk: Desk) -> None:
    [account] = xero.books.books.accounts.find("Code", "200")
    xero.books.books.accounts.change(account["AccountID"], Status="ARCHIVED")
    with pytest.raises(RefusedError, match="has been archived") as refused:
        desk.book(document())
    assert type(refused.value) is RefusedError


def test_the_booking_holds_the_total_that_xero_made(xero: Xero, desk: Desk) -> None:
    [account] = xero.books.books.accounts.find("Code", "200")
    xero.books.books.accounts.change(account["AccountID"], TaxType="OUTPUT15")
    assert desk.book(document()).total == Decimal("9200.00")


def test_an_address_that_was_left_out_is_said(xero: Xero, desk: Desk) -> None:
    (warning,) = desk.book(document(party=party(email="nobody"))).warnings
    assert warning == "E-mail address 'nobody' of 'Acme Events AS' is not valid and was left out in Xero"


def test_the_printed_invoice(xero: Xero, desk: Desk) -> None:
    booking = desk.book(document())
    assert xero.finance().files.pdf(booking).startswith(b"%PDF")
    with pytest.raises(NotFoundError):
        xero.finance().files.pdf(booking.model_copy(update={"finance_id": "c0ffee00-0000-4000-8000-000000000001"}))


def test_the_payload_is_what_create_sends(xero: Xero, desk: Desk) -> None:
    finance = xero.finance()
    payload = finance.bookings.payload(document(), desk.contact_id, desk.reference)
    desk.book(document(), finance)
    (entry,) = xero.entries()
    assert entry.body["Invoices"] == [payload]


def test_a_route_to_another_system_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="books in Quiddly, not in Xero"):
        open_finance(quiddly_route(), MemoryTokenStore())
