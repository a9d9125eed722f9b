"""One payment, told once: the mapped task of the payment run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from include.settlement import Settlement
from invoice_bridge.operators.document import DocumentOperator

if TYPE_CHECKING:
    from include.documents import DocumentRef
    from include.outcomes import Result
    from include.route_session import RouteSession
    from include.transfer import Attempt


class SettleDocumentOperator(DocumentOperator):
    """Tell the route's source that one document is paid."""

    def carry(self, session: RouteSession, attempt: Attempt, ref: DocumentRef, *, dry_run: bool) -> Result:
        """Tell it; nobody chooses documents for this step in a dry run."""
        return Settlement(session, attempt).settle(ref, dt.datetime.now(dt.UTC))
