"""What iXpole hears of payments: a number, when all is paid, of an invoice that it knows by its real number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.ledger.connections.health import close
from invoice_bridge_core.payments.findings import Finding
from tests.connections.connection_rows import change
from tests.payments.backflow import IXPOLE_QUIDDLY, IXPOLE_XERO, ON, Backflow, backflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

FIRST = "INST-2026-0001"


@pytest.fixture(params=[IXPOLE_XERO, IXPOLE_QUIDDLY])
def back(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """Both routes from iXpole."""
    back = backflow(sandbox, ledger_url, request.param)
    yield back
    back.world.close()


@pytest.fixture
def xero(sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    back = backflow(sandbox, ledger_url, IXPOLE_XERO)
    yield back
    back.world.close()


def written_back(back: Backflow) -> list[dict[str, object]]:
    """All that was written back since the traffic was forgotten, PDFs left out."""
    entries = back.world.calls("ixpole", "PUT")
    return [{name: value for name, value in entry.body.items() if name != "Pdf"} for entry in entries]


def draft(back: Backflow) -> None:
    """A draft that iXpole was told of as such."""
    setting = {"invoice_status": "DRAFT"} if back.into_xero else {"activate": False}
    back.change_route("finance", **setting)
    back.book(1)
    assert back.source_says(1) == ("Pending", None)


def make_real(back: Backflow) -> None:
    """Somebody makes an invoice of the draft; finance is asked for drafts again."""
    if back.into_xero:
        back.bookkeeper.authorise(back.name_of(1))
    else:
        back.bookkeeper.activate(back.name_of(1))
        back.world.sandbox.clock.advance(3700)


def test_the_number_of_the_payment_is_all_that_is_told(back: Backflow) -> None:
    back.book(1)
    back.pay(1, 600)
    assert (back.world.run_payments(), written_back(back)) == ({}, [])
    last = back.pay(1, on=ON + dt.timedelta(days=1))
    back.world.run_payments()
    assert written_back(back) == [{"InstalmentCode": FIRST, "PaymentNo": last}]


def test_seeing_and_numbering_payments_in_xero_costs_two_calls(xero: Backflow) -> None:
    xero.book(*range(1, 8))
    for number in (1, 3, 5):
        xero.pay(number)
    assert len(xero.world.run_payments()) == 3
    assert (len(xero.world.calls("xero")), len(xero.world.calls("ixpole"))) == (2, 3)


def test_what_a_credit_note_cleared_is_told_by_its_number(xero: Backflow) -> None:
    xero.book(1)
    note_id = xero.bookkeeper.credit(xero.name_of(1), on=ON)
    xero.world.run_payments()
    note = xero.world.sandbox.xero.credit_notes[note_id]["CreditNoteNumber"]
    assert xero.source_says(1) == ("Received", note)


def test_money_after_a_credit_note_is_told_by_the_payment(xero: Backflow) -> None:
    xero.book(1)
    xero.bookkeeper.credit(xero.name_of(1), Decimal(36), on=ON)
    payment_id = xero.pay(1)
    xero.world.run_payments()
    assert xero.source_says(1) == ("Received", payment_id)


def test_a_payment_that_took_the_place_of_another_before_it_was_told_is_the_one_that_is_told(xero: Backflow) -> None:
    xero.book(1)
    xero.pay(1)
    xero.world.poll()
    xero.bookkeeper.unpay(xero.name_of(1))
    second = xero.pay(1)
    xero.world.run_payments()
    assert (xero.source_says(1), len(xero.reports())) == (("Received", second), 1)


def test_a_correction_is_never_the_number_that_is_told(sandbox: Sandbox, ledger_url: str) -> None:
    back = backflow(sandbox, ledger_url, IXPOLE_QUIDDLY)
    try:
        back.book(1)
        paid = back.bookkeeper.overpay(back.name_of(1), Decimal(back.total + 25), on=ON)
        back.bookkeeper.correct(back.name_of(1), Decimal(25), on=ON + dt.timedelta(days=1))
        assert len(back.world.run_payments()) == 1
        assert back.source_says(1) == back.paid(paid)
    finally:
        back.world.close()


def test_without_a_number_nothing_is_told_and_a_person_hears(xero: Backflow, monkeypatch: pytest.MonkeyPatch) -> None:
    from invoice_bridge.systems.xero import booking_status

    xero.book(1)
    payment_id = xero.pay(1)
    with monkeypatch.context() as patch:
        patch.setattr(booking_status, "_last_number", lambda invoice: None)
        [result] = xero.world.run_payments().values()
    assert (result.outcome, xero.source_says(1), xero.reports()) == (Outcome.HELD, ("Open", None), [])
    assert xero.people_read() == [f"The payment of {FIRST} has no number in finance, and iXpole needs one"]
    # As soon as finance tells one, it is told.
    xero.world.run_payments()
    assert (xero.source_says(1), xero.people_read()) == (("Received", payment_id), [])


def test_an_empty_answer_is_not_taken_for_told(back: Backflow) -> None:
    back.book(1)
    payment_id = back.pay(1)
    back.world.sandbox.fault("error", system="ixpole", method="PUT", when="before", count=1)
    back.world.run_payments()
    assert back.source_says(1) == ("Open", None)
    back.world.run_payments()
    assert back.source_says(1) == ("Received", payment_id)


def test_a_draft_is_not_told_before_it_became_real(back: Backflow) -> None:
    draft(back)
    back.world.sandbox.clock.advance(3700)
    assert (back.world.run_payments(), back.world.found()) == ({}, {FIRST: Finding.DRAFT})
    assert (written_back(back), back.source_says(1)) == ([], ("Pending", None))


def test_a_draft_that_became_real_and_was_paid_between_two_polls_is_told_both_in_order(back: Backflow) -> None:
    draft(back)
    make_real(back)
    payment_id = back.pay(1)
    [result] = back.world.run_payments().values()
    assert result.outcome is Outcome.REPORTED_PAID
    first, second = written_back(back)
    assert (first["InvoiceNumber"], second) == (back.name_of(1), {"InstalmentCode": FIRST, "PaymentNo": payment_id})
    assert back.source_says(1) == ("Received", payment_id)
    assert (back.world.run_payments(), len(written_back(back))) == ({}, 2)


def test_a_task_that_told_of_a_draft_that_became_real_has_done_its_work(back: Backflow) -> None:
    draft(back)
    make_real(back)
    [result] = back.world.run_payments().values()
    assert (result.outcome, result.result.finance_number) == (Outcome.TRANSFERRED, back.name_of(1))
    assert (back.source_says(1), back.world.found()) == (("Open", None), {FIRST: Finding.OPEN})
    assert back.world.report_paid(FIRST).outcome is Outcome.NOT_PAID


@pytest.mark.parametrize("nth", [1, 2])
def test_either_of_the_two_may_be_lost(back: Backflow, nth: int) -> None:
    draft(back)
    make_real(back)
    payment_id = back.pay(1)
    back.world.sandbox.fault("close", system="ixpole", method="PUT", when="after", nth=nth)
    back.world.run_payments()
    back.world.run_payments()
    assert back.source_says(1) == ("Received", payment_id)
    kinds = ["PaymentNo" if "PaymentNo" in body else "InvoiceNumber" for body in written_back(back)]
    assert kinds == (
        ["InvoiceNumber", "InvoiceNumber", "PaymentNo"] if nth == 1 else ["InvoiceNumber", *["PaymentNo"] * 2]
    )
    assert (back.world.run_payments(), len(written_back(back))) == ({}, 3)


def test_a_number_that_a_bookkeeper_changed_is_told_once(xero: Backflow) -> None:
    xero.book(1)
    xero.bookkeeper.renumber(xero.name_of(1), "IX-2026-77")
    [result] = xero.world.run_payments().values()
    assert (result.outcome, result.result.finance_number) == (Outcome.TRANSFERRED, "IX-2026-77")
    assert [body["InvoiceNumber"] for body in written_back(xero)] == ["IX-2026-77"]
    assert xero.world.sandbox.ixpole.told(FIRST)["InvoiceNumber"] == "IX-2026-77"
    payment_id = str(xero.bookkeeper.pay("IX-2026-77", on=ON))
    xero.world.run_payments()
    assert (xero.source_says(1), len(written_back(xero))) == (("Received", payment_id), 2)
    assert (xero.world.run_payments(), len(written_back(xero))) == ({}, 2)


def test_a_changed_number_waits_while_the_source_wants_no_calls(xero: Backflow) -> None:
    xero.book(1)
    xero.bookkeeper.renumber(xero.name_of(1), "IX-2026-77")
    with xero.world.ledger.transaction() as connection:
        close(connection, "ixpole_default", "ixpole", "iXpole asked us to wait", dt.timedelta(hours=2))
    [waits] = xero.world.run_payments().values()
    assert waits.outcome is Outcome.WAITS
    change(xero.world, "ixpole_default", closed_until=None, closed_reason=None)
    xero.world.run_payments()
    assert xero.world.sandbox.ixpole.told(FIRST)["InvoiceNumber"] == "IX-2026-77"


def test_a_changed_number_whose_answer_was_lost_is_told_again(xero: Backflow) -> None:
    xero.book(1)
    xero.bookkeeper.renumber(xero.name_of(1), "IX-2026-77")
    xero.world.sandbox.fault("close", system="ixpole", method="PUT", when="after", count=1)
    xero.world.run_payments()
    xero.world.run_payments()
    assert [body["InvoiceNumber"] for body in written_back(xero)] == ["IX-2026-77"] * 2
    assert (xero.world.run_payments(), len(written_back(xero))) == ({}, 2)


def test_a_real_number_that_begins_with_d_is_not_told_nor_the_payment_of_it(xero: Backflow) -> None:
    draft(xero)
    xero.bookkeeper.renumber(xero.name_of(1), "D-5")
    xero.bookkeeper.authorise("D-5")
    xero.bookkeeper.pay("D-5", on=ON)
    for _ in range(2):
        assert xero.world.run_payments() == {}
    assert (written_back(xero), xero.source_says(1)) == ([], ("Pending", None))
    assert xero.people_read() == [
        "IX-INST-2026-0001 was renumbered in Xero. Invoice number 'D-5' begins with D, and iXpole takes such a number "
        "for a draft. Give it another number in Xero; until then iXpole knows it under the old one"
    ]
    held = [change for change in xero.world.ledger.history(xero.world.row(FIRST)) if "D-5" in change.note]
    assert len([change for change in held if change.note.startswith("payment not reported")]) == 1
    xero.bookkeeper.renumber("D-5", "IX-5")
    xero.world.run_payments()
    assert (xero.source_says(1)[0], xero.people_read()) == ("Received", [])
    assert [body.get("InvoiceNumber") for body in written_back(xero)] == ["IX-5", None]
