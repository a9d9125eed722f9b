"""Documents of every kind, and a desk to book them at in the sandbox's Xero."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents import DocumentKind
from tests.builders import document

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.finance import XeroFinance
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, ReferenceData
    from tests.systems.xero.conftest import Xero

CARD = document(number="Q-CARD", kind=DocumentKind.CARD_PAYMENT, paid_by_card=True)
NOTE = document(number="Q-NOTE", kind=DocumentKind.CREDIT_NOTE, credited_number="Q-10023", credited_source_id="1")
REFUND = document(number="Q-REFUND", kind=DocumentKind.CREDIT_NOTE, paid_by_card=True)
LOST = [{"kind": "close", "when": "after"}, {"kind": "error", "when": "after"}, {"kind": "cut_short"}]


class Desk:
    """One organisation with a contact, where documents are booked."""

    def __init__(self, xero: Xero, reference: ReferenceData) -> None:
        self.xero = xero
        self.reference = reference
        self._keys = itertools.count()
        self.contact_id = xero.books.add_contact(Name="Acme Events AS", TaxNumber="912345678")["ContactID"]

    def book(self, one: Document, finance: XeroFinance | None = None, contact_id: str | None = None) -> Booking:
        finance = finance or self.xero.finance()
        key = f"key-{next(self._keys)}"
        return finance.bookings.create(one, contact_id or self.contact_id, self.reference, idempotency_key=key)

    def pay(self, booking: Booking, amount: str) -> None:
        self.xero.books.accounting.payments.create(
            {
                "Invoice": {"InvoiceID": booking.finance_id},
                "Account": {"Code": "090"},
                "Amount": Decimal(amount),
                "Date": "2026-11-10",
            }
        )

    def fault(self, method: str, path: str, **how: Any) -> None:
        self.xero.sandbox.fault(system="xero", method=method, path=path, count=1, **how)
