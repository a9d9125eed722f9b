"""Whether an invoice in Quiddly that carries no mark is the one that was sent: what Quiddly shows of it is compared."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.quiddly.invoice_body import invoice_body
from invoice_bridge_core.errors import HeldError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice, QuiddlyRow
    from invoice_bridge.systems.quiddly.find import NumberSearch
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.routes.model import Route


class QuiddlySentDocuments:
    """Compares with what the route would send today. Quiddly does not say when an invoice was made.

    :param search: has found the invoice.
    """

    def __init__(self, route: Route, search: NumberSearch) -> None:
        self._route = route
        self._search = search

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
