"""What counts towards a booking in Quiddly: what the debtor has to pay, our credit notes, and refunds of those."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.payments.findings import Finding, for_a_person
from invoice_bridge_core.reports.payments import payments_text
from tests.payments.backflow import ON, QONDOR_QUIDDLY, Backflow, backflow
from tests.world import credit_note, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

SWEDISH = {"currency": "SEK", "currencyCode": 752}
REDUCED = {"customInvoiceFields": [{"heading": "ROT", "value": "1500"}]}


@pytest.fixture
def back(sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """Qondor to Quiddly, with a field for tax reductions."""
    back = backflow(sandbox, ledger_url, QONDOR_QUIDDLY)
    finance = back.world.route.finance
    assert isinstance(finance, QuiddlySettings)
    mapped = finance.model_validate({**finance.model_dump(), "custom_fields": {"tax_reduction": "ROT"}})
    back.change_route("finance", custom_fields=mapped.custom_fields)
    yield back
    back.world.close()


def add(back: Backflow, *documents: dict[str, Any]) -> None:
    """Bring documents over 10 000 SEK to Quiddly, poll once, and forget the traffic."""
    for each in documents:
        back.world.sandbox.qondor.add(each)
    back.world.run()
    back.world.run_payments()
    back.world.sandbox.traffic.reset()


def note(number: int, credited: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return credit_note(number, credited, **{**SWEDISH, **changes})


def summary(back: Backflow) -> str:
    found = back.world.payment_poll().entries()
    text = payments_text(
        back.world.route, found, {entry.row.id: for_a_person(entry, back.world.route) for entry in found}
    )
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_an_invoice_with_a_tax_reduction_is_paid_when_the_debtors_share_is(back: Backflow) -> None:
    add(back, payment(1, **SWEDISH, **REDUCED))
    back.pay(1, 8000)
    assert (back.world.run_payments(), back.world.found()) == ({}, {back.source_id(1): Finding.PART_PAID})
    assert "8 000.00 of 8 500.00 SEK" in summary(back)
    back.pay(1, 500)
    back.world.run_payments()
    assert (back.source_says(1), back.world.found(), back.people_read()) == (("Paid", "2026-11-20"), {}, [])
    back.bookkeeper.correct(back.name_of(1), Decimal(100), on=ON)
    back.world.run_payments()
    [text] = back.people_read()
    assert "and 100.00 SEK is open" in text


def test_what_was_paid_beyond_the_debtors_share_is_too_much(back: Backflow) -> None:
    add(back, payment(1, **SWEDISH, **REDUCED))
    back.bookkeeper.overpay(back.name_of(1), Decimal(10000), on=ON)
    [result] = back.world.run_payments().values()
    assert "QT-1 was overpaid by 1 500.00 SEK" in result.message.replace("\N{NO-BREAK SPACE}", " ")


def test_a_booking_that_was_found_after_a_lost_answer_knows_its_tax_reduction(back: Backflow) -> None:
    back.world.sandbox.fault("close", system="quiddly", method="POST", path="/invoices", when="after", count=1)
    back.world.sandbox.qondor.add(payment(1, **SWEDISH, **REDUCED))
    back.world.run()
    back.world.run()
    back.pay(1)
    back.world.run_payments()
    assert back.source_says(1) == ("Paid", "2026-11-20")


def test_a_draft_whose_tax_reduction_was_changed_in_quiddly_is_paid_by_the_new_one(back: Backflow) -> None:
    back.change_route("finance", activate=False)
    add(back, payment(1, **SWEDISH, **REDUCED))
    [draft] = back.world.sandbox.quiddly.invoices.rows()
    totals = {**draft["totals"], "taxReduction": Decimal(2000), "totalToPay": Decimal(8000)}
    back.world.sandbox.quiddly.invoices.change(draft["id"], totals=totals)
    back.bookkeeper.activate(back.name_of(1))
    back.world.sandbox.clock.advance(3700)
    back.world.run_payments()
    back.pay(1, 8000)
    back.world.run_payments()
    assert back.source_says(1) == ("Paid", "2026-11-20")


def test_a_credit_of_a_reduced_invoice_clears_it_exactly(back: Backflow) -> None:
    invoice = payment(1, **SWEDISH, **REDUCED)
    add(back, invoice, note(2, invoice, **REDUCED))
    assert (back.source_says(1), back.people_read()) == (("Paid", "2026-11-02"), [])


def test_a_credit_note_that_names_its_invoice_by_number_alone_counts(back: Backflow) -> None:
    invoice = payment(1, **SWEDISH)
    add(back, invoice, note(2, invoice, creditedInvoiceId=None))
    assert back.source_says(1) == ("Paid", "2026-11-02")
    booking_status = back.world.ledger.payments.status(back.world.ref(back.source_id(1)))
    assert booking_status is not None
    assert booking_status.booking_status is not None
    assert (booking_status.booking_status.paid, booking_status.booking_status.credited) == (0, 10000)


def test_a_credit_note_with_an_unknown_id_goes_by_the_number(back: Backflow) -> None:
    invoice = payment(1, **SWEDISH)
    add(back, invoice, note(2, invoice, creditedInvoiceId=98765))
    assert back.source_says(1) == ("Paid", "2026-11-02")


def test_the_id_counts_before_the_number(back: Backflow) -> None:
    first, second = payment(1, **SWEDISH), payment(2, **SWEDISH)
    add(back, first, second, note(3, first, creditedInvoiceNumber=second["invoiceNumber"]))
    assert (back.source_says(1)[0], back.source_says(2)[0]) == ("Paid", "Processed")


def test_a_refund_of_a_credit_note_pays_it_where_the_route_tells_of_those(back: Backflow) -> None:
    back.change_route("payments", report_credit_notes=True)
    invoice = payment(1, **SWEDISH)
    add(back, invoice, note(2, invoice))
    back.bookkeeper.refund(back.name_of(2), Decimal(4000), on=ON)
    back.world.run_payments()
    assert back.world.found() == {back.source_id(2): Finding.PART_PAID}
    last = back.bookkeeper.refund(back.name_of(2), on=ON)
    back.world.run_payments()
    assert back.source_says(2) == ("Paid", "2026-11-20")
    entry = back.world.ledger.payments.status(back.world.ref(back.source_id(2)))
    assert entry is not None
    assert entry.booking_status is not None
    assert (entry.booking_status.paid, entry.booking_status.overpaid, entry.payment_number) == (10000, 0, last)
