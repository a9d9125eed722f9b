"""What the reconciliation finds when one side was changed, and how many calls it takes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import LimitReachedError, TransientError
from invoice_bridge_core.reconciliation.kinds import Severity
from tests.builders import route
from tests.reconciliation.closing import DAY, NEXT, close, close_day, in_qondor, in_xero, said
from tests.world import card_payment, credit_note, customer, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

PROCESSED = {"status": 2, "statusText": "Processed"}
WAITING = {"status": 1, "statusText": "Unprocessed"}
FAILED = {"status": 3, "statusText": "Failed"}
PAID = {"status": 4, "statusText": "Paid", "paidDate": "2026-11-03"}


def moved(world: World, *payments: dict[str, Any]) -> None:
    for each in payments or (payment(1),):
        world.sandbox.qondor.add(each)
    world.run()
    world.sandbox.traffic.reset()


def test_sides_that_agree_have_nothing_to_say(world: World) -> None:
    invoice = payment(1)
    moved(world, invoice, card_payment(2), credit_note(3, invoice), payment(4))
    world.run_payments()
    rows = close(world)
    assert {row.number: row.next_step for row in rows} == dict.fromkeys(("T-1", "T-2", "T-3", "T-4"), "Nothing")
    by_number = {row.number: row for row in rows}
    assert by_number["T-3"].total == Decimal(-10000)
    assert (by_number["T-1"].source, by_number["T-1"].finance) == ("paid", "paid")
    assert (by_number["T-4"].source, by_number["T-4"].ledger, by_number["T-4"].finance) == (
        "processed",
        "transferred",
        "authorised",
    )
    assert by_number["T-4"].finance_link.startswith("https://")


def test_it_reads_only_and_few_times(world: World) -> None:
    moved(world, *(payment(number) for number in range(1, 13)))
    close(world)
    calls = world.sandbox.calls()
    assert calls["qondor"]["reads"] == 1 + 12
    assert calls["xero"]["reads"] == 2
    assert sum(counts["writes"] for counts in calls.values()) == 0


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda w: in_xero(w, "T-1", Total=Decimal(9000)), "total differs", "Xero says 9 000.00 NOK"),
        (lambda w: in_xero(w, "T-1", CurrencyCode="SEK"), "currency differs", "Xero says SEK"),
        (
            lambda w: in_xero(w, "T-1", ContactID=w.sandbox.xero.add_contact(Name="Somebody else")["ContactID"]),
            "contact differs",
            "is now on",
        ),
        (lambda w: in_xero(w, "T-1", Status="DRAFT"), "status differs", "draft in Xero again"),
        (lambda w: w.sandbox.xero.bookkeeper.void("T-1"), "voided in finance", "voided or deleted in Xero"),
        (lambda w: drop_from_xero(w), "missing in finance", "Xero no longer has that document"),
        (lambda w: in_qondor(w, 1, externalReference=None), "no reference", "without a reference"),
        (lambda w: in_qondor(w, 1, externalReference="INV-7"), "other reference", "Qondor refers to INV-7"),
        (lambda w: in_qondor(w, 1, **WAITING), "status differs", "Qondor says waiting"),
        (lambda w: in_qondor(w, 1, **FAILED), "status differs", "Qondor says failed"),
        (lambda w: in_qondor(w, 1, **PAID), "paid in source only", "10 000.00 NOK is open in Xero"),
        (lambda w: in_qondor(w, 1, typeText="Something"), "unreadable", "cannot be read"),
        (lambda w: w.sandbox.qondor.payments.remove("50001"), "missing in source", "Qondor no longer knows it"),
        (lambda w: book_again(w), "booked twice", "T-1, T-1-AGAIN"),
    ],
)
def test_one_side_was_changed(world: World, change: Callable[[World], object], kind: str, words: str) -> None:
    world.route = route(source={"document_link": LINK})
    moved(world)
    change(world)
    [row] = close(world)
    assert row.contradictions == (kind,)
    assert words in "; ".join(one.text for one in row.differences)
    assert row.severity is Severity.CONTRADICTION
    assert row.next_step != "Nothing"


LINK = "https://qondor.example/invoice/{id}"
"""Gives bookings a mark."""


def drop_from_xero(world: World) -> None:
    [invoice] = world.sandbox.xero.invoices.rows()
    world.sandbox.xero.invoices.remove(invoice["InvoiceID"])


def book_again(world: World) -> None:
    [invoice] = world.sandbox.xero.invoices.rows()
    again = {"InvoiceID": "11111111-2222-3333-4444-555555555555", "InvoiceNumber": "T-1-AGAIN"}
    world.sandbox.xero.invoices.put({**invoice, **again})


def test_a_booking_that_was_dated_anew_is_still_found(world: World) -> None:
    moved(world)
    in_xero(world, "T-1", Date="2026-12-24", Total=Decimal(1))
    assert said(world) == {"T-1": ["total differs"]}
    assert world.sandbox.calls()["xero"]["reads"] == 3


def test_a_second_booking_is_found_on_the_day_that_finance_dates_it(world: World) -> None:
    world.route = route(source={"document_link": LINK})
    moved(world)
    book_again(world)
    in_xero(world, "T-1-AGAIN", Date="2026-11-09")
    [own] = close(world)
    assert own.severity is Severity.NONE
    [other] = close(world, dt.date(2026, 11, 9), dt.date(2026, 11, 10))
    assert (other.contradictions, other.is_counted) == (("booked twice",), False)
    assert "T-1, T-1-AGAIN" in other.differences[0].text


def test_a_booking_that_the_ledger_has_lost_is_found_by_its_mark(world: World) -> None:
    world.route = route(source={"document_link": LINK})
    moved(world)
    with world.ledger.transaction() as connection:
        for table in ("history", "steps", "payment_statuses", "documents"):
            connection.execute(sa.text(f"DELETE FROM invoice_bridge.{table}"))
    [row] = close(world)
    assert (row.number, row.contradictions, row.ledger) == ("T-1", ("missing in ledger",), "not there")
    assert "Restore the ledger" in row.next_step


def test_without_a_mark_it_is_found_by_number_and_total_while_its_source_offers_it(world: World) -> None:
    moved(world)
    with world.ledger.transaction() as connection:
        for table in ("history", "steps", "payment_statuses", "documents"):
            connection.execute(sa.text(f"DELETE FROM invoice_bridge.{table}"))
    in_qondor(world, 1, status=1, statusText="Unprocessed")
    [row] = close(world)
    assert (row.number, row.contradictions, row.ledger) == ("T-1", ("missing in ledger",), "not there")
    assert "number and total of the document" in row.differences[0].text


def test_what_others_booked_and_what_other_offices_wrote_is_left_alone(world: World) -> None:
    contact = world.sandbox.xero.add_contact(Name="By hand")["ContactID"]
    world.sandbox.xero.add_invoice(
        Contact={"ContactID": contact}, Date="2026-11-02", DueDate="2026-12-02", InvoiceNumber="BY-HAND",
        Status="AUTHORISED", LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}],
    )  # fmt: skip
    world.route = route(source={"system": "qondor", "offices": ["7"]})
    moved(world, payment(1), payment(2, officeId=8))
    assert list(said(world)) == ["T-1"]


def test_documents_that_did_not_come_to_an_end_say_why(world: World) -> None:
    orphan = credit_note(5, payment(99))
    world.booked_before()
    moved(world, payment(1, customer=None), card_payment(2, customer=None), payment(3), orphan)
    world.sandbox.qondor.add(payment(6))
    rows = {row.number: row for row in close(world)}
    assert {number: (row.outcome, row.severity) for number, row in rows.items()} == {
        "T-1": ("rejected", Severity.OPEN),
        "T-2": ("held", Severity.OPEN),
        "T-3": ("transferred", Severity.NONE),
        "T-5": ("held", Severity.OPEN),
        "T-6": ("not in ledger", Severity.PASSING),
    }
    assert "Waits for its invoice T-99" in rows["T-5"].differences[0].text
    assert "makes a new one" in rows["T-1"].next_step


def test_processed_by_somebody_else(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    in_qondor(world, 1, **PROCESSED, externalReference="BY-HAND-1")
    [row] = close(world)
    assert row.contradictions == ("status differs",)
    assert "with reference BY-HAND-1, but this package did not book it" in row.differences[0].text


def test_a_payment_that_the_next_run_tells_is_no_contradiction(world: World) -> None:
    moved(world)
    world.sandbox.xero.bookkeeper.pay("T-1", on=dt.date(2026, 11, 20))
    [row] = close(world)
    assert ([str(one.kind) for one in row.differences], row.severity) == (["paid in finance only"], Severity.PASSING)
    world.run_payments()
    [row] = close(world)
    assert row.severity is Severity.NONE
    assert row.source_paid_on == row.finance_paid_on == dt.date(2026, 11, 20)


def test_a_payment_that_was_taken_back_is_one(world: World) -> None:
    moved(world)
    world.sandbox.xero.bookkeeper.pay("T-1")
    world.run_payments()
    world.sandbox.xero.bookkeeper.unpay("T-1")
    [row] = close(world)
    assert row.contradictions == ("paid in source only",)
    assert "cannot be told that it is not paid after all" in row.next_step


def test_a_payment_in_part_is_no_difference(world: World) -> None:
    moved(world)
    world.sandbox.xero.bookkeeper.pay("T-1", Decimal(4000))
    assert said(world) == {"T-1": []}


def test_what_credit_cleared_is_for_a_person_where_the_route_says_so(world: World) -> None:
    world.route = route(payments={"settled_by_credit": "hold"})
    moved(world)
    world.sandbox.xero.bookkeeper.credit("T-1")
    [row] = close(world)
    assert row.contradictions == ("paid in finance only",)


def test_card_money_that_was_removed_in_finance(world: World) -> None:
    moved(world, card_payment(2))
    world.sandbox.xero.bookkeeper.unpay("T-2")
    [row] = close(world)
    assert row.contradictions == ("status differs",)
    assert "card money" in row.next_step


def test_a_renumbered_invoice_is_taken_over_by_the_next_payment_run(world: World) -> None:
    moved(world)
    world.sandbox.xero.bookkeeper.renumber("T-1", "T-1B")
    [row] = close(world)
    assert ([str(one.kind) for one in row.differences], row.severity) == (["number differs"], Severity.PASSING)
    world.run_payments()
    assert said(world) == {"T-1": []}


def test_a_tolerance_of_the_route_is_one_here_too(world: World) -> None:
    world.route = route(policy={"total_tolerance": "0.05"})
    moved(world)
    in_xero(world, "T-1", Total=Decimal("10000.05"))
    assert said(world) == {"T-1": []}
    in_xero(world, "T-1", Total=Decimal("10000.06"))
    assert said(world) == {"T-1": ["total differs"]}


@pytest.mark.parametrize("gap", ["0.02", "-0.02", "0.40", "0.99"])
def test_less_than_one_is_a_difference_beyond_the_tolerance(world: World, gap: str) -> None:
    moved(world)
    in_xero(world, "T-1", Total=10000 + Decimal(gap))
    assert said(world) == {"T-1": ["total differs"]}


def test_several_differences_are_all_named(world: World) -> None:
    moved(world)
    in_xero(world, "T-1", Total=Decimal(1), CurrencyCode="EUR")
    in_qondor(world, 1, **PAID, externalReference=None)
    [row] = close(world)
    assert row.contradictions == ("currency differs", "no reference", "paid in source only", "total differs")
    # Three steps, one of them in two sentences.
    assert row.next_step.count(". ") == 3


@pytest.mark.parametrize("system", ["qondor", "xero"])
def test_a_side_that_cannot_be_asked_makes_no_report(world: World, system: str) -> None:
    moved(world, payment(1), payment(2))
    world.sandbox.fault("unavailable", system=system, method="GET", retry_after=1200)
    with pytest.raises(TransientError):
        close(world)


def test_a_limit_ends_it_with_what_the_system_asked_for(world: World) -> None:
    moved(world, payment(1))
    world.sandbox.fault("too_many_requests", system="xero", method="GET", limit="day", retry_after=7200)
    with pytest.raises(LimitReachedError) as caught:
        close(world)
    assert caught.value.retry_after == dt.timedelta(hours=2)


def test_a_credit_note_follows_its_invoice_in_whatever_order_the_days_are_closed(world: World) -> None:
    invoice = payment(1)
    later = DAY + dt.timedelta(days=7)
    note = credit_note(2, invoice, invoiceDate=later.isoformat())
    for each in (invoice, note, payment(3, customer=customer(902))):
        world.sandbox.qondor.add(each)
    close_day(world, later)
    assert world.row(50002).state == "held"
    close_day(world, DAY)
    assert {str(world.row(50000 + number).state) for number in (1, 2, 3)} == {"transferred"}
    world.run_payments()
    assert (
        close(world, DAY, NEXT)[0].severity
        is close(world, later, later + dt.timedelta(days=1))[0].severity
        is Severity.NONE
    )
