"""Qondor's payments and the rules of their states (qondor.md, "States and rules"; seed 001)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from sandbox.store import Row, Table

STATES = {1: "Unprocessed", 2: "Processed", 3: "Failed", 4: "Paid"}
_NUMBERS = {text: number for number, text in STATES.items()}
_SUMMARY = ("id", "invoiceNumber", "typeText", "invoiceDate", "officeId", "totalInclVat")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


class RuleBrokenError(Exception):
    """A call that the payment's state, or the body, does not allow; both attributes go into ProblemDetails."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class UnknownPaymentError(LookupError):
    """No payment with this id."""


QueueOf = Literal["mixed", "ids", "texts"]
"""What the queue's list holds: objects of several shapes, or bare ids (qondor.md, "Endpoints")."""

ReadUnder = Literal["Invoice", "GetInvoice"]
"""Which of the two reads of one payment there is: `Invoice/{id}` or `Invoice/GetInvoice/{id}` (same place)."""


class Payments:
    """What Qondor lets an integration do with payments."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.behave_as_usual()

    def behave_as_usual(self) -> None:
        """Answer as long as nobody wishes otherwise."""
        self.queue_of: QueueOf = "mixed"
        self.read_under: ReadUnder = "Invoice"

    def add(self, payment: Row) -> Row:
        """Register a payment; without a status it is unprocessed."""
        state = payment.get("status") or _NUMBERS["Unprocessed"]
        return self.table.put({**payment, "status": state, "statusText": STATES[state]})

    def unprocessed(self) -> list[Row]:
        """The queue: everything that waits, failed ones never."""
        return [row for row in self.table.rows() if _state(row) == "Unprocessed"]

    def queue_items(self) -> list[Any]:
        """The queue as the list endpoint shows it: only `id` may be relied on, the rest differs from item to item.

        The order follows no date and no number, but it is the same at every call.
        """
        rows = sorted(self.unprocessed(), key=lambda row: (row["id"] * 7_919) % 10_007)
        return [_queue_item(row, self.queue_of) for row in rows]

    def read(self, invoice_id: object) -> Row:
        """One payment in full."""
        key = str(invoice_id)
        if key not in self.table:
            raise UnknownPaymentError(key)
        return self.table[key]

    def set_processed(self, body: Row) -> None:
        """Processed, with the newest reference; not when paid or failed."""
        row = self._addressed(body)
        if _state(row) in ("Paid", "Failed"):
            raise RuleBrokenError(
                "Status", f"Invoice {row['id']} is {_state(row).lower()} and cannot be set as processed."
            )
        reference = body.get("externalReference") or row.get("externalReference")
        self._move(row, "Processed", externalReference=reference)

    def set_failed(self, body: Row) -> None:
        """Failed for good; not when processed or paid."""
        row = self._addressed(body)
        message = body.get("failureMessage")
        if not isinstance(message, str) or not message.strip():
            raise RuleBrokenError("FailureMessage", "The FailureMessage field is required.")
        if len(message) >= 1_000:
            raise RuleBrokenError("FailureMessage", "The field FailureMessage must be shorter than 1000 characters.")
        if _state(row) in ("Processed", "Paid"):
            raise RuleBrokenError(
                "Status", f"Invoice {row['id']} is {_state(row).lower()} and cannot be set as failed."
            )
        self._move(row, "Failed", failureMessage=message)

    def set_paid(self, body: Row) -> None:
        """Paid; only from processed, and never a card payment."""
        row = self._addressed(body)
        paid_date = body.get("paidDate")
        if not isinstance(paid_date, str) or not _DATE.fullmatch(paid_date):
            raise RuleBrokenError("PaidDate", "The PaidDate field must be a date.")
        if _state(row) != "Processed":
            raise RuleBrokenError(
                "Status", f"Invoice {row['id']} is {_state(row).lower()}; only a processed invoice can be set as paid."
            )
        if is_card_payment(row):
            raise RuleBrokenError("Type", "A credit card payment cannot be set as paid.")
        self._move(row, "Paid", paidDate=paid_date[:10])

    def set_unprocessed(self, body: Row) -> None:
        """Back to the queue; only from processed, and never a credit note."""
        row = self._addressed(body)
        if _state(row) != "Processed":
            raise RuleBrokenError(
                "Status",
                f"Invoice {row['id']} is {_state(row).lower()}; only a processed invoice can be set as unprocessed.",
            )
        if row.get("isCreditNote") or row.get("typeText") == "CreditNote" or row.get("type") == 5:
            raise RuleBrokenError("Type", "A credit note cannot be set as unprocessed.")
        self._move(row, "Unprocessed")

    def _addressed(self, body: Any) -> Row:
        invoice_id = body.get("invoiceId") if isinstance(body, dict) else None
        if not isinstance(invoice_id, int) or isinstance(invoice_id, bool):
            raise RuleBrokenError("InvoiceId", "The InvoiceId field is required.")
        return self.read(invoice_id)

    def _move(self, row: Row, state: str, **values: Any) -> None:
        self.table.put({**row, "status": _NUMBERS[state], "statusText": state, **values})


def is_card_payment(row: Row) -> bool:
    """Whether a payment is one of the kind CreditCardPayment."""
    return row.get("typeText") == "CreditCardPayment" or row.get("type") == 4


def _state(row: Row) -> str:
    return STATES[row["status"]]


def _queue_item(row: Row, queue_of: QueueOf) -> Row | int | str:
    if queue_of == "ids":
        return int(row["id"])
    if queue_of == "texts":
        return str(row["id"])
    form = row["id"] % 3
    if form == 0:
        return {"id": row["id"]}
    if form == 1:
        return {name: row.get(name) for name in _SUMMARY}
    return row
