"""When an invoice is due."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route


def due_date(document: Document, route: Route) -> dt.date | None:
    """The source's own due date, else the invoice date and the customer's or the route's payment terms.

    Where nobody owes anything, the source may carry over a date from before the document: then it is due at once.
    """
    if document.invoice_date is None:
        return document.due_date
    if document.due_date is not None:
        return document.due_date if document.is_owed else max(document.due_date, document.invoice_date)
    days = document.payment_terms_days
    return document.invoice_date + dt.timedelta(days=route.policy.default_payment_terms_days if days is None else days)
