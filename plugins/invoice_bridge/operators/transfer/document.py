"""One document, moved once: the mapped task of the transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.operators.document import DocumentOperator
from invoice_bridge_core.transfer.dry_run import DryRun
from invoice_bridge_core.transfer.transfer import Attempt, Transfer

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.transfer.route_session import RouteSession


def move_document(session: RouteSession, attempt: Attempt, ref: DocumentRef, *, dry_run: bool) -> Result:
    """Move it; in a dry run say what would be done."""
    if dry_run:
        return DryRun(session, attempt.run_key).rehearse(ref)
    return Transfer(session, attempt).transfer(ref)


class TransferDocumentOperator(DocumentOperator):
    """Move one document from the route's source to its finance system."""

    step = staticmethod(move_document)
