"""Reads what acts depend on from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.decisions.rejection import REJECTION_KIND, is_dropped
from invoice_bridge_core.desk.acts.act import Known
from invoice_bridge_core.documents.states import DocumentState

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow, Ledger


def known_of(ledger: Ledger, row: DocumentRow) -> Known:
    """All that acts depend on, of one document; a few queries, and no call of any system."""
    kept = None
    if row.state is DocumentState.HELD and row.route is not None and row.booking is None:
        kept = next((one for one in ledger.rejections.kept(row.route) if one.row.id == row.id), None)
    made = ledger.decisions.made(REJECTION_KIND, [row.id]).get(row.id) if kept is not None else None
    return Known(
        row,
        ledger.steps(row),
        payment=ledger.payments.status(row.ref) if row.booking is not None else None,
        kept=kept,
        is_dropped=is_dropped(row, made),
        changes=ledger.desk.changes_of(row) if row.booking is not None else (),
    )
