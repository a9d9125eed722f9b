"""A filter of documents, as conditions on their table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.ledger.database.indexes import OPEN
from invoice_bridge_core.ledger.database.tables import documents, history
from invoice_bridge_core.ledger.desk.filters import NEEDS_PEOPLE, UNDER_WAY, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Scope

STUCK_AFTER = dt.timedelta(days=1)
"""What is under way for longer belongs to what is open."""


def in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    """The documents that a person may see, or act on."""
    source = sa.tuple_(documents.c.source_system, documents.c.source_conn)
    of_sources: list[sa.ColumnElement[bool]] = [source.in_(sorted(scope.sources))] if scope.sources else []
    if (others := scope.other_sources_than) is not None:
        of_sources.append(source.not_in(sorted(others)) if others else sa.true())
    own: sa.ColumnElement[bool] = documents.c.route == _any(scope.routes)
    nobodys = documents.c.route.is_(None) & sa.or_(sa.false(), *of_sources)
    return sa.or_(own, nobodys)


def matching(wanted: DocumentFilter, now: dt.datetime, *, in_any_state: bool = False) -> list[sa.ColumnElement[bool]]:
    """What a document has to be.

    :param now: from where the age of what is under way is counted.
    :param in_any_state: leave out which states are wanted.
    """
    conditions = [*_of_view(wanted.view, now), *_of_facts(wanted)]
    if wanted.states and not in_any_state:
        conditions.append(documents.c.state == _any(state.value for state in wanted.states))
    if wanted.begun_before is not None:
        conditions.append(documents.c.state_since <= wanted.begun_before)
    if wanted.ids is not None:
        conditions.append(documents.c.id == sa.any_(sa.literal(sorted(wanted.ids), ARRAY(sa.BigInteger))))
    if wanted.run is not None:
        of_run = history.c.actor.startswith(f"{wanted.run}/", autoescape=True)
        conditions.append(documents.c.id.in_(sa.select(history.c.document_id).where(of_run)))
    return conditions


def _of_view(view: View, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    if view is View.ALL:
        return []
    if view is View.ASIDE:
        return [documents.c.aside_at.is_not(None)]
    waits = documents.c.state == _any(state.value for state in NEEDS_PEOPLE)
    is_under_way = documents.c.state == _any(state.value for state in UNDER_WAY)
    is_stuck = is_under_way & (documents.c.state_since <= now - STUCK_AFTER)
    return [OPEN, waits | is_stuck]


def _of_facts(wanted: DocumentFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [
        column == value
        for column, value in (
            (documents.c.route, wanted.route),
            (documents.c.office_id, wanted.office),
            (documents.c.kind, wanted.kind.value if wanted.kind is not None else None),
        )
        if value is not None
    ]
    if wanted.since is not None:
        conditions.append(documents.c.document_date >= wanted.since)
    if wanted.until is not None:
        conditions.append(documents.c.document_date < wanted.until)
    if wanted.ref is not None:
        ref = wanted.ref
        is_named = (documents.c.source_system == ref.system) & (documents.c.source_conn == ref.conn_id)
        return [*conditions, is_named & (documents.c.source_id == ref.source_id)]
    return [*conditions, *map(_holds, wanted.words)]


def _holds(word: str) -> sa.ColumnElement[bool]:
    has_other_number = documents.c.finance_number != documents.c.number
    other_number = sa.func.lower(documents.c.finance_number).contains(word, autoescape=True)
    return documents.c.search_text.contains(word, autoescape=True) | (has_other_number & other_number)


def _any(values: Iterable[str]) -> Any:
    return sa.any_(sa.literal(sorted(values), ARRAY(sa.Text)))
