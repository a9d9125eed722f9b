"""How bookings stand in Xero: what changed, some by id, those of a day, and what payments are known by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.xero.wire import XeroInvoice
from invoice_bridge.systems.xero.booking_status import status_of
from invoice_bridge_core.errors import TransientError
from tests.builders import document
from tests.systems.xero.desk import NOTE

if TYPE_CHECKING:
    from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges
    from tests.systems.xero.conftest import Xero
    from tests.systems.xero.desk import Desk

SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 20)


def book(desk: Desk, *numbers: str) -> dict[str, str]:
    """Invoices over 10 000 NOK: finance id by number."""
    return {number: desk.book(document(number=number)).finance_id for number in numbers}


def changes(xero: Xero, cursor: str | None = None, **route: Any) -> PaymentChanges:
    return xero.finance(**route).booking_changes.changes(cursor, SINCE)


def booking_statuses(found: PaymentChanges) -> dict[str, BookingStatus]:
    return {booking_status.booking.number: booking_status for booking_status in found.booking_statuses}


def test_one_call_tells_every_change_and_where_to_go_on(xero: Xero, desk: Desk) -> None:
    book(desk, *"ABCDEFG")
    keeper = xero.books.bookkeeper
    keeper.pay("B", Decimal("2500.50"), on=ON)
    keeper.pay("C", on=ON)
    keeper.credit("D", on=ON)
    keeper.credit("E", Decimal(100), on=ON)
    keeper.pay("E", on=ON)
    keeper.void("F")
    xero.calls()
    found = changes(xero)
    assert xero.calls() == ["GET /Invoices"]
    told = {
        number: (one.paid, one.credited, one.is_paid_in_full, one.paid_in_full_on, one.is_gone)
        for number, one in booking_statuses(found).items()
        if len(number) == 1
    }
    assert told == {
        "A": (0, 0, False, None, False),
        "B": (Decimal("2500.50"), 0, False, None, False),
        "C": (10000, 0, True, ON, False),
        "D": (0, 10000, True, ON, False),
        "E": (9900, 100, True, ON, False),
        "F": (0, 0, False, None, True),
        "G": (0, 0, False, None, False),
    }
    assert booking_statuses(found)["D"].is_cleared_by_credit
    assert not booking_statuses(found)["E"].is_cleared_by_credit
    newest = max(row["UpdatedDateUTC"] for row in xero.books.invoices.rows())
    assert found.cursor is not None
    assert found.cursor[:19] == newest[:19]


def test_the_next_poll_begins_five_minutes_before_the_newest_change(xero: Xero, desk: Desk) -> None:
    book(desk, "A")
    [_, entry] = [changes(xero, "2026-11-20T12:00:00+00:00"), xero.entries()[-1]]
    assert entry.headers["if-modified-since"] == "2026-11-20T11:55:00"
    changes(xero)
    assert xero.entries()[-1].headers["if-modified-since"] == "2026-01-01T00:00:00"


def test_the_cursor_is_never_later_than_the_poll_began(xero: Xero, desk: Desk) -> None:
    ids = book(desk, "A")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    xero.books.invoices.change(ids["A"], UpdatedDateUTC=later.isoformat())
    began = dt.datetime.now(dt.UTC)
    found = changes(xero)
    assert "A" in booking_statuses(found)
    assert found.cursor is not None
    assert began <= dt.datetime.fromisoformat(found.cursor) <= dt.datetime.now(dt.UTC)


def test_a_quiet_time_tells_nothing_and_keeps_the_cursor(xero: Xero, desk: Desk) -> None:
    book(desk, "A")
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=20)).isoformat()
    found = changes(xero, later)
    assert (found.booking_statuses, found.cursor) == ((), None)


def test_drafts_are_no_changes(xero: Xero, desk: Desk) -> None:
    desk.book(document(number="A"), xero.finance(invoice_status="DRAFT"))
    assert "A" not in booking_statuses(changes(xero))


def test_every_page_is_read_and_a_document_on_two_of_them_is_one(
    xero: Xero, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from invoice_bridge.systems.xero import booking_status as module

    monkeypatch.setattr(module, "PAGE_SIZE", 2)
    ids = book(desk, *"ABCD")
    xero.calls()
    found = [each for each in changes(xero).booking_statuses if each.booking.finance_id in ids.values()]
    pages = [
        dict(pair.split("=") for pair in entry.query.split("&") if pair.startswith("page="))["page"]
        for entry in xero.entries()
    ]
    assert pages == [str(number + 1) for number in range(len(pages))]
    assert len(pages) >= 3
    assert {each.booking.finance_id for each in found} == set(ids.values())
    assert len(found) == 4


@pytest.mark.parametrize("fault", ["empty", "html", "half_json", "error"])
def test_a_page_that_is_lost_is_no_last_page(
    xero: Xero, desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    from invoice_bridge.systems.xero import booking_status as module

    monkeypatch.setattr(module, "PAGE_SIZE", 2)
    book(desk, *"ABCD")
    xero.sandbox.fault(fault, system="xero", method="GET", path="*/Invoices", count=20)
    with pytest.raises(TransientError):
        changes(xero)


def test_some_are_asked_for_by_their_ids_whatever_became_of_them(xero: Xero, desk: Desk) -> None:
    ids = book(desk, *"ABC")
    note = desk.book(NOTE).finance_id
    xero.books.bookkeeper.void("B")
    xero.books.invoices.change(ids["C"], Status="DELETED")
    xero.books.bookkeeper.refund("Q-NOTE", Decimal(4000), on=ON)
    xero.calls()
    found = xero.finance().statuses.by_id([*ids.values(), note, "00000000-0000-0000-0000-000000000001"])
    assert xero.calls() == ["GET /Invoices", "GET /CreditNotes"]
    assert {one.booking.number: (one.is_gone, one.paid) for one in found.values()} == {
        "A": (False, 0), "B": (True, 0), "C": (True, 0), "Q-NOTE": (False, 4000),
    }  # fmt: skip
    assert xero.finance().statuses.by_id([]) == {}


def test_a_hundred_ids_take_three_calls(xero: Xero, desk: Desk) -> None:
    ids = book(desk, "A")
    [row] = [xero.books.invoices[ids["A"]]]
    copies = [f"00000000-0000-4000-8000-{number:012d}" for number in range(99)]
    for number, copy in enumerate(copies):
        xero.books.invoices.put({**row, "InvoiceID": copy, "InvoiceNumber": f"A-{number}"})
    xero.calls()
    assert len(xero.finance().statuses.by_id([ids["A"], *copies])) == 100
    assert xero.calls() == ["GET /Invoices"] * 3
    assert xero.finance().booking_changes.payment_numbers([ids["A"], *copies]) == {}
    assert xero.calls() == ["GET /Invoices"] * 3


def test_a_payment_is_known_by_its_id_and_credit_by_its_number(xero: Xero, desk: Desk) -> None:
    ids = book(desk, *"ABCDE")
    keeper = xero.books.bookkeeper
    keeper.pay("A", Decimal(1), on=ON)
    last = keeper.pay("A", on=ON + dt.timedelta(days=1))
    credit = xero.books.credit_notes[keeper.credit("B", on=ON)]["CreditNoteNumber"]
    keeper.credit("C", Decimal(5), on=ON)
    after_credit = keeper.pay("C", on=ON)
    keeper.pay("D", on=ON)
    keeper.unpay("D")
    again = keeper.pay("D", on=ON - dt.timedelta(days=1))
    found = xero.finance().booking_changes.payment_numbers(list(ids.values()))
    assert found == {ids["A"]: last, ids["B"]: credit, ids["C"]: after_credit, ids["D"]: again}


def advanced(xero: Xero, desk: Desk, *numbers: str) -> str:
    """Invoices cleared with what the customer had paid too much of another one; the overpayment's id."""
    book(desk, "FIRST", *numbers)
    xero.books.bookkeeper.overpay("FIRST", Decimal(10000 * (1 + len(numbers))), on=ON)
    [used] = {xero.books.bookkeeper.set_off(number, on=ON) for number in numbers}
    return used


def test_what_the_customer_had_paid_before_is_money(xero: Xero, desk: Desk) -> None:
    advanced(xero, desk, "A", "B")
    book(desk, "C", "D")
    xero.books.bookkeeper.credit("C", on=ON)
    xero.books.bookkeeper.pay("D", on=ON)
    finance = xero.finance(payments={"settled_by_credit": "hold"})
    xero.calls()
    found = booking_statuses(finance.booking_changes.changes(None, SINCE))
    # One more, for the three that were cleared without a payment.
    assert xero.calls() == ["GET /Invoices"] * 2
    told = {number: (one.paid, one.credited, one.is_cleared_by_credit) for number, one in found.items()}
    assert {number: told[number] for number in "ABCD"} == {
        "A": (10000, 0, False), "B": (10000, 0, False), "C": (0, 10000, True), "D": (10000, 0, False),
    }  # fmt: skip
    ids = [found[number].booking.finance_id for number in "AC"]
    asked = finance.statuses.by_id(ids)
    assert [asked[finance_id].is_cleared_by_credit for finance_id in ids] == [False, True]
    day = document().invoice_date
    assert day is not None
    listed = finance.dated_bookings.dated(day, day + dt.timedelta(days=1))
    assert {one.booking.number for one in listed if one.is_cleared_by_credit} == {"C"}


def test_an_overpayment_is_known_by_its_id(xero: Xero, desk: Desk) -> None:
    used = advanced(xero, desk, "A")
    [row] = [row for row in xero.books.invoices.rows() if row["InvoiceNumber"] == "A"]
    assert xero.finance().booking_changes.payment_numbers([row["InvoiceID"]]) == {row["InvoiceID"]: used}


def test_prepayments_and_overpayments_are_told_from_credit_notes() -> None:
    found = XeroInvoice.model_validate(
        {
            "InvoiceID": "i-1", "InvoiceNumber": "A", "Status": "PAID", "CurrencyCode": "NOK", "Total": 100,
            "Contact": {"ContactID": "c-1"}, "AmountPaid": 0, "AmountCredited": 100, "AmountDue": 0,
            "Overpayments": [{"OverpaymentID": "o-1", "AppliedAmount": 30, "Total": 500, "Date": "2026-11-02"}],
            "Prepayments": [{"PrepaymentID": "p-1", "Total": 20}, {"PrepaymentID": "p-2"}],
            "CreditNotes": [{"CreditNoteNumber": "CN-1", "AppliedAmount": 50}],
        }
    )  # fmt: skip
    booking_status = status_of(found, None)
    assert (booking_status.paid, booking_status.credited, booking_status.is_cleared_by_credit) == (50, 50, False)
    assert status_of(found.model_copy(update={"amount_credited": Decimal(40)}), None).paid == 40


def test_a_credit_note_is_known_by_its_refund_or_else_by_itself(xero: Xero, desk: Desk) -> None:
    ids = book(desk, "A")
    refunded, used = (desk.book(NOTE.model_copy(update={"number": number})) for number in ("Q-N1", "Q-N2"))
    xero.books.bookkeeper.refund("Q-N1", Decimal(1), on=ON)
    refund = xero.books.bookkeeper.refund("Q-N1", on=ON + dt.timedelta(days=1))
    payment = xero.books.bookkeeper.pay("A", on=ON)
    xero.calls()
    found = xero.finance().booking_changes.payment_numbers([ids["A"], refunded.finance_id, used.finance_id])
    assert xero.calls() == ["GET /Invoices", "GET /CreditNotes"]
    assert found == {ids["A"]: payment, refunded.finance_id: refund, used.finance_id: "Q-N2"}


def test_everything_of_some_days_is_listed_ours_or_not(xero: Xero, desk: Desk) -> None:
    for number, day in (("A", 1), ("B", 2), ("C", 3), ("D", 4)):
        date = dt.date(2026, 10, day)
        desk.book(document(number=number, invoice_date=date, due_date=date))
    desk.book(NOTE.model_copy(update={"invoice_date": dt.date(2026, 10, 2)}))
    xero.books.bookkeeper.void("B")
    xero.calls()
    found = xero.finance().dated_bookings.dated(dt.date(2026, 10, 2), dt.date(2026, 10, 4))
    assert xero.calls() == ["GET /Invoices", "GET /CreditNotes"]
    assert {one.booking.number: one.is_gone for one in found or ()} == {"B": True, "C": False, "Q-NOTE": False}
