"""The booking status in Xero: of what changed since a moment, of some ids, or of a day (contract xero.md)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from invoice_bridge.hooks.xero.wire import XeroInvoice
from invoice_bridge.systems.xero.payment_answers import (
    is_cleared_without_payment,
    last_paid_on,
    last_payment,
    status_of,
)
from invoice_bridge.systems.xero.payment_answers import (
    last_number as _last_number,
)
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroCreditNote
    from invoice_bridge.systems.xero.reference import XeroReference

IDS_PER_CALL = 40
CREDIT_NOTES_PER_CALL = 20
"""A filter names each of them, and a query string takes about 2,048 characters."""
PAGE_SIZE = 1000
OVERLAP = dt.timedelta(minutes=5)
"""How far a poll goes back behind the newest change that the last one saw."""

INVOICES, CREDIT_NOTES = 'Type=="ACCREC"', 'Type=="ACCRECCREDIT"'
_EVERY = "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED,DELETED"
_CHANGED = "AUTHORISED,PAID,VOIDED,DELETED"
LIVING = "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED"
"""Statuses that keep a number; a deleted draft frees it."""

_NOT_IN_SHORT = dict.fromkeys(("payments", "credit_notes", "overpayments", "prepayments"))

__all__ = ["BookingStatusReader", "status_of"]

Element = TypeVar("Element", "XeroInvoice", "XeroCreditNote")


class BookingStatusReader:
    """How the bookings of one Xero organisation stand.

    :param reference: knows the organisation's code for links.
    :param with_credit_notes: whether a poll asks for credit notes, too, at one call more.
    :param tolerance: what may be left of an invoice that counts as paid in full; the day of the last payment matters of
        such a one, at one call more for 40 of them.
    :param tells_credit_from_money: whether it matters that credit notes alone cleared an invoice, and no overpayment or
        prepayment of the customer; at one call more for 40 invoices that were cleared by either.
    :param with_lines: whether lists of what changed, or of some ids, name line items too. What else a list in full
        tells, of payments and credit, is left out of account: it counts only where an invoice is asked for by itself.
    """

    def __init__(
        self,
        hook: XeroHook,
        reference: XeroReference,
        *,
        with_credit_notes: bool,
        tells_credit_from_money: bool,
        tolerance: Decimal = Decimal(0),
        with_lines: bool = False,
    ) -> None:
        self._with_lines = with_lines
        self._form = {} if with_lines else {"summaryOnly": "true"}
        self._tolerance = tolerance
        self._hook = hook
        self._reference = reference
        self._with_credit_notes = with_credit_notes
        self._tells_credit_from_money = tells_credit_from_money

    def changes(self, cursor: str | None, since: dt.datetime) -> PaymentChanges:
        """Everything that changed since the cursor: one call for a thousand invoices, however many are open.

        One more for credit notes, where the route reports them or books drafts.

        The cursor is the newest change that was seen, but no later than the poll began: what changes while pages
        are being read may be missed by them, and must be in reach of the next poll. Of a page, no more is kept than
        what it tells of each booking.
        """
        read = _Read()
        unclear: dict[str, None] = {}
        for invoice in self._changed_invoices(cursor, since):
            read.note(invoice, self.status_of(self._in_short(invoice)))
            if invoice.invoice_id and self._is_unclear(invoice):
                unclear[invoice.invoice_id] = None
        for invoice in self._in_full(list(unclear)):
            read.note(invoice, self.status_of(invoice))
        for note in self._changed_notes(cursor, since):
            read.note(note, self.status_of(note))
        return PaymentChanges(booking_statuses=tuple(read.statuses.values()), cursor=read.newest)

    def changed(self, cursor: str | None, since: dt.datetime) -> tuple[list[XeroInvoice | XeroCreditNote], str | None]:
        """The same as Xero shows it, and the cursor."""
        read = _Read()
        invoices = list(self._changed_invoices(cursor, since))
        notes = self._changed_notes(cursor, since)
        changed: list[XeroInvoice | XeroCreditNote] = [*self._told_apart(invoices), *notes]
        for each in changed:
            read.note(each)
        return changed, read.newest

    def _changed_invoices(self, cursor: str | None, since: dt.datetime) -> Iterator[XeroInvoice]:
        changed_since, what = _changed_since(cursor, since)
        return each_of_pages(
            lambda page: self._hook.invoices(
                listing(INVOICES, page) | {"Statuses": _CHANGED, **self._form},
                what=what,
                modified_since=changed_since,
            )
        )

    def _changed_notes(self, cursor: str | None, since: dt.datetime) -> Iterator[XeroCreditNote]:
        if not self._with_credit_notes:
            return iter(())
        changed_since, what = _changed_since(cursor, since)
        return each_of_pages(
            lambda page: self._hook.credit_notes(
                CREDIT_NOTES, what=what, params=paging(page), modified_since=changed_since
            )
        )

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus]:
        """The invoices and credit notes of these ids, whatever became of them: 40 and 20 a call."""
        booking_statuses = [self.status_of(each) for each in self.with_ids(finance_ids)]
        return {booking_status.booking.finance_id: booking_status for booking_status in booking_statuses}

    def with_ids(self, finance_ids: Sequence[str]) -> list[XeroInvoice | XeroCreditNote]:
        """The same as Xero shows them."""
        found: list[XeroInvoice | XeroCreditNote] = []
        for ids in _portions(finance_ids, IDS_PER_CALL):
            # Lines are told only page by page.
            page = paging(1) if self._with_lines else {}
            question = {"IDs": ",".join(ids), "Statuses": _EVERY, **self._form, **page}
            found += self._told_apart(self._hook.invoices(question, what=f"asking for {len(ids)} invoices"))
        known = {each.finance_id for each in found}
        return [*found, *self._notes([finance_id for finance_id in finance_ids if finance_id not in known])]

    def dated(self, since: dt.date, until: dt.date) -> list[BookingStatus]:
        """Every invoice and credit note with a date in the window, the last day not included.

        Two calls for a thousand of each.
        """
        days = f" AND Date>={_day(since)} AND Date<{_day(until)}"
        what = f"listing what is dated from {since} and before {until}"
        invoices: list[XeroInvoice] = pages(
            lambda page: self._hook.invoices(
                listing(INVOICES + days, page) | {"Statuses": _EVERY, "summaryOnly": "true"}, what=what
            )
        )
        notes: list[XeroCreditNote] = pages(
            lambda page: self._hook.credit_notes(CREDIT_NOTES + days, what=what, params=paging(page))
        )
        found: list[XeroInvoice | XeroCreditNote] = [*self._told_apart(invoices), *notes]
        return [self.status_of(each) for each in found]

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        """The id of the last payment of each invoice, else of its last advance, else its last credit note's number.

        40 invoices a call. All others are credit notes: the last refund's id, else the credit note's number, 20 a call.
        """
        numbers: dict[str, str] = {}
        invoices = self._in_full(finance_ids)
        for invoice in invoices:
            if invoice.invoice_id and (number := _last_number(invoice)):
                numbers[invoice.invoice_id] = number
        known = {invoice.invoice_id for invoice in invoices}
        for note in self._notes([finance_id for finance_id in finance_ids if finance_id not in known]):
            if note.credit_note_id and (number := last_payment(note) or note.number):
                numbers[note.credit_note_id] = number
        return numbers

    def status_of(self, found: XeroInvoice | XeroCreditNote) -> BookingStatus:
        """How it stands, as the route takes it."""
        booking_status = status_of(found, self._reference.short_code)
        if isinstance(found, XeroInvoice) and self._has_small_rest(found):
            on = last_paid_on(found) or (found.updated.date() if found.updated else None)
            return booking_status.model_copy(update={"paid_in_full_on": on})
        return booking_status

    def _told_apart(self, invoices: Sequence[XeroInvoice]) -> list[XeroInvoice]:
        """The invoices of a list in short; those whose payments matter as they are shown in full.

        These are cleared without a payment, or paid but for a small rest.
        """
        unclear = [each.invoice_id for each in invoices if each.invoice_id and self._is_unclear(each)]
        full = {each.invoice_id: each for each in self._in_full(unclear)}
        return [full.get(each.invoice_id) or self._in_short(each) for each in invoices]

    def _in_short(self, invoice: XeroInvoice) -> XeroInvoice:
        """The invoice as a list in short tells it, but for its lines: what was paid counts alike in both forms."""
        return invoice.model_copy(update=_NOT_IN_SHORT) if self._with_lines else invoice

    def _is_unclear(self, invoice: XeroInvoice) -> bool:
        is_from_credit = self._tells_credit_from_money and is_cleared_without_payment(invoice)
        return is_from_credit or self._has_small_rest(invoice)

    def _has_small_rest(self, invoice: XeroInvoice) -> bool:
        is_open = (invoice.status or "").upper() == "AUTHORISED" and bool(invoice.amount_paid)
        return is_open and invoice.amount_due is not None and 0 < invoice.amount_due <= self._tolerance

    def _in_full(self, finance_ids: Sequence[str]) -> list[XeroInvoice]:
        found: list[XeroInvoice] = []
        for ids in _portions(finance_ids, IDS_PER_CALL):
            question = {"IDs": ",".join(ids), "Statuses": _EVERY, **paging(1)}
            found += self._hook.invoices(question, what=f"asking for the payments of {len(ids)} invoices")
        return found

    def _notes(self, finance_ids: Sequence[str]) -> list[XeroCreditNote]:
        found: list[XeroCreditNote] = []
        for ids in _portions(finance_ids, CREDIT_NOTES_PER_CALL):
            where = " OR ".join(f'CreditNoteID==guid("{finance_id}")' for finance_id in ids)
            found += self._hook.credit_notes(where, what=f"asking for {len(ids)} credit notes")
        return found


class _Read:
    """What a poll has read: how each booking stands, and the newest change, no later than it began."""

    def __init__(self) -> None:
        self.statuses: dict[str, BookingStatus] = {}
        self._began = dt.datetime.now(dt.UTC)
        self._newest: dt.datetime | None = None

    @property
    def newest(self) -> str | None:
        return None if self._newest is None else min(self._newest, self._began).isoformat()

    def note(self, found: XeroInvoice | XeroCreditNote, status: BookingStatus | None = None) -> None:
        if status is not None:
            self.statuses[status.booking.finance_id] = status
        if found.updated is not None:
            self._newest = max(found.updated, self._newest or found.updated)


def _changed_since(cursor: str | None, since: dt.datetime) -> tuple[dt.datetime, str]:
    """From when on changes are asked for, and what is being done, in words."""
    moment = dt.datetime.fromisoformat(cursor) - OVERLAP if cursor else since
    return moment, f"looking for what changed since {moment.isoformat(timespec='seconds')}"


def pages(read: Callable[[int], Sequence[Element]]) -> list[Element]:
    """All pages; one that is not full is the last one."""
    return list(each_of_pages(read))


def each_of_pages(read: Callable[[int], Sequence[Element]]) -> Iterator[Element]:
    """The same one by one; a page is read when the one before it has been gone through."""
    page = 1
    while True:
        elements = read(page)
        yield from elements
        if len(elements) < PAGE_SIZE:
            return
        page += 1


def listing(where: str, page: int) -> dict[str, str]:
    """The question for one page of invoices, in an order that does not change."""
    return {"where": where, "order": "InvoiceID", **paging(page)}


def paging(page: int) -> dict[str, str]:
    """What asks for one page."""
    return {"page": str(page), "pageSize": str(PAGE_SIZE)}


def _day(date: dt.date) -> str:
    return f"DateTime({date.year},{date.month},{date.day})"


def _portions(finance_ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (finance_ids[start : start + size] for start in range(0, len(finance_ids), size))
