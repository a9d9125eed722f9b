"""One payment, told once: the mapped task of the payment run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from invoice_bridge.operators.document import DocumentOperator
from invoice_bridge_core.payments.report_paid import PaidReport

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt


def report_paid(session: RouteSession, attempt: Attempt, ref: DocumentRef, *, dry_run: bool) -> Result:
    """Tell it; nobody chooses documents for this step in a dry run."""
    return PaidReport(session, attempt).report(ref, dt.datetime.now(dt.UTC))


class ReportPaidOperator(DocumentOperator):
    """Tell the route's source that one document is paid."""

    step = staticmethod(report_paid)
