"""Rules of invoices beyond those of every document (xero.md, "Invoices" and "Payment status")."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from sandbox.xero.documents import NOTHING, Documents
from sandbox.xero.wire import msdate

if TYPE_CHECKING:
    from sandbox.store import Row, Table


class Invoices(Documents):
    """Sales invoices (and bills, which nobody here sends)."""

    kind: ClassVar[str] = "Invoice"
    id_field: ClassVar[str] = "InvoiceID"
    number_field: ClassVar[str] = "InvoiceNumber"
    types: ClassVar[tuple[str, ...]] = ("ACCREC", "ACCPAY")
    number_prefix: ClassVar[str] = "INV-"

    @property
    def table(self) -> Table:
        """The invoices."""
        return self._books.invoices

    def settled(self, document: Row) -> Decimal:
        """What was paid and credited."""
        return Decimal(document.get("AmountPaid", NOTHING) + document.get("AmountCredited", NOTHING))

    def refresh(self, document_id: str) -> Row:
        """Amounts and status: PAID when nothing is due, AUTHORISED again when a payment is removed."""
        row = self.table[document_id]
        payments = self._payments(row)
        allocations = [
            *self._books.allocations.find("InvoiceID", document_id),
            *self._books.set_off.find("InvoiceID", document_id),
        ]
        paid = sum((payment["Amount"] for payment in payments), NOTHING)
        credited = sum((allocation["Amount"] for allocation in allocations), NOTHING)
        due = row["Total"] - paid - credited
        status, settled_on = row["Status"], None
        if status in ("AUTHORISED", "PAID"):
            status = "PAID" if due == 0 else "AUTHORISED"
        if status == "PAID":
            settled_on = max([each["Date"] for each in [*payments, *allocations]], default=row["Date"])
        return self.table.put(
            {
                **row,
                "Status": status,
                "AmountDue": due,
                "AmountPaid": paid,
                "AmountCredited": credited,
                "FullyPaidOnDate": settled_on,
                "UpdatedDateUTC": self._books.stamp(),
            }
        )

    def _more_problems(self, changed: Row) -> list[str]:
        needs_due_date = changed["Status"] in ("SUBMITTED", "AUTHORISED") and not changed.get("DueDate")
        return ["The DueDate field must be specified"] if needs_due_date else []

    def _payments(self, row: Row) -> list[Row]:
        found = self._books.payments.find("InvoiceID", row["InvoiceID"])
        return [payment for payment in found if payment["Status"] != "DELETED"]

    def _details(self, row: Row) -> Row:
        payments = [
            {
                "PaymentID": each["PaymentID"],
                "Date": msdate(each["Date"]),
                "Amount": each["Amount"],
                "Reference": each.get("Reference") or "",
            }
            for each in self._payments(row)
        ]
        credits = []
        for allocation in self._books.allocations.find("InvoiceID", row["InvoiceID"]):
            note = self._books.credit_notes[allocation["CreditNoteID"]]
            credits.append(
                {
                    "CreditNoteID": note["CreditNoteID"],
                    "CreditNoteNumber": note["CreditNoteNumber"],
                    "AppliedAmount": allocation["Amount"],
                    "Date": msdate(allocation["Date"]),
                    "Total": note["Total"],
                }
            )
        return {"Payments": payments, "CreditNotes": credits, "Prepayments": [], "Overpayments": self._advances(row)}

    def _advances(self, row: Row) -> list[Row]:
        return [
            {
                "OverpaymentID": each["OverpaymentID"],
                "AppliedAmount": each["Amount"],
                "Date": msdate(each["Date"]),
                "Total": self._books.overpayments[each["OverpaymentID"]]["Total"],
            }
            for each in self._books.set_off.find("InvoiceID", row["InvoiceID"])
        ]
