"""Looking for single bookings in Xero: by number, or by id, whatever a person gives for one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote
from uuid import UUID

from invoice_bridge.hooks.xero.hook import FOUR_DECIMALS, IDS_PER_CALL
from invoice_bridge.hooks.xero.where import QUERY_LIMIT, can_be_asked, equals, packed
from invoice_bridge.systems.xero.booking_answers import booking_of
from invoice_bridge.systems.xero.booking_status import CREDIT_NOTES, INVOICES, LIVING, listing, pages, paging
from invoice_bridge.systems.xero.payment_answers import GONE, status_of
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
        self._listed: dict[tuple[str, bool], Any] | None = None

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

    def with_numbers(self, numbers: Sequence[str], *, is_credit_note: bool) -> dict[str, BookingStatus]:
        """The same of many numbers, by those that are taken; 40 a call.

        :raises NeedsHumanError: Xero cannot be asked for one of the numbers.
        """
        found: dict[str, BookingStatus] = {}
        wanted = list(dict.fromkeys(numbers))
        for each in (wanted[start : start + IDS_PER_CALL] for start in range(0, len(wanted), IDS_PER_CALL)):
            bookings = self._notes_of(each) if is_credit_note else self.invoices(each)
            by_number: dict[str, Booking] = {}
            for booking in bookings:
                by_number.setdefault(booking.number.casefold(), booking)
            for number in each:
                if (taken := by_number.get(number.casefold())) is not None:
                    found[number] = BookingStatus(booking=taken, is_gone=taken.status in GONE)
        return found

    def invoices(self, numbers: list[str]) -> Iterator[Booking]:
        """The invoices that keep these numbers taken, in their order; one call.

        :raises NeedsHumanError: Xero cannot be asked for one of the numbers.
        """
        wanted = list(dict.fromkeys(numbers))
        what = f"looking for invoice {wanted[0]}" if len(wanted) == 1 else f"looking for {len(wanted)} invoices"
        sales = [
            invoice
            for question in _questions(wanted)
            for invoice in self._hook.invoices({**question, "Statuses": LIVING}, what=what)
            if (invoice.type or "ACCREC") == "ACCREC"
        ]
        for number in wanted:
            for invoice in sales:
                if _is_taken(invoice.number, invoice.status, number):
                    yield booking_of(invoice, self._reference.short_code)

    def made_since(
        self, moment: dt.datetime, *, is_credit_note: bool
    ) -> Sequence[XeroInvoice] | Sequence[XeroCreditNote]:
        """All that was made or changed since, with its lines; without deleted drafts. One call for a thousand."""
        if self._listed is None:
            return self._made_since(moment, is_credit_note=is_credit_note)
        # Xero reads the moment to the second, and every question of the same second has the same answer.
        key = (moment.isoformat(timespec="seconds"), is_credit_note)
        if key not in self._listed:
            self._listed[key] = self._made_since(moment, is_credit_note=is_credit_note)
        return cast("Sequence[XeroInvoice] | Sequence[XeroCreditNote]", self._listed[key])

    @contextmanager
    def listing_once(self) -> Iterator[None]:
        """In the block, what was made since a moment is listed once, however many documents are looked for."""
        self._listed = {}
        try:
            yield
        finally:
            self._listed = None

    def _made_since(
        self, moment: dt.datetime, *, is_credit_note: bool
    ) -> Sequence[XeroInvoice] | Sequence[XeroCreditNote]:
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

    def _notes_of(self, numbers: Sequence[str]) -> Iterator[Booking]:
        what = f"looking for {len(numbers)} credit notes"
        for where in packed(_number_is("CreditNoteNumber", number) for number in numbers):
            for note in self._hook.credit_notes(where, what=what):
                is_living = (note.status or "").upper() != "DELETED"
                if (note.type or "ACCRECCREDIT") == "ACCRECCREDIT" and is_living:
                    yield booking_of(note, self._reference.short_code)

    def _credit_note(self, number: str) -> Booking | None:
        found = self._hook.credit_notes(
            _number_is("CreditNoteNumber", number), what=f"looking for credit note {number}"
        )
        for note in found:
            if (note.type or "ACCRECCREDIT") == "ACCRECCREDIT" and _is_taken(note.number, note.status, number):
                return booking_of(note, self._reference.short_code)
        return None


def _questions(numbers: Sequence[str]) -> Iterator[dict[str, str]]:
    """What Xero is asked for these invoices: in lists as long as a query string may be."""
    if not all(map(can_be_asked, numbers)) or any("," in number for number in numbers):
        yield from ({"where": where} for where in packed(_number_is("InvoiceNumber", number) for number in numbers))
        return
    listed = ""
    for number in numbers:
        longer = f"{listed},{number}" if listed else number
        if listed and len(quote(longer, safe="")) > QUERY_LIMIT:
            yield {"InvoiceNumbers": listed}
            longer = number
        listed = longer
    yield {"InvoiceNumbers": listed}


def _number_is(field: str, number: str) -> str:
    if not can_be_asked(number):
        raise NeedsHumanError(f"Xero cannot be asked for number '{number}': look whether it is booked there")
    return equals(field, number)


def _is_taken(number: str, status: str | None, wanted: str) -> bool:
    return number.casefold() == wanted.casefold() and (status or "").upper() != "DELETED"
