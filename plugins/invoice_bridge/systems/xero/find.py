"""Looking for single bookings in Xero: by number, or by id, whatever a person gives for one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from invoice_bridge.hooks.xero.hook import FOUR_DECIMALS
from invoice_bridge.hooks.xero.where import can_be_asked, equals
from invoice_bridge.systems.xero.booking_answers import booking_of
from invoice_bridge.systems.xero.booking_status import (
    CREDIT_NOTES,
    GONE,
    INVOICES,
    LIVING,
    listing,
    pages,
    paging,
    status_of,
)
from invoice_bridge_core.errors import NeedsHumanError, NotFoundError
from invoice_bridge_core.ports.booking_status import BookingStatus

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroCreditNote, XeroInvoice
    from invoice_bridge.systems.xero.reference import XeroReference
    from invoice_bridge_core.ports import Booking


class BookingFinder:
    """The sales invoices and credit notes of one Xero organisation."""

    def __init__(self, hook: XeroHook, reference: XeroReference) -> None:
        self._hook = hook
        self._reference = reference

    def with_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What keeps the number taken, voided or not; one call.

        :raises NeedsHumanError: Xero cannot be asked for such a number.
        """
        booking = self._credit_note(number) if is_credit_note else next(self.invoices([number]), None)
        return BookingStatus(booking=booking, is_gone=booking.status in GONE) if booking else None

    def with_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """The sales invoice or credit note of this id, in any status; one call, none for what is not an id."""
        try:
            wanted = str(UUID(finance_id))
        except ValueError:
            return None
        short_code = self._reference.short_code
        try:
            if is_credit_note:
                note = self._hook.credit_note(wanted)
                return status_of(note, short_code) if note.type in (None, "ACCRECCREDIT") else None
            invoice = self._hook.invoice(wanted)
            return status_of(invoice, short_code) if invoice.type in (None, "ACCREC") else None
        except NotFoundError:
            return None

    def invoices(self, numbers: list[str]) -> Iterator[Booking]:
        """The invoices that keep these numbers taken, in their order; one call.

        :raises NeedsHumanError: Xero cannot be asked for one of the numbers.
        """
        wanted = list(dict.fromkeys(numbers))
        what = f"looking for invoice {wanted[0]}"
        if all(map(can_be_asked, wanted)) and not any("," in number for number in wanted):
            question = {"InvoiceNumbers": ",".join(wanted)}
        else:
            question = {"where": " OR ".join(_number_is("InvoiceNumber", number) for number in wanted)}
        found = self._hook.invoices({**question, "Statuses": LIVING}, what=what)
        sales = [invoice for invoice in found if (invoice.type or "ACCREC") == "ACCREC"]
        for number in wanted:
            for invoice in sales:
                if _is_taken(invoice.number, invoice.status, number):
                    yield booking_of(invoice, self._reference.short_code)

    def made_since(
        self, moment: dt.datetime, *, is_credit_note: bool
    ) -> Sequence[XeroInvoice] | Sequence[XeroCreditNote]:
        """All that was made or changed since, with its lines; without deleted drafts. One call for a thousand."""
        what = f"looking for what was made since {moment.isoformat(timespec='seconds')}"
        if is_credit_note:
            notes = pages(
                lambda page: self._hook.credit_notes(
                    CREDIT_NOTES, what=what, params=paging(page), modified_since=moment
                )
            )
            return [note for note in notes if (note.status or "").upper() != "DELETED"]
        return pages(
            lambda page: self._hook.invoices(
                listing(INVOICES, page) | {"Statuses": LIVING} | FOUR_DECIMALS, what=what, modified_since=moment
            )
        )

    def _credit_note(self, number: str) -> Booking | None:
        found = self._hook.credit_notes(
            _number_is("CreditNoteNumber", number), what=f"looking for credit note {number}"
        )
        for note in found:
            if (note.type or "ACCRECCREDIT") == "ACCRECCREDIT" and _is_taken(note.number, note.status, number):
                return booking_of(note, self._reference.short_code)
        return None


def _number_is(field: str, number: str) -> str:
    if not can_be_asked(number):
        raise NeedsHumanError(f"Xero cannot be asked for number '{number}': look whether it is booked there")
    return equals(field, number)


def _is_taken(number: str, status: str | None, wanted: str) -> bool:
    return number.casefold() == wanted.casefold() and (status or "").upper() != "DELETED"
