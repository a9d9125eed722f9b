"""Whether a document in Xero that carries no mark is the one that was sent: every field that was sent is compared."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import without_mark
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge.systems.xero.payment_answers import status_of
from invoice_bridge_core.errors import HeldError, NotFoundError
from invoice_bridge_core.ports.finance.sent_documents import Lookalike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroCreditNote, XeroInvoice, XeroLineItem
    from invoice_bridge.systems.xero.find import BookingFinder
    from invoice_bridge.systems.xero.reference import XeroReference
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route

CLOCKS_APART = dt.timedelta(minutes=2)
"""How far Xero's clock may be from the ledger's."""


class XeroSentDocuments:
    """Compares with what the route would send today; a mapping that was changed meanwhile is a difference, too."""

    def __init__(self, hook: XeroHook, route: Route, reference: XeroReference, finder: BookingFinder) -> None:
        self._hook = hook
        self._finder = finder
        self._route = route
        self._reference = reference

    def difference(
        self, document: Document, found: Booking, contact_id: str, reference: ReferenceData, intended_at: dt.datetime
    ) -> str | None:
        """Why the document in Xero is not what was sent; one call, since lists may leave out its lines."""
        try:
            sent = document_body(document, contact_id, self._route, self._reference.books(reference))
        except HeldError as error:
            return f"it cannot be compared with what was sent: {error}"
        try:
            there = self._read(found.finance_id, document)
        except NotFoundError:
            return "it is no longer there"
        if there.updated is None or there.updated < intended_at - CLOCKS_APART:
            return "it was last changed before ours was sent"
        return _head_difference(sent, there) or _line_difference(sent["LineItems"], there.line_items or ())

    def lookalikes(
        self, document: Document, contact_id: str, reference: ReferenceData, intended_at: dt.datetime
    ) -> list[Lookalike]:
        """What was made or changed in Xero since; one call, and one for each that is listed without its lines."""
        try:
            sent = document_body(document, contact_id, self._route, self._reference.books(reference))
        except HeldError as error:
            sent, why_not = None, f"it cannot be compared with what was sent: {error}"
        since = intended_at - CLOCKS_APART
        found = []
        for listed in self._finder.made_since(since, is_credit_note=document.is_credit_note):
            status = status_of(listed, self._reference.short_code)
            there: XeroInvoice | XeroCreditNote = listed
            if sent is None:
                found.append(Lookalike(status, why_not, has_same_lines=True, has_same_day=True))
                continue
            if not listed.line_items:
                there = self._read(status.booking.finance_id, document)
            lines = _line_difference(sent["LineItems"], there.line_items or ())
            is_proven = there.updated is not None and there.updated >= since
            difference = _head_difference(sent, there) or lines
            found.append(
                Lookalike(
                    status,
                    difference if is_proven else "Xero does not show that it was made after ours was sent",
                    has_same_lines=lines is None,
                    has_same_day=sent["Date"] == _day(there.date),
                )
            )
        return found

    def made_since(self, intended_at: dt.datetime, *, is_credit_note: bool) -> list[BookingStatus]:
        """What was made or changed in Xero since; one call."""
        found = self._finder.made_since(intended_at - CLOCKS_APART, is_credit_note=is_credit_note)
        return [status_of(each, self._reference.short_code) for each in found]

    def _read(self, finance_id: str, document: Document) -> XeroInvoice | XeroCreditNote:
        return self._hook.credit_note(finance_id) if document.is_credit_note else self._hook.invoice(finance_id)


def _head_difference(sent: dict[str, Any], there: XeroInvoice | XeroCreditNote) -> str | None:
    for name, wanted, stated in (
        ("reference", sent.get("Reference"), there.reference),
        ("link", without_mark(sent.get("Url")), without_mark(there.url)),
        ("date", sent.get("Date"), _day(there.date)),
        ("due date", sent.get("DueDate"), _day(there.due_date) if "DueDate" in sent else None),
    ):
        if (wanted or None) != (stated or None):
            return f"its {name} is {_shown(stated)}, not {_shown(wanted)}"
    return None


def _line_difference(sent: Sequence[dict[str, Any]], there: Sequence[XeroLineItem]) -> str | None:
    if len(sent) != len(there):
        return f"it has {len(there)} lines, not {len(sent)}"
    for position, (wanted, stated) in enumerate(zip(sent, there, strict=True), start=1):
        pairs = (
            ("description", _words(wanted.get("Description")), _words(stated.description) or ""),
            ("quantity", _number(wanted.get("Quantity")), stated.quantity),
            ("price", _number(wanted.get("UnitAmount")), stated.unit_amount),
            ("account", wanted.get("AccountCode"), stated.account_code),
            ("item", wanted.get("ItemCode"), stated.item_code),
        )
        for name, ours, theirs in pairs:
            if ours is not None and ours != theirs:
                return f"the {name} of its line {position} is {_shown(theirs)}, not {_shown(ours)}"
    return None


def _day(date: dt.date | None) -> str | None:
    return date.isoformat() if date is not None else None


def _words(text: str | None) -> str | None:
    return " ".join(text.split()) if text is not None else None


def _number(value: object) -> Decimal | None:
    return Decimal(str(value)) if value is not None else None


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        value = f"{value.normalize():f}"
    return "empty" if value in (None, "") else f"'{str(value)[:80]}'"
