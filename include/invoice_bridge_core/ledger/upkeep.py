"""What is removed from the ledger after a time, and only where somebody wants that.

The history of documents is kept for ever unless a number of days is set. Then the lines of tasks go, of documents that
are finished and whose payment is over; what a person did or decided stays, and how each document came to its end.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.open_payment_table import open_payments
from invoice_bridge_core.ledger.database.tables import LATELY, NOW, cursors, documents, history

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.database.database import Database

SHORTEST = dt.timedelta(days=90)
"""What reconciliations, the desk and people who undo something look back for."""

AT_ONCE = 5000
"""Lines that are looked at in one go."""

_CURSOR = "kept history"
_FINAL = (DocumentState.TRANSFERRED, DocumentState.REJECTED)
_NEVER_TOLD = (DocumentKind.CARD_PAYMENT.value, DocumentKind.CREDIT_NOTE.value)


def prune_history(database: Database, keep: dt.timedelta) -> int:
    """Go on with removing old lines from where the last time ended; returns how many were removed.

    :param keep: how long lines are kept; never shorter than `SHORTEST`.
    """
    before = LATELY - sa.literal(max(keep, SHORTEST))
    with database.transaction() as connection:
        reached = connection.execute(
            sa.select(cursors.c.cursor).where(cursors.c.name == _CURSOR).with_for_update(skip_locked=True)
        ).scalar_one_or_none()
        old = (
            sa.select(history.c.id)
            .where(history.c.id > int(reached or 0), history.c.at < before)
            .order_by(history.c.id)
            .limit(AT_ONCE)
        )
        looked_at = list(connection.scalars(old))
        if not looked_at:
            return 0
        those = history.c.id.between(looked_at[0], looked_at[-1])
        removed = connection.execute(sa.delete(history).where(those, history.c.at < before, _may_go(before)))
        moved = insert(cursors).values(name=_CURSOR, cursor=str(looked_at[-1]), polled_at=NOW)
        connection.execute(
            moved.on_conflict_do_update(
                index_elements=["name"], set_={name: moved.excluded[name] for name in ("cursor", "polled_at")}
            )
        )
    return removed.rowcount


def _may_go(before: sa.ColumnElement[dt.datetime]) -> sa.ColumnElement[bool]:
    is_open_payment = (
        sa.select(open_payments.c.document_id)
        .where(
            open_payments.c.document_id == documents.c.id,
            sa.func.coalesce(open_payments.c.kind.not_in(_NEVER_TOLD), sa.true()),
        )
        .exists()
    )
    is_over = (
        sa.select(documents.c.id)
        .where(
            documents.c.id == history.c.document_id,
            documents.c.state.in_(_FINAL),
            documents.c.updated_at < before,
            documents.c.lease_token.is_(None),
            ~is_open_payment,
        )
        .exists()
    )
    is_a_tasks = history.c.actor.like("%/%/%/%") | (history.c.actor == "queue") | history.c.actor.like("payments of %")
    is_the_end = history.c.to_state.in_(_FINAL) & history.c.from_state.is_distinct_from(history.c.to_state)
    return is_over & is_a_tasks & ~is_the_end
