"""What stands around the list: the offices there are, and what was opened and closed since a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents, history
from invoice_bridge_core.ledger.desk.filters import NEEDS_PEOPLE
from invoice_bridge_core.ledger.desk.wanted import in_scope

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge_core.ledger.desk.filters import Scope

MOST_OFFICES = 200


@dataclass(frozen=True)
class OpenedAndClosed:
    """How many documents began to wait for people since a moment, and how many of those that waited do no more.

    One that did both is counted twice.
    """

    opened: int
    closed: int


def offices(connection: sa.Connection, scope: Scope) -> list[str]:
    """The offices of the routes in the scope, in their order; one look into the index for each of them."""
    names = sa.func.unnest(sa.literal(sorted(scope.routes), ARRAY(sa.Text))).table_valued("route").render_derived()
    first = _least_office(names.c.route)
    found = sa.select(names.c.route, first.label("office")).cte("found", recursive=True)
    following = _least_office(found.c.route, documents.c.office_id > found.c.office)
    found = found.union_all(sa.select(found.c.route, following).where(found.c.office.is_not(None)))
    query = sa.select(found.c.office).where(found.c.office.is_not(None)).distinct().limit(MOST_OFFICES)
    return sorted(connection.scalars(query))


def _least_office(route: sa.ColumnElement[str], *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[str]:
    return (
        sa.select(sa.func.min(documents.c.office_id)).where(documents.c.route == route, *conditions).scalar_subquery()
    )


def opened_and_closed(connection: sa.Connection, scope: Scope, since: dt.datetime) -> OpenedAndClosed:
    """What happened in the scope since a moment, by the history.

    A document that was tried again and still waits was neither opened nor closed.
    """
    waits = [state.value for state in NEEDS_PEOPLE]
    moved = (
        sa.select(history.c.document_id, history.c.id, history.c.from_state, history.c.to_state)
        .where(history.c.at >= since, history.c.from_state.is_distinct_from(history.c.to_state))
        .subquery()
    )
    first_from = sa.func.array_agg(aggregate_order_by(moved.c.from_state, moved.c.id))[1]
    by_document = (
        sa.select(
            moved.c.document_id,
            sa.func.coalesce(first_from.in_(waits), sa.false()).label("waited"),
            sa.func.bool_or(moved.c.to_state.in_(waits)).label("began"),
        )
        .group_by(moved.c.document_id)
        .subquery()
    )
    ended = documents.c.state.not_in([*waits, DocumentState.WORKING.value])
    query = (
        sa.select(
            sa.func.count().filter(by_document.c.began & sa.not_(by_document.c.waited)),
            sa.func.count().filter((by_document.c.began | by_document.c.waited) & ended),
        )
        .select_from(by_document.join(documents, documents.c.id == by_document.c.document_id))
        .where(in_scope(scope))
    )
    opened, closed = connection.execute(query).one()
    return OpenedAndClosed(opened, closed)
