"""A bookkeeper in Xero: what becomes of booked invoices and credit notes (xero.md, "Payment status")."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from sandbox.bookkeeping import PAYMENT, Booked, Bookkeeper, UnknownDocumentError, Verb, read_day, read_text
from sandbox.xero.changes_by_hand import ChangesByHand
from sandbox.xero.chart import BUSINESS_ACCOUNT, stable_id
from sandbox.xero.documents import NOTHING
from sandbox.xero.wire import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from sandbox.store import Row
    from sandbox.xero.accounting import Accounting
    from sandbox.xero.documents import Documents

_EXACT_UNITS = 4


class XeroBookkeeper(Bookkeeper):
    """Sales invoices and sales credit notes. Amounts are in the document's currency; a `document` is a number or an id.

    Every method raises `UnknownDocumentError`, `NotPossibleError` or, for an amount that is none, `BadRequestError`.
    """

    verbs: ClassVar[Mapping[str, Verb]] = {
        "pay": Verb("paid", PAYMENT),
        "overpay": Verb("overpaid", PAYMENT, needed=("amount",)),
        "set_off": Verb("set off against an overpayment", PAYMENT),
        "credit": Verb("credited", PAYMENT),
        "refund": Verb("refunded", PAYMENT),
        "unpay": Verb("un-paid"),
        "authorise": Verb("authorised", {"due": read_day}),
        "renumber": Verb("renumbered", {"number": read_text}, needed=("number",)),
        "void": Verb("voided"),
        "delete": Verb("deleted"),
    }
    refusals: ClassVar[tuple[type[Exception], ...]] = (RefusedError,)

    def __init__(self, accounting: Accounting) -> None:
        super().__init__(accounting.books.store, accounting.books.clock)
        self._accounting, self._books = accounting, accounting.books
        self.changes = ChangesByHand(accounting, self._found)

    def documents(self) -> list[Booked]:
        """Sales invoices, then sales credit notes."""
        accounting = self._accounting
        return [
            self._booked(documents, row)
            for documents in (accounting.invoices, accounting.credit_notes)
            for row in documents.table.rows()
            if row["Type"].startswith("ACCREC")
        ]

    def document(self, number_or_id: str) -> Booked:
        """One document; of those that shared a number the one that still holds it, invoices first."""
        return self._booked(*self._found(number_or_id))

    def pay(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """Money for an invoice, at most what is due; without an amount all of that. The payment's id."""
        with self._entry_for("pay", document) as booked:
            return self._receive(booked, self._part(booked, amount, booked.due, "due"), on)

    def overpay(self, document: str, amount: Decimal, on: date | None = None) -> str:
        """More money than is due: the invoice is paid exactly, the rest is the contact's. The payment's id."""
        with self._entry_for("overpay", document) as booked:
            rest = self._beyond(booked, amount) - booked.due
            payment_id = self._receive(booked, booked.due, on)
            self._books.overpayments.put(
                {
                    "OverpaymentID": str(uuid.uuid4()),
                    "Type": "RECEIVE-OVERPAYMENT",
                    "Status": "AUTHORISED",
                    "ContactID": self._books.invoices[booked.id]["ContactID"],
                    "CurrencyCode": booked.currency,
                    "Date": self._day(on, booked),
                    "Total": rest,
                    "RemainingCredit": rest,
                    "UpdatedDateUTC": self._books.stamp(),
                }
            )
            return payment_id

    def set_off(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """Use what the contact once paid too much; without an amount as much as there is and is due. Its id."""
        with self._entry_for("set_off", document) as booked:
            invoice = self._books.invoices[booked.id]
            overpayment = self._overpayments(invoice)[0]
            most = min(booked.due, overpayment["RemainingCredit"])
            part = self._part(booked, amount, most, "left to be set off")
            self._books.set_off.put(
                {
                    "AllocationID": str(uuid.uuid4()),
                    "OverpaymentID": overpayment["OverpaymentID"],
                    "InvoiceID": booked.id,
                    "Amount": part,
                    "Date": self._day(on, booked),
                }
            )
            remaining = overpayment["RemainingCredit"] - part
            self._books.overpayments.put(
                {
                    **overpayment,
                    "Status": "AUTHORISED" if remaining else "PAID",
                    "RemainingCredit": remaining,
                    "UpdatedDateUTC": self._books.stamp(),
                }
            )
            self._accounting.invoices.refresh(booked.id)
            return str(overpayment["OverpaymentID"])

    def credit(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """A credit note by hand, used for the invoice at once; without an amount all that is due. Its id."""
        with self._entry_for("credit", document) as booked:
            amount, day = self._part(booked, amount, booked.due, "due"), self._day(on, booked)
            notes, invoice = self._accounting.credit_notes, self._books.invoices[booked.id]
            note = notes.create(_credit_note(invoice, amount, day), _EXACT_UNITS)
            notes.allocate(note, {"Invoice": {"InvoiceID": booked.id}, "Amount": amount, "Date": day})
            return str(note["CreditNoteID"])

    def refund(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """Money back for a credit note; without an amount all that remains of it. The payment's id."""
        with self._entry_for("refund", document) as booked:
            return self._receive(booked, self._part(booked, amount, booked.due, "remaining credit"), on)

    def unpay(self, document: str) -> list[str]:
        """Take every payment of a document back; they stay readable as `DELETED`. Their ids."""
        with self._entry_for("unpay", document) as booked:
            found = self._payments(booked.id)
            for payment in found:
                self._accounting.payments.delete(payment)
            return [payment["PaymentID"] for payment in found]

    def authorise(self, document: str, due: date | None = None) -> str:
        """Make a draft count, with another due date if one is given. The document's id."""
        changed = {"Status": "AUTHORISED"} if due is None else {"Status": "AUTHORISED", "DueDate": due.isoformat()}
        return self._change("authorise", document, changed)

    def renumber(self, document: str, number: str) -> str:
        """Give a document another number, as nobody should. Its id."""
        with self._entry_for("renumber", document) as booked:
            self._found(booked.id)[0].renumber(booked.id, read_text(number))
            return booked.id

    def void(self, document: str) -> str:
        """An authorised document without payments and credits counts no longer, but keeps its number. Its id."""
        return self._change("void", document, {"Status": "VOIDED"})

    def delete(self, document: str) -> str:
        """A draft is gone, and its number free. Its id."""
        return self._change("delete", document, {"Status": "DELETED"})

    def _change(self, verb: str, document: str, changed: Row) -> str:
        with self._entry_for(verb, document) as booked:
            documents, _ = self._found(booked.id)
            documents.create_or_update({documents.id_field: booked.id, **changed}, _EXACT_UNITS)
            return booked.id

    def _receive(self, booked: Booked, amount: Decimal, on: date | None) -> str:
        documents, _ = self._found(booked.id)
        name = "CreditNote" if documents is self._accounting.credit_notes else "Invoice"
        payment = self._accounting.payments.create(
            {
                name: {documents.id_field: booked.id},
                "Account": {"AccountID": stable_id("account", BUSINESS_ACCOUNT)},
                "Date": self._day(on, booked),
                "Amount": amount,
            }
        )
        return str(payment["PaymentID"])

    def _found(self, number_or_id: str) -> tuple[Documents, Row]:
        deleted: tuple[Documents, Row] | None = None
        for documents in (self._accounting.invoices, self._accounting.credit_notes):
            row = documents.by_id_or_number(number_or_id)
            if row is not None:
                return documents, row
            for row in documents.table.find(documents.number_field, number_or_id):
                deleted = deleted or (documents, row)
        if deleted is None:
            raise UnknownDocumentError(f"Xero has no invoice or credit note {number_or_id}.")
        return deleted

    def _payments(self, document_id: str) -> list[Row]:
        found = [
            *self._books.payments.find("InvoiceID", document_id),
            *self._books.payments.find("CreditNoteID", document_id),
        ]
        return [payment for payment in found if payment["Status"] != "DELETED"]

    def _overpayments(self, invoice: Row) -> list[Row]:
        found = self._books.overpayments.find("ContactID", invoice["ContactID"])
        return [each for each in found if each["RemainingCredit"] and each["CurrencyCode"] == invoice["CurrencyCode"]]

    def _booked(self, documents: Documents, row: Row) -> Booked:
        paid = sum((each["Amount"] for each in self._payments(row[documents.id_field])), NOTHING)
        is_note = documents is self._accounting.credit_notes
        verbs = _verbs(row["Status"], is_note=is_note, paid=paid, settled=documents.settled(row))
        if "credit" in verbs and self._overpayments(row):
            verbs = (*verbs, "set_off")
        return Booked(
            system="xero",
            id=row[documents.id_field],
            number=row[documents.number_field],
            kind="Credit note" if is_note else "Invoice",
            status=row["Status"],
            currency=row["CurrencyCode"],
            total=row["Total"],
            due=row["RemainingCredit" if is_note else "AmountDue"],
            paid=paid,
            credited=documents.settled(row) - paid if row["Status"] in ("AUTHORISED", "PAID") else NOTHING,
            contact=self._books.contacts[row["ContactID"]]["Name"],
            date=row["Date"],
            due_date=row.get("DueDate"),
            verbs=verbs,
        )

    def _why_not(self, verb: str, booked: Booked) -> str:
        if verb == "void" and booked.status == "AUTHORISED":
            return f"{booked} has payments or credits and cannot be voided"
        if verb == "unpay" and booked.status in ("AUTHORISED", "PAID"):
            settled = ": it was settled by credit" if booked.credited else ""
            return f"{booked} has no payment that could be taken back{settled}"
        return super()._why_not(verb, booked)


def _verbs(status: str, *, is_note: bool, paid: Decimal, settled: Decimal) -> tuple[str, ...]:
    """What can be done with a document in this state."""
    possible: list[str] = []
    if status in ("DRAFT", "SUBMITTED"):
        possible += ["authorise", "delete"]
    if status == "AUTHORISED":
        possible += ["refund"] if is_note else ["pay", "overpay", "credit"]
        possible += [] if settled else ["void"]
    if status in ("AUTHORISED", "PAID") and paid:
        possible.append("unpay")
    if status not in ("VOIDED", "DELETED"):
        possible.append("renumber")
    return tuple(possible)


def _credit_note(invoice: Row, amount: Decimal, day: str) -> Row:
    """The body of a credit note: the invoice's lines if all of it is credited, else one line of that amount."""
    first, terms = invoice["LineItems"][0], invoice["LineAmountTypes"]
    lines = invoice["LineItems"]
    if amount != invoice["Total"]:
        terms = terms if terms == "NoTax" else "Inclusive"
        text = f"Credit of invoice {invoice['InvoiceNumber']}"
        lines = [{"Description": text, "UnitAmount": amount, **_booked_as(first)}]
    return {
        "Type": "ACCRECCREDIT",
        "Contact": {"ContactID": invoice["ContactID"]},
        "Date": day,
        "CurrencyCode": invoice["CurrencyCode"],
        "LineAmountTypes": terms,
        "Reference": invoice["InvoiceNumber"],
        "Status": "AUTHORISED",
        "LineItems": lines,
    }


def _booked_as(line: Row) -> Row:
    return {name: line[name] for name in ("AccountCode", "TaxType") if name in line}
