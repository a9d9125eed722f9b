"""The list of documents: one page of it, and what the whole of it comes to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.ledger.desk.filters import ALL_STATES, Sort, View
from invoice_bridge_core.ledger.desk.wanted import in_scope, matching
from invoice_bridge_core.ledger.documents.row import DocumentRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page, Scope


@dataclass(frozen=True)
class Sum:
    """What documents of one currency come to; credit notes are taken off.

    :param currency: `None` for those that are unread, whose total is zero.
    """

    currency: str | None
    total: Decimal
    count: int


MOST_COUNTED = 5_000
"""So many transferred documents are counted and summed; all that there ever were would take longer every year."""


@dataclass(frozen=True)
class Listed:
    """One page of a list.

    :param count: how many documents the whole list has.
    :param states: how many there are in each state, whichever states are wanted.
    :param sums: of the whole list, the most documents first; none where the list has more than were counted.
    :param has_more: whether the list has more documents than `count` says.
    :param more_of: states that have more documents than `states` says.
    """

    rows: Sequence[DocumentRow]
    count: int
    states: Mapping[DocumentState, int]
    sums: Sequence[Sum]
    has_more: bool = False
    more_of: frozenset[DocumentState] = frozenset()


SIGNED_TOTAL = sa.case(
    (documents.c.kind == DocumentKind.CREDIT_NOTE.value, -documents.c.total), else_=documents.c.total
)


def list_page(connection: sa.Connection, scope: Scope, wanted: DocumentFilter, page: Page, now: dt.datetime) -> Listed:
    """One page of the documents that are wanted, among those in the scope.

    :param now: from where the age of what is under way is counted.
    """
    states, sums = _totals(connection, scope, wanted, now)
    count = sum(one.count for one in sums)
    more_of = frozenset(state for state in _COUNTED_TO if states.get(state, 0) > MOST_COUNTED)
    has_more = any(not wanted.states or state in wanted.states for state in more_of)
    return Listed(
        rows=_rows(connection, scope, wanted, page, now),
        count=count - 1 if has_more else count,
        states={state: MOST_COUNTED if state in more_of else found for state, found in states.items()},
        sums=[] if has_more else sums,
        has_more=has_more,
        more_of=more_of,
    )


_COUNTED_TO = (DocumentState.TRANSFERRED,)
"""The state that documents stay in for good."""


def _totals(
    connection: sa.Connection, scope: Scope, wanted: DocumentFilter, now: dt.datetime
) -> tuple[dict[DocumentState, int], list[Sum]]:
    """Counts by state and sums by currency; of what is transferred one more than are counted at most."""
    chosen = sa.select(documents.c.state, documents.c.currency, SIGNED_TOTAL.label("total")).where(
        in_scope(scope), *matching(wanted, now, in_any_state=True)
    )
    is_transferred = documents.c.state == DocumentState.TRANSFERRED.value
    # Each state by its name, which an index knows.
    others = [state.value for state in ALL_STATES if state is not DocumentState.TRANSFERRED]
    parts = [chosen.where(documents.c.state == sa.any_(sa.literal(others, ARRAY(sa.Text))))]
    if wanted.view is not View.OPEN:
        parts.append(chosen.where(is_transferred).limit(MOST_COUNTED + 1).subquery().select())
    found = sa.union_all(*parts).subquery()
    query = sa.select(found.c.state, found.c.currency, sa.func.count(), sa.func.sum(found.c.total)).group_by(
        found.c.state, found.c.currency
    )
    states: dict[DocumentState, int] = defaultdict(int)
    counts: dict[str | None, int] = defaultdict(int)
    totals: dict[str | None, Decimal] = defaultdict(Decimal)
    for state, currency, count, total in connection.execute(query):
        states[DocumentState(state)] += count
        if not wanted.states or state in wanted.states:
            counts[currency] += count
            totals[currency] += total or 0
    sums = [Sum(currency, totals[currency], count) for currency, count in counts.items()]
    return dict(states), sorted(sums, key=lambda one: (-one.count, one.currency or "~"))


def _rows(
    connection: sa.Connection, scope: Scope, wanted: DocumentFilter, page: Page, now: dt.datetime
) -> list[DocumentRow]:
    wanted_ids = sa.select(documents.c.id).where(in_scope(scope), *matching(wanted, now))
    order = _order(page)
    if _is_narrow(wanted):
        # Found first and sorted then: in the order of an index, all that is finished would be passed by.
        known = wanted_ids.add_columns(_key(page).label("key")).cte("known").prefix_with("MATERIALIZED")
        wanted_ids, order = sa.select(known.c.id), _directed_by(page, known.c.key, known.c.id)
    ids = wanted_ids.order_by(*order).limit(page.size).offset((page.number - 1) * page.size)
    chosen = list(connection.scalars(ids))
    query = sa.select(documents).where(documents.c.id == sa.any_(sa.literal(chosen, ARRAY(sa.BigInteger))))
    found = {record["id"]: DocumentRow.from_record(record) for record in connection.execute(query).mappings()}
    return [found[one] for one in chosen if one in found]


def _is_narrow(wanted: DocumentFilter) -> bool:
    """Whether what is wanted is found by an index, and is little beside all that there ever was."""
    is_named = wanted.ids is not None or wanted.ref is not None or wanted.run is not None
    is_unfinished = bool(wanted.states) and DocumentState.TRANSFERRED not in wanted.states
    return wanted.view is not View.ALL or is_named or is_unfinished


def _order(page: Page) -> list[sa.ColumnElement[Any]]:
    return _directed_by(page, _key(page), documents.c.id)


def _key(page: Page) -> sa.ColumnElement[Any]:
    keys: dict[Sort, sa.ColumnElement[Any]] = {
        # The oldest has the earliest beginning.
        Sort.AGE: documents.c.state_since,
        Sort.DATE: documents.c.document_date,
        Sort.NUMBER: sa.collate(documents.c.number, "C"),
        Sort.CUSTOMER: sa.case((documents.c.contact_name.is_not(None), sa.collate(documents.c.search_text, "C"))),
        Sort.TOTAL: SIGNED_TOTAL,
        Sort.STATE: sa.case({state.value: place for place, state in enumerate(ALL_STATES)}, value=documents.c.state),
    }
    return keys[page.sort]


def _directed_by(
    page: Page, key: sa.ColumnElement[Any], document_id: sa.ColumnElement[int]
) -> list[sa.ColumnElement[Any]]:
    """What is unknown comes last either way; what is equal by its id, so that pages never overlap."""
    is_descending = page.is_descending != (page.sort in (Sort.AGE, Sort.STATE))
    return [_directed(key, is_descending).nulls_last(), _directed(document_id, is_descending)]


def _directed(key: sa.ColumnElement[Any], is_descending: bool) -> sa.UnaryExpression[Any]:
    return key.desc() if is_descending else key.asc()
