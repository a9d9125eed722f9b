"""Setting a credit note off against the invoice that it credits: a second write, and not idempotent.

The allocation is sent at once for what both documents can bear by their totals. Only a refusal makes it worth two calls
to see how both are, or an invoice that stood in the way when it was booked: merging contacts moves it to another one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.systems.xero.step_writes import not_there, paid_in_full, send_step, warned
from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.errors import HeldError, RefusedError

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroAllocation, XeroCreditNote, XeroInvoice
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, Steps

ALLOCATION = "allocation"
_NOTHING = Decimal(0)


class Allocations:
    """Allocates credit notes; what cannot be allocated is left open and said in the booking's warnings."""

    def __init__(self, hook: XeroHook) -> None:
        self._hook = hook

    def allocate(self, document: Document, note: Booking, invoice: Booking | None, steps: Steps) -> Booking:
        """Allocate min(remaining credit, amount due) to the invoice, unless that is done.

        :param note: the credit note's own booking.
        :param invoice: the booking of the invoice that it credits; `None` when there is none.
        """
        if steps.is_done(ALLOCATION) or note.status == "PAID" or note.total == 0:
            return note
        if invoice is None:
            name = document.credited_number or document.credited_source_id
            return _left_open(note, f"its invoice {name} is not in Xero") if name else note
        credit = note.total
        if steps.was_tried(ALLOCATION):
            now = self._hook.credit_note(note.finance_id)
            if (made := _allocation_to(invoice, now)) is not None:
                steps.done(ALLOCATION, made.allocation_id)
                return note
            not_there(ALLOCATION, steps)
            credit = note.total if now.remaining_credit is None else now.remaining_credit
        if (reason := _unfit(note)) is not None:
            return _left_open(note, reason)
        if _obstacle(note, invoice) is not None:
            return self._send_what_is_open(document, note, invoice, steps, None)
        try:
            return self._send(document, note, invoice, credit, min(credit, invoice.total), steps)
        except RefusedError as error:
            return self._send_what_is_open(document, note, invoice, steps, error)

    def _send_what_is_open(
        self, document: Document, note: Booking, invoice: Booking, steps: Steps, error: RefusedError | None
    ) -> Booking:
        """Allocate what both have open, or say why there is nothing to allocate.

        :param error: the definite refusal of all that both could bear by their totals; `None` if that was not sent.
        """
        invoice_now, note_now = self._hook.invoice(invoice.finance_id), self._hook.credit_note(note.finance_id)
        credit = note_now.remaining_credit or _NOTHING
        amount = min(invoice_now.amount_due or _NOTHING, credit)
        if (reason := _obstacle(_as_it_is(note, note_now), _as_it_is(invoice, invoice_now))) is not None:
            return _left_open(note, reason)
        if amount == 0:
            return _left_open(note, f"{invoice.number if credit else note.number} has nothing open")
        if error is not None and amount >= min(note.total, invoice.total):
            raise error
        return self._send(document, note, invoice, credit, amount, steps)

    def _send(
        self, document: Document, note: Booking, invoice: Booking, credit: Decimal, amount: Decimal, steps: Steps
    ) -> Booking:
        """Allocate an amount, and say what stays open.

        :param credit: what the note has left, some of which somebody may have used elsewhere.
        """
        if document.invoice_date is None:
            raise HeldError(f"{note.number} has no date to allocate it on")
        body = {
            "Invoice": {"InvoiceID": invoice.finance_id},
            "Amount": amount,
            "Date": document.invoice_date.isoformat(),
        }
        what = f"the allocation of {note.number} to {invoice.number}"
        send_step(
            ALLOCATION,
            steps,
            lambda key: self._hook.allocate(note.finance_id, body, idempotency_key=key, what=what).allocation_id,
        )
        if amount == note.total:
            return paid_in_full(note)
        if amount == credit:
            used = format_amount(note.total - credit)
            return paid_in_full(warned(note, f"{used} {note.currency} of {note.number} is used elsewhere in Xero"))
        left = format_amount(credit - amount)
        return warned(
            note, f"{invoice.number} had less open than {note.number}: {left} {note.currency} stays as credit"
        )


def _obstacle(note: Booking, invoice: Booking) -> str | None:
    """Why Xero would not allocate, as far as the two bookings tell."""
    if note.contact_id != invoice.contact_id:
        return f"{invoice.number} is booked on another contact"
    if note.currency != invoice.currency:
        return f"{invoice.number} is in {invoice.currency}"
    return _unfit(note) or _unfit(invoice)


def _unfit(booking: Booking) -> str | None:
    if booking.status == "PAID":
        return f"{booking.number} is already paid in Xero"
    return None if booking.status == "AUTHORISED" else f"{booking.number} is {booking.status.lower()} in Xero"


def _as_it_is(booking: Booking, found: XeroInvoice | XeroCreditNote) -> Booking:
    """The booking with what may have changed in Xero since."""
    contact_id = found.contact.contact_id if found.contact else None
    return booking.model_copy(
        update={"status": found.status or booking.status, "contact_id": contact_id or booking.contact_id}
    )


def _allocation_to(invoice: Booking, note: XeroCreditNote) -> XeroAllocation | None:
    for allocation in note.allocations or ():
        named = allocation.invoice.invoice_id if allocation.invoice else None
        if named == invoice.finance_id and not allocation.is_deleted:
            return allocation
    return None


def _left_open(note: Booking, reason: str) -> Booking:
    return warned(note, f"Credit note {note.number} is not allocated: {reason}")
