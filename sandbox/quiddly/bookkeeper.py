"""Money that comes in for Quiddly's invoices, and drafts that somebody activates (quiddly.md, "Payments out")."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from sandbox.bookkeeping import PAYMENT, Booked, Bookkeeper, NotPossibleError, UnknownDocumentError, Verb, read_text
from sandbox.quiddly.changes_by_hand import ChangesByHand
from sandbox.quiddly.invoices import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sandbox.clock import Clock
    from sandbox.quiddly.invoices import Invoices
    from sandbox.quiddly.vouchers import Vouchers
    from sandbox.store import Row, Store

_NOTHING = Decimal("0.00")
_KINDS = {"INVOICE": "Invoice", "CREDIT_INVOICE": "Credit invoice"}
FOREIGN = "Foreign invoice"
"""The kind of an invoice that Quiddly does not hold: only its payments are known."""


class QuiddlyBookkeeper(Bookkeeper):
    """Payments of invoices, all waiting to be exported. Amounts are in the invoice's currency.

    A `document` is a number or an id. Every method raises `UnknownDocumentError`, `NotPossibleError` or, for an amount
    that is none, `BadRequestError`.
    """

    verbs: ClassVar[Mapping[str, Verb]] = {
        "pay": Verb("paid", PAYMENT),
        "overpay": Verb("overpaid", PAYMENT, needed=("amount",)),
        "correct": Verb("corrected", PAYMENT),
        "refund": Verb("refunded", PAYMENT),
        "activate": Verb("activated"),
        "pay_foreign": Verb("paid", {**PAYMENT, "currency": read_text, "contact": read_text}, needed=("amount",)),
    }
    refusals: ClassVar[tuple[type[Exception], ...]] = (RefusedError,)

    def __init__(self, store: Store, clock: Clock, invoices: Invoices, vouchers: Vouchers) -> None:
        super().__init__(store, clock)
        self._invoices, self._vouchers = invoices, vouchers
        self.changes = ChangesByHand(store, invoices)

    def documents(self) -> list[Booked]:
        """Quiddly's invoices, then the foreign ones that were paid here."""
        held = [self._booked(row) for row in self._invoices.table.rows()]
        numbers = {booked.number for booked in held}
        paid = dict.fromkeys(row["payment"]["invoiceNumber"] for row in self._vouchers.table.rows())
        return held + [self._foreign(number) for number in paid if number not in numbers]

    def document(self, number_or_id: str) -> Booked:
        """One invoice, of Quiddly's own or a foreign one that was paid here."""
        row = self._row(number_or_id)
        if row is not None:
            return self._booked(row)
        if self._vouchers.of(number_or_id):
            return self._foreign(number_or_id)
        raise UnknownDocumentError(f"Quiddly has no invoice {number_or_id}.")

    def pay(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """Money for an invoice, at most what is due; without an amount all of that. The payment's id."""
        with self._entry_for("pay", document) as booked:
            return self._note(booked, self._part(booked, amount, booked.due, "due"), on)

    def overpay(self, document: str, amount: Decimal, on: date | None = None) -> str:
        """More money than is due, in one payment. The payment's id."""
        with self._entry_for("overpay", document) as booked:
            return self._note(booked, self._beyond(booked, amount), on)

    def correct(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """A payment was wrong: a negative one takes the amount back, or all that was paid. The payment's id."""
        with self._entry_for("correct", document) as booked:
            return self._note(booked, -self._part(booked, amount, booked.paid, "paid"), on)

    def refund(self, document: str, amount: Decimal | None = None, on: date | None = None) -> str:
        """Money back for a credit invoice, which is a negative payment; without an amount all. The payment's id."""
        with self._entry_for("refund", document) as booked:
            return self._note(booked, -self._part(booked, amount, -booked.due, "to be refunded"), on)

    def activate(self, document: str) -> str:
        """Send a draft out to its debtor. The invoice's id."""
        with self._entry_for("activate", document) as booked:
            return str(self._invoices.activate(booked.id, {})["id"])

    def pay_foreign(
        self,
        document: str,
        amount: Decimal,
        on: date | None = None,
        currency: str = "SEK",
        contact: str = "Somebody else",
    ) -> str:
        """Money for an invoice that Quiddly does not hold, because another system made it. The payment's id."""
        with self._entry(f"Invoice {document} cannot be paid"):
            if self._row(document) is not None:
                raise NotPossibleError(f"Invoice {document} is in Quiddly: pay it as such.")
            like = {
                "invoiceNumber": document,
                "currency": {"baseCurrency": currency, "exchangeRate": Decimal("1.0"), "invoiceCurrency": currency},
                "debtor": {"name": contact},
            }
            day = (on or self._clock.today()).isoformat()
            return str(self._vouchers.add(like, self._whole_cents(amount), day)["id"])

    def _note(self, booked: Booked, amount: Decimal, on: date | None) -> str:
        return str(self._vouchers.add(self._invoices.table[booked.id], amount, self._day(on, booked))["id"])

    def _row(self, number_or_id: str) -> Row | None:
        if number_or_id in self._invoices.table:
            return self._invoices.table[number_or_id]
        found = self._invoices.numbered(number_or_id)
        return found[0] if found else None

    def _booked(self, row: Row) -> Booked:
        total = Decimal(str(row["totals"]["totalToPay"]))
        paid = self._vouchers.paid_for(row["invoiceNumber"])
        return Booked(
            system="quiddly",
            id=row["id"],
            number=row["invoiceNumber"],
            kind=_KINDS[row["type"]],
            status=row["status"],
            currency=row["currency"]["invoiceCurrency"],
            total=total,
            due=total - paid,
            paid=paid,
            credited=_NOTHING,
            contact=row["debtor"]["name"],
            date=row["dates"]["invoiceDate"],
            due_date=row["dates"]["expireDate"],
            verbs=_verbs(row, total - paid, paid),
        )

    def _foreign(self, number: str) -> Booked:
        first, paid = self._vouchers.of(number)[0], self._vouchers.paid_for(number)
        return Booked(
            system="quiddly",
            id=number,
            number=number,
            kind=FOREIGN,
            status="UNKNOWN",
            currency=first["invoiceCurrency"],
            total=paid,
            due=_NOTHING,
            paid=paid,
            credited=_NOTHING,
            contact=first["name"],
            date=first["date"],
            due_date=None,
            verbs=("pay_foreign",),
        )

    def _why_not(self, verb: str, booked: Booked) -> str:
        if verb == "pay" and "overpay" in booked.verbs:
            return f"{booked} is paid in full and cannot be paid; it can be overpaid"
        if verb == "correct" and booked.status == "ACTIVATED":
            return f"{booked} has no payment that could be corrected"
        return super()._why_not(verb, booked)


def _verbs(row: Row, due: Decimal, paid: Decimal) -> tuple[str, ...]:
    """What can be done with an invoice in this state: a draft takes no money."""
    if row["status"] != "ACTIVATED":
        return ("activate",)
    if row["type"] == "CREDIT_INVOICE":
        return ("refund",) if due < 0 else ()
    return (*(["pay"] if due > 0 else []), "overpay", *(["correct"] if paid > 0 else []))
