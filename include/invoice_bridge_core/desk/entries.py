"""A document as a line of the list."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.desk.acts.seen import seen_mark
from invoice_bridge_core.desk.next_step import next_step
from invoice_bridge_core.documents.source_link import source_link

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.routes.model import Route


class Entries:
    """Makes the lines, with what the routes say today.

    :param now: the moment that "again in an hour" is counted from; aware.
    """

    def __init__(self, routes: Iterable[Route], now: dt.datetime) -> None:
        self._templates = {each.route: each.source.document_link for each in routes}
        self._now = now

    def of(self, row: DocumentRow) -> dict[str, Any]:
        """The line of one document, as JSON: amounts are texts, instants ISO 8601."""
        facts = row.facts
        return {
            "id": row.id,
            "ref": str(row.ref),
            "number": facts.number,
            "kind": facts.kind,
            "customer": facts.contact_name,
            "date": facts.document_date.isoformat() if facts.document_date else None,
            "total": amount(row.signed_total),
            "currency": facts.currency,
            "route": row.route,
            "office": facts.office_id,
            "state": row.state,
            "since": instant(row.state_since),
            "reason": row.reason,
            "seen": seen_mark(row),
            "next_step": next_step(row, self._now),
            "is_aside": row.aside_at is not None,
            "links": {
                "source": source_link(self._templates.get(row.route or ""), facts),
                "finance": row.booking.link if row.booking is not None else None,
            },
        }


def amount(value: Decimal | None) -> str | None:
    """An amount as JSON has it."""
    return None if value is None else f"{value:f}"


def instant(value: dt.datetime | None) -> str | None:
    """An instant as JSON has it, in UTC."""
    return None if value is None else value.astimezone(dt.UTC).isoformat()
