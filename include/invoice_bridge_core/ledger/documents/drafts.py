"""Bookings that are drafts in finance, which nobody there has approved yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents, payment_statuses

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True)
class DraftSum:
    """The drafts of one currency; credit notes count below 0."""

    currency: str | None
    total: Decimal
    count: int


def drafts_of(connection: sa.Connection, route: str) -> list[DraftSum]:
    """The transferred documents of a route that were drafts when finance was asked last, by currency; one query."""
    signed = sa.case((documents.c.kind == DocumentKind.CREDIT_NOTE, -documents.c.total), else_=documents.c.total)
    query = (
        sa.select(documents.c.currency, sa.func.coalesce(sa.func.sum(signed), 0), sa.func.count())
        .select_from(_WITH_STATUS)
        .where(*_are_drafts(route))
        .group_by(documents.c.currency)
        .order_by(documents.c.currency)
    )
    return [DraftSum(*record) for record in connection.execute(query)]


def draft_ids(connection: sa.Connection, route: str) -> frozenset[int]:
    """The same documents, by the ledger's own ids."""
    return frozenset(connection.scalars(sa.select(documents.c.id).select_from(_WITH_STATUS).where(*_are_drafts(route))))


_WITH_STATUS = documents.outerjoin(payment_statuses, payment_statuses.c.document_id == documents.c.id)


def _are_drafts(route: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        documents.c.route == route,
        documents.c.state == DocumentState.TRANSFERRED,
        documents.c.finance_is_draft,
        sa.func.coalesce(payment_statuses.c.is_draft, sa.true()),
        ~sa.func.coalesce(payment_statuses.c.is_gone, sa.false()),
    )
