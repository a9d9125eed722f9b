"""When a held document is worth another look."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.routes.model import Route

LOOK_AGAIN_AFTER = dt.timedelta(hours=24)
"""A queue may name its documents by id alone, so that a corrected one looks like before: look again once a day."""


def held_fingerprint(
    row: DocumentRow, route: Route, reference: ReferenceData, ledger: Ledger, entry_fingerprint: str | None
) -> str:
    """Changes when anything changes that a held document may have waited for.

    That is the route with its mapping, the finance system's accounts, currencies and lock dates, the document's entry
    in the queue, and, for a credit note, what became of its invoice.
    """
    credited = ledger.credited_row(row) if row.credited_number or row.credited_source_id else None
    parts = [
        route.fingerprint,
        reference.fingerprint,
        entry_fingerprint or "",
        "" if credited is None else f"{credited.state} {credited.booking is not None}",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
