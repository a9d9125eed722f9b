"""What becomes of payments in Xero: what Qondor hears, and what is left to people."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import ConfigurationError, TransientError
from invoice_bridge_core.payments.findings import Finding, for_a_person
from invoice_bridge_core.payments.poll import PaymentPoll
from tests.builders import route
from tests.world import card_payment, credit_note, payment

if TYPE_CHECKING:
    from tests.world import World

ON = dt.date(2026, 11, 20)


def booked(world: World, *payments: dict[str, Any]) -> None:
    for each in payments:
        world.sandbox.qondor.add(each)
    world.run()
    world.run_payments()
    world.sandbox.traffic.reset()


def qondor(world: World, number: int = 1) -> tuple[str, str | None]:
    row = world.sandbox.qondor.payments[str(50000 + number)]
    return row["statusText"], row["paidDate"]


def people_read(world: World) -> list[str]:
    poll = PaymentPoll(world.session(), "test")
    return [text for entry in poll.entries() if (text := for_a_person(entry, world.route)) is not None]


def test_an_invoice_paid_in_full_is_told_once_with_its_day(world: World) -> None:
    booked(world, payment(1))
    assert world.found() == {"50001": Finding.OPEN}
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    [result] = world.run_payments().values()
    assert result.outcome is Outcome.REPORTED_PAID
    assert qondor(world) == ("Paid", "2026-11-20")
    assert [each.method for each in world.calls("xero")] == ["GET"]
    assert [each.template for each in world.calls("qondor")] == ["/Invoicing/v1/Invoice/SetAsPaid"]
    world.sandbox.traffic.reset()
    assert (world.run_payments(), world.calls("qondor"), world.found()) == ({}, [], {})
    assert world.report_paid(50001).outcome is Outcome.ALREADY_REPORTED_PAID


def test_a_part_payment_is_told_when_the_rest_has_come(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", Decimal(4000), on=ON)
    assert (world.run_payments(), world.found()) == ({}, {"50001": Finding.PART_PAID})
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON + dt.timedelta(days=1))
    assert len(world.run_payments()) == 1
    assert qondor(world) == ("Paid", "2026-11-21")


def test_card_money_and_credit_notes_are_not_told(world: World) -> None:
    invoice = payment(1)
    booked(world, invoice, card_payment(2), credit_note(3, invoice))
    # The credit note cleared the invoice when it was transferred.
    assert {qondor(world, number)[0] for number in (2, 3)} == {"Processed"}
    assert qondor(world, 1)[0] == "Paid"
    assert world.found() == {}


def test_credit_notes_are_told_where_the_route_says_so(world: World) -> None:
    world.route = route(payments={"report_credit_notes": True})
    invoice = payment(1)
    booked(world, invoice, credit_note(3, invoice))
    assert (qondor(world, 1)[0], qondor(world, 3)[0]) == ("Paid", "Paid")


def test_an_invoice_cleared_by_credit_is_held_where_the_route_says_so(world: World) -> None:
    world.route = route(payments={"settled_by_credit": "hold"})
    booked(world, payment(1), payment(2))
    world.sandbox.xero.bookkeeper.credit("T-1", on=ON)
    world.sandbox.xero.bookkeeper.credit("T-2", Decimal(1000), on=ON)
    world.sandbox.xero.bookkeeper.pay("T-2", on=ON)
    assert list(world.run_payments()) == ["50002"]
    assert world.found() == {"50001": Finding.CREDIT_HELD}
    assert people_read(world) == [
        "T-1 was cleared by a credit note, not by money. The route leaves it to a person whether T-1 counts as paid"
    ]
    world.route = route()
    assert list(world.run_payments()) == ["50001"]
    assert qondor(world) == ("Paid", "2026-11-20")


def test_a_voided_invoice_is_for_a_person(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.void("T-1")
    assert (world.run_payments(), world.found()) == ({}, {"50001": Finding.GONE})
    assert people_read(world) == [
        "T-1 was voided or deleted in finance, but T-1 is still processed in Qondor. "
        "Credit it there, or book it in finance by hand"
    ]
    assert qondor(world)[0] == "Processed"


def test_a_payment_that_is_removed_after_it_was_told_is_for_a_person(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.run_payments()
    world.sandbox.xero.bookkeeper.unpay("T-1")
    assert (world.run_payments(), world.found()) == ({}, {"50001": Finding.REMOVED})
    [text] = people_read(world)
    assert text.startswith("Qondor was told that T-1 was paid on 2026-11-20. Since then a payment was removed")
    assert "10 000.00 NOK is open" in text
    world.sandbox.traffic.reset()
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    assert (world.run_payments(), world.found(), world.calls("qondor")) == ({}, {}, [])


def test_a_payment_that_is_removed_before_it_was_told_is_not_told(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.poll()
    world.sandbox.xero.bookkeeper.unpay("T-1")
    world.poll()
    assert world.report_paid(50001).outcome is Outcome.NOT_PAID
    assert qondor(world)[0] == "Processed"


def test_a_task_that_is_cleared_much_later_asks_again_before_it_tells(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.poll()
    world.sandbox.xero.bookkeeper.unpay("T-1")
    world.sandbox.clock.advance(2 * 3600)
    assert world.report_paid(50001).outcome is Outcome.NOT_PAID
    assert (qondor(world)[0], world.found()) == ("Processed", {"50001": Finding.OPEN})


def test_a_draft_is_never_told_and_follows_when_it_was_authorised_and_paid(world: World) -> None:
    world.route = route(finance={"invoice_status": "DRAFT"})
    booked(world, payment(1))
    assert world.found() == {"50001": Finding.DRAFT}
    world.sandbox.xero.bookkeeper.renumber("T-1", "X-9")
    world.sandbox.xero.bookkeeper.authorise("X-9")
    assert (world.run_payments(), world.found()) == ({}, {"50001": Finding.OPEN})
    booking = world.row(50001).booking
    assert booking is not None
    assert (booking.number, booking.is_draft) == ("X-9", False)
    assert world.calls("qondor") == []
    world.sandbox.xero.bookkeeper.pay("X-9", on=ON)
    assert len(world.run_payments()) == 1
    assert qondor(world) == ("Paid", "2026-11-20")


def test_asking_for_all_open_ones_finds_what_the_poll_of_changes_missed(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    [row] = world.sandbox.xero.invoices.rows()
    world.sandbox.xero.invoices.change(row["InvoiceID"], UpdatedDateUTC="2020-01-01T00:00:00")
    assert world.run_payments() == {}
    world.sandbox.traffic.reset()
    world.sandbox.clock.advance(25 * 3600)
    [entry] = world.poll().to_tell(world.now())
    # The token has run out too, so the first call is sent twice.
    assert len([each for each in world.calls("xero") if each.status == 200]) == 2
    assert entry.row.number == "T-1"


def test_the_first_poll_goes_back_as_far_as_the_route_says(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    world.route = route(payments={"lookback_days": 3})
    world.sandbox.traffic.reset()
    world.poll()
    [call] = world.calls("xero")
    since = dt.datetime.fromisoformat(call.headers["if-modified-since"]).replace(tzinfo=dt.UTC)
    assert abs(world.now() - since - dt.timedelta(days=3)) < dt.timedelta(minutes=1)
    assert world.found() == {"50001": Finding.OPEN}


@pytest.mark.slow
def test_a_hundred_open_and_three_paid_are_one_question_and_three_reports(world: World) -> None:
    booked(world, *(payment(number) for number in range(1, 101)))
    for number in (7, 42, 99):
        world.sandbox.xero.bookkeeper.pay(f"T-{number}", on=ON)
    assert len(world.run_payments()) == 3
    assert (len(world.calls("xero")), len(world.calls("qondor"))) == (1, 3)


def test_a_wrong_organisation_is_not_taken_for_deleted_invoices(world: World) -> None:
    booked(world, payment(1), payment(2))
    for row in world.sandbox.xero.invoices.rows():
        world.sandbox.xero.invoices.remove(row["InvoiceID"])
    world.sandbox.clock.advance(25 * 3600)
    with pytest.raises(ConfigurationError, match="knows none of the 2 open documents"):
        world.poll()
    assert set(world.found().values()) == {Finding.OPEN}


def test_an_outage_moves_nothing(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    before = world.ledger.payments.cursor("payments of qondor_xero")
    world.sandbox.fault("error", system="xero", method="GET", path="*Invoices*", count=3)
    with pytest.raises(TransientError):
        world.poll()
    assert world.ledger.payments.cursor("payments of qondor_xero") == before
    assert len(world.run_payments()) == 1


def test_what_qondor_does_not_take_is_held_and_tried_again_a_day_later(world: World) -> None:
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.sandbox.qondor.payments.change("50001", status=1, statusText="Unprocessed")
    [result] = world.run_payments().values()
    assert result.outcome is Outcome.HELD
    assert "only a processed invoice can be set as paid" in result.message
    world.sandbox.traffic.reset()
    assert (world.run_payments(), world.calls("qondor")) == ({}, [])
    world.sandbox.qondor.payments.change("50001", status=2, statusText="Processed")
    world.sandbox.clock.advance(25 * 3600)
    assert len(world.run_payments()) == 1
    assert qondor(world) == ("Paid", "2026-11-20")
