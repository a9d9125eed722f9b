"""What is checked of a document before anything is sent, whoever sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.transfer.checks import document_problems, number_problems
from invoice_bridge_core.transfer.reference_checks import reference_problems

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import FinanceSystem, ReferenceData, SourceSystem
    from invoice_bridge_core.routes.model import Route


def all_problems(
    document: Document, route: Route, source: SourceSystem, finance: FinanceSystem, reference: ReferenceData
) -> list[Problem]:
    """All that can be known to be wrong with the document on its way from this source into this finance system."""
    return [
        *document_problems(document, route),
        *reference_problems(document, route),
        *finance.bookings.problems(document, reference),
        *number_problems(source, finance.bookings.booking_number(document)),
    ]


def why_not_ours(document: Document, route: Route) -> str | None:
    """Why the route leaves the document to others; its author may have moved it since the queue was read."""
    if route.selects(document.office_id, document.project_id):
        return None
    return (
        f"It now belongs to office {document.office_id or '(none)'} and project {document.project_id or '(none)'}. "
        f"Route {route.route} does not take these"
    )
