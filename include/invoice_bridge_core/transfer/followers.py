"""Credit notes that were held only because their invoice was not booked yet.

A transfer moves invoices before credit notes. Runs of single days work side by side and in any order. So a credit note
may have its turn before the run of its invoice's day has booked that invoice; then that run takes the credit note too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState

if TYPE_CHECKING:
    from collections.abc import Collection

    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.routes.model import Route


def held_followers(ledger: Ledger, route: Route, source_ids: Collection[str]) -> list[DocumentFacts]:
    """The route's held credit notes whose invoice is among these documents and is booked now, whatever their date."""
    if not source_ids:
        return []
    source = (route.source.system, route.source.conn_id)
    waiting = [
        row
        for row in ledger.outcomes(route.route, [DocumentState.HELD])
        if row.facts.kind is DocumentKind.CREDIT_NOTE
        and row.booking is None
        and (row.ref.system, row.ref.conn_id) == source
    ]
    invoices = ledger.credited_rows(*source, waiting)
    return [row.facts for row in waiting if _is_booked(invoices.get(row.ref.source_id), source_ids)]


def _is_booked(invoice: DocumentRow | None, source_ids: Collection[str]) -> bool:
    return invoice is not None and invoice.booking is not None and invoice.ref.source_id in source_ids
