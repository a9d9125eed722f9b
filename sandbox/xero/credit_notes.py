"""Rules of credit notes and their allocations (xero.md, "Credit notes")."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.xero.documents import NOTHING, Documents
from sandbox.xero.lines import half_up
from sandbox.xero.wire import RefusedError, msdate, read_amount, read_date

if TYPE_CHECKING:
    from sandbox.store import Row, Table
    from sandbox.xero.books import Books
    from sandbox.xero.contacts import Contacts
    from sandbox.xero.invoices import Invoices


class CreditNotes(Documents):
    """Sales credit notes."""

    kind: ClassVar[str] = "Credit Note"
    id_field: ClassVar[str] = "CreditNoteID"
    number_field: ClassVar[str] = "CreditNoteNumber"
    types: ClassVar[tuple[str, ...]] = ("ACCRECCREDIT", "ACCPAYCREDIT")
    number_prefix: ClassVar[str] = "CN-"

    def __init__(self, books: Books, contacts: Contacts, invoices: Invoices) -> None:
        super().__init__(books, contacts)
        self._invoices = invoices

    @property
    def table(self) -> Table:
        """The credit notes."""
        return self._books.credit_notes

    def settled(self, document: Row) -> Decimal:
        """What was allocated and refunded."""
        return (
            Decimal(document["Total"] - document.get("RemainingCredit", document["Total"]))
            if "Total" in document
            else NOTHING
        )

    def refresh(self, document_id: str) -> Row:
        """Remaining credit and status: PAID when all of it is allocated or refunded."""
        row = self.table[document_id]
        used = [*self._books.allocations.find("CreditNoteID", document_id), *self._refunds(row)]
        remaining = row["Total"] - sum((each["Amount"] for each in used), NOTHING)
        status, settled_on = row["Status"], None
        if status in ("AUTHORISED", "PAID"):
            status = "PAID" if remaining == 0 else "AUTHORISED"
        if status == "PAID":
            settled_on = max((each["Date"] for each in used), default=row["Date"])
        return self.table.put(
            {
                **row,
                "Status": status,
                "RemainingCredit": remaining,
                "FullyPaidOnDate": settled_on,
                "UpdatedDateUTC": self._books.stamp(),
            }
        )

    def allocate(self, note: Row, body: Row) -> Row:
        """A second call after creating, and not idempotent: the same body twice allocates twice."""
        invoice = self._invoice(body.get("Invoice"))
        amount = read_amount(body.get("Amount"), "Amount")
        if amount is None or amount <= 0 or half_up(amount) != amount:
            raise RefusedError("The allocation Amount must be greater than zero and have at most 2 decimals")
        day = read_date(body.get("Date"), "Date") or self._books.today()
        self._refuse_mismatch(self.table[note["CreditNoteID"]], invoice, amount)
        self._books.refuse_locked(day, "allocation")
        allocation = self._books.allocations.put(
            {
                "AllocationID": str(uuid.uuid4()),
                "CreditNoteID": note["CreditNoteID"],
                "InvoiceID": invoice["InvoiceID"],
                "Amount": half_up(amount),
                "Date": day,
            }
        )
        self.refresh(note["CreditNoteID"])
        self._invoices.refresh(invoice["InvoiceID"])
        return allocation

    def remove_allocation(self, allocation: Row) -> Row:
        """Take an allocation back: credit remains again, the invoice is due again."""
        self._books.allocations.remove(allocation["AllocationID"])
        self.refresh(allocation["CreditNoteID"])
        self._invoices.refresh(allocation["InvoiceID"])
        return {"AllocationID": allocation["AllocationID"], "IsDeleted": True}

    def show_allocation(self, allocation: Row) -> Row:
        """An allocation as the API answers it."""
        invoice = self._books.invoices[allocation["InvoiceID"]]
        return {
            "AllocationID": allocation["AllocationID"],
            "Amount": allocation["Amount"],
            "Date": msdate(allocation["Date"]),
            "Invoice": {"InvoiceID": invoice["InvoiceID"], "InvoiceNumber": invoice["InvoiceNumber"]},
        }

    def _invoice(self, named: Any) -> Row:
        named = named if isinstance(named, dict) else {}
        invoice = self._invoices.by_id_or_number(str(named.get("InvoiceID") or named.get("InvoiceNumber") or ""))
        if invoice is None:
            raise RefusedError("The Invoice of the allocation could not be found")
        return invoice

    def _refuse_mismatch(self, note: Row, invoice: Row, amount: Decimal) -> None:
        problems = []
        if note["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED":
            problems.append("Credit notes can only be allocated to Authorised documents, from Authorised documents")
        if note["ContactID"] != invoice["ContactID"]:
            problems.append("The credit note and the invoice must have the same contact")
        if note["CurrencyCode"] != invoice["CurrencyCode"]:
            problems.append("The credit note and the invoice must have the same currency")
        if amount > note["RemainingCredit"]:
            problems.append("The amount exceeds the remaining credit on this credit note")
        if amount > invoice["AmountDue"]:
            problems.append("The amount exceeds the amount outstanding on this document")
        if problems:
            raise RefusedError(*problems)

    def _refunds(self, row: Row) -> list[Row]:
        found = self._books.payments.find("CreditNoteID", row["CreditNoteID"])
        return [payment for payment in found if payment["Status"] != "DELETED"]

    def _details(self, row: Row) -> Row:
        allocations = self._books.allocations.find("CreditNoteID", row["CreditNoteID"])
        payments = [
            {
                "PaymentID": each["PaymentID"],
                "Date": msdate(each["Date"]),
                "Amount": each["Amount"],
                "Reference": each.get("Reference") or "",
            }
            for each in self._refunds(row)
        ]
        return {"Allocations": [self.show_allocation(each) for each in allocations], "Payments": payments}
