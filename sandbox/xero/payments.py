"""Rules of payments and refunds (xero.md, "Payments")."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.xero.lines import half_up
from sandbox.xero.wire import RefusedError, msdate, read_amount, read_date, updated

if TYPE_CHECKING:
    from sandbox.store import Row
    from sandbox.xero.books import Books
    from sandbox.xero.credit_notes import CreditNotes
    from sandbox.xero.documents import Documents
    from sandbox.xero.invoices import Invoices


class Payments:
    """Booking, deleting and showing payments."""

    def __init__(self, books: Books, invoices: Invoices, credit_notes: CreditNotes) -> None:
        self._books, self._invoices, self._credit_notes = books, invoices, credit_notes

    def create(self, body: Row) -> Row:
        """Book a payment of an invoice or a refund of a credit note. Nothing makes it unique."""
        documents, document = self._document(body)
        amount = read_amount(body.get("Amount"), "Amount")
        if amount is None or amount <= 0 or half_up(amount) != amount:
            raise RefusedError("The Payment Amount must be greater than zero and have at most 2 decimals")
        account = self._account(body.get("Account"))
        self._refuse_unpayable(document, amount)
        day = read_date(body.get("Date"), "Date") or self._books.today()
        self._books.refuse_locked(day, "payment")
        payment = self._books.payments.put(
            {
                "PaymentID": str(uuid.uuid4()),
                documents.id_field: document[documents.id_field],
                "AccountID": account["AccountID"],
                "Date": day,
                "Amount": half_up(amount),
                "Reference": body.get("Reference"),
                "Status": "AUTHORISED",
                "UpdatedDateUTC": self._books.stamp(),
            }
        )
        documents.refresh(document[documents.id_field])
        return payment

    def delete(self, payment: Row) -> Row:
        """Take a payment back; it stays readable and its document is open again."""
        if payment["Status"] == "DELETED":
            raise RefusedError("Payment has already been deleted")
        deleted = self._books.payments.change(
            payment["PaymentID"], Status="DELETED", UpdatedDateUTC=self._books.stamp()
        )
        if payment.get("InvoiceID"):
            self._invoices.refresh(payment["InvoiceID"])
        else:
            self._credit_notes.refresh(payment["CreditNoteID"])
        return deleted

    def change(self, body: Row) -> Row:
        """POST: deletes the named payment, or books a new one when none is named."""
        payment_id = body.get("PaymentID")
        if not payment_id:
            return self.create(body)
        if payment_id not in self._books.payments:
            raise RefusedError("The Payment could not be found")
        if body.get("Status") != "DELETED":
            raise RefusedError("Payments cannot be changed, only deleted")
        return self.delete(self._books.payments[payment_id])

    def view(self, row: Row) -> Row:
        """A payment with the documents that filters look into, dates still plain."""
        account = self._books.accounts[row["AccountID"]]
        shown = {
            **row,
            "Account": {"AccountID": account["AccountID"], "Code": account["Code"], "Name": account["Name"]},
        }
        del shown["AccountID"]
        for documents, name, kind in (
            (self._invoices, "Invoice", "ACCRECPAYMENT"),
            (self._credit_notes, "CreditNote", "ARCREDITPAYMENT"),
        ):
            document_id = shown.pop(documents.id_field, None)
            if document_id:
                shown |= {name: _brief(documents, documents.table[document_id]), "PaymentType": kind}
        return shown

    def show(self, row: Row) -> Row:
        """A payment as the API answers it."""
        shown = self.view(row) | {
            "Date": msdate(row["Date"]),
            "BankAmount": row["Amount"],
            "CurrencyRate": Decimal("1.0"),
        }
        shown["Account"] = {name: value for name, value in shown["Account"].items() if value is not None}
        shown |= {"HasAccount": True, "IsReconciled": False, "HasValidationErrors": False, **updated(row)}
        return {name: value for name, value in shown.items() if value is not None}

    def _document(self, body: Row) -> tuple[Documents, Row]:
        for documents, name in ((self._invoices, "Invoice"), (self._credit_notes, "CreditNote")):
            named = body.get(name)
            if isinstance(named, dict):
                key = str(named.get(documents.id_field) or named.get(documents.number_field) or "")
                document = documents.by_id_or_number(key)
                if document is None:
                    raise RefusedError(f"{documents.kind} could not be found")
                return documents, document
        raise RefusedError("A payment must name an Invoice or a CreditNote")

    def _account(self, named: Any) -> Row:
        named = named if isinstance(named, dict) else {}
        account = None
        if named.get("AccountID"):
            account = self._books.accounts.get(named["AccountID"])
        elif named.get("Code"):
            account = self._books.account(named["Code"])
        payable = account is not None and (account["Type"] == "BANK" or account["EnablePaymentsToAccount"])
        if account is None or not payable or account["Status"] != "ACTIVE":
            raise RefusedError(
                "Account must be valid. It must be active and a bank account, or be enabled for payments."
            )
        return account

    def _refuse_unpayable(self, document: Row, amount: Decimal) -> None:
        if document["Status"] not in ("AUTHORISED", "PAID"):
            raise RefusedError("Payments can only be made against Authorised documents")
        outstanding = document["RemainingCredit"] if "RemainingCredit" in document else document["AmountDue"]
        if amount > outstanding:
            raise RefusedError("Payment amount exceeds the amount outstanding on this document")


def _brief(documents: Documents, row: Row) -> Row:
    names = ("Type", documents.id_field, documents.number_field, "CurrencyCode", "Reference")
    return {name: row[name] for name in names if row.get(name) is not None}
