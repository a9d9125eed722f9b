"""Credit notes that were held only because their invoice was not booked yet.

A transfer moves invoices before credit notes. Runs of single days work side by side and in any order, so that a credit
note may be looked at before the run of its invoice's day has come to it; that run takes it along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.documents import DocumentKind
from include.ledger.states import DocumentState

if TYPE_CHECKING:
    from collections.abc import Collection

    from include.ledger import DocumentFacts, Ledger
    from include.routes.model import Route


def held_followers(ledger: Ledger, route: Route, source_ids: Collection[str]) -> list[DocumentFacts]:
    """The route's held credit notes whose invoice is among these documents and is booked now, whatever their date."""
    if not source_ids:
        return []
    followers = []
    for row in ledger.outcomes(route.route, [DocumentState.HELD]):
        if row.facts.kind is not DocumentKind.CREDIT_NOTE or row.booking is not None:
            continue
        invoice = ledger.credited_row(row)
        if invoice is not None and invoice.booking is not None and invoice.ref.source_id in source_ids:
            followers.append(row.facts)
    return followers
