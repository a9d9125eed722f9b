"""Whether an invoice in Quiddly that carries no mark is the one that was sent: what Quiddly shows of it is compared."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.quiddly.booking_answers import status_found
from invoice_bridge.systems.quiddly.invoice_body import invoice_body
from invoice_bridge_core.errors import GarbledAnswerError, HeldError, InDoubtError
from invoice_bridge_core.ports.finance.sent_documents import Lookalike

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice, QuiddlyRow
    from invoice_bridge.systems.quiddly.find import InvoiceList, NumberSearch
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route


class QuiddlySentDocuments:
    """Compares with what the route would send today. Quiddly does not say when an invoice was made.

    :param search: has found the invoice.
    :param invoices: lists them all; `None` where the route has no path for it.
    """

    def __init__(self, route: Route, search: NumberSearch, invoices: InvoiceList | None) -> None:
        self._route = route
        self._search = search
        self._invoices = invoices

    def difference(
        self, document: Document, found: Booking, contact_id: str, reference: ReferenceData, intended_at: dt.datetime
    ) -> str | None:
        """Why the invoice in Quiddly is not what was sent. What the look-up did not show is not compared."""
        try:
            # The number of the credited invoice may not be known yet; it is not compared.
            sent = invoice_body(document, self._route, found.number if document.is_credit_note else None)
        except HeldError as error:
            return f"it cannot be compared with what was sent: {error}"
        there = self._search.seen(found.finance_id)
        if there is None:
            return "it was not looked at"
        return _head_difference(sent, there) or _row_difference(sent["articleRows"], there.rows)

    def lookalikes(
        self, document: Document, contact_id: str, reference: ReferenceData, intended_at: dt.datetime
    ) -> list[Lookalike]:
        """All invoices, or all credits, that Quiddly has: it does not say which are new.

        :raises InDoubtError: it does not list them, or not all of them, or not what tells one from another.
        """
        if self._invoices is None:
            raise InDoubtError(
                f"{document.number} may be in Quiddly under another number than it was sent under. The route has no "
                "invoice_list_path to look for it. Look in Quiddly by hand, and say what is so: airflow invoice-bridge "
                f"show {document.number}"
            )
        try:
            sent = invoice_body(document, self._route, "(not compared)" if document.is_credit_note else None)
        except HeldError as error:
            sent, why_not = None, f"it cannot be compared with what was sent: {error}"
        found = []
        for there, status in self._all(is_credit_note=document.is_credit_note):
            if sent is None:
                found.append(Lookalike(status, why_not, has_same_lines=True, has_same_day=True))
                continue
            lines = _row_difference(sent["articleRows"], there.rows)
            found.append(
                Lookalike(
                    status,
                    _head_difference(sent, there) or lines or "Quiddly does not say when it was made",
                    has_same_lines=lines is None,
                    has_same_day=there.invoice_date is None or _day(there.invoice_date) == sent["dates"]["invoiceDate"],
                )
            )
        return found

    def made_since(self, intended_at: dt.datetime, *, is_credit_note: bool) -> list[BookingStatus]:
        """All of them, since Quiddly does not say which are new."""
        return [status for _, status in self._all(is_credit_note=is_credit_note)]

    def _all(self, *, is_credit_note: bool) -> list[tuple[QuiddlyInvoice, BookingStatus]]:
        if self._invoices is None:
            raise InDoubtError("The route has no invoice_list_path")
        kind = "CREDIT_INVOICE" if is_credit_note else "INVOICE"
        found = []
        for there in self._invoices.all():
            if there.kind not in (None, kind):
                continue
            try:
                found.append((there, status_found(there, self._route)))
            except GarbledAnswerError as error:
                raise InDoubtError(f"{error}, so that nothing can be looked for in its list of invoices") from error
        return found


def _head_difference(sent: dict[str, Any], there: QuiddlyInvoice) -> str | None:
    dates = sent["dates"]
    for name, wanted, stated in (
        ("type", sent["type"], there.kind or sent["type"]),
        ("order number", sent.get("ourOrderNumber"), there.our_order_number),
        ("our reference", sent.get("ourReference"), there.our_reference),
        ("your reference", sent.get("yourReference"), there.your_reference),
        ("contact person", sent.get("yourContactPerson"), there.your_contact_person),
        ("remark", sent.get("remark"), there.remark),
        ("date", dates["invoiceDate"], _day(there.invoice_date) or dates["invoiceDate"]),
        ("due date", dates["expireDate"], _day(there.due_date) or dates["expireDate"]),
    ):
        if _words(wanted) != _words(stated):
            return f"its {name} is {_shown(stated)}, not {_shown(wanted)}"
    return None


def _row_difference(sent: Sequence[dict[str, Any]], there: Sequence[QuiddlyRow] | None) -> str | None:
    if there is None:
        return None
    if len(sent) != len(there):
        return f"it has {len(there)} rows, not {len(sent)}"
    for position, (wanted, stated) in enumerate(zip(sent, there, strict=True), start=1):
        for name, ours, theirs in (
            ("description", _words(wanted["description"]), _words(stated.description)),
            ("quantity", Decimal(wanted["quantity"]), stated.quantity),
            ("price", wanted["price"], stated.price),
        ):
            if ours != theirs:
                return f"the {name} of its row {position} is {_shown(theirs)}, not {_shown(ours)}"
    return None


def _day(date: dt.date | None) -> str | None:
    return date.isoformat() if date is not None else None


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        value = f"{value.normalize():f}"
    return "empty" if value in (None, "") else f"'{str(value)[:80]}'"
