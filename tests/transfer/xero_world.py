"""Documents for a route from Qondor into Xero, and what both sides hold when all of them have gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.states import DocumentState
from tests.world import card_payment, credit_note, payment

if TYPE_CHECKING:
    from tests.world import World


def everything() -> list[dict[str, Any]]:
    """An invoice and a card payment, and the credit of each."""
    invoice, card = payment(1), card_payment(3)
    return [invoice, credit_note(2, invoice), card, credit_note(4, card)]


def everything_once(world: World) -> None:
    """An invoice, its credit note, a card payment and its refund, each on both sides exactly once."""
    xero, qondor = world.sandbox.xero, world.sandbox.qondor
    invoices = {row["InvoiceNumber"]: row for row in xero.invoices.rows()}
    notes = {row["CreditNoteNumber"]: row for row in xero.credit_notes.rows()}
    assert sorted(row["InvoiceNumber"] for row in xero.invoices.rows()) == ["T-1", "T-3"]
    assert sorted(row["CreditNoteNumber"] for row in xero.credit_notes.rows()) == ["T-2", "T-4"]
    assert len(xero.contacts.rows()) == 1
    assert [row["AmountDue"] for row in invoices.values()] == [0, 0]
    assert [row["RemainingCredit"] for row in notes.values()] == [0, 0]
    assert len(xero.payments.rows()) == 2
    assert len(xero.allocations.rows()) == 1
    for row in qondor.payments.rows():
        booked = invoices.get(row["invoiceNumber"], notes.get(row["invoiceNumber"]))
        assert row["statusText"] == "Processed"
        assert booked is not None
        assert row["externalReference"] == booked.get("InvoiceID", booked.get("CreditNoteID"))
        assert world.row(row["id"]).state is DocumentState.TRANSFERRED
