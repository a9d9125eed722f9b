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
from invoice_bridge_core.ledger.desk.filters import ALL_STATES, Sort
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


@dataclass(frozen=True)
class Listed:
    """One page of a list.

    :param count: how many documents the whole list has.
    :param states: how many there are in each state, whichever states are wanted.
    :param sums: of the whole list, the most documents first.
    """

    rows: Sequence[DocumentRow]
    count: int
    states: Mapping[DocumentState, int]
    sums: Sequence[Sum]


SIGNED_TOTAL = sa.case(
    (documents.c.kind == DocumentKind.CREDIT_NOTE.value, -documents.c.total), else_=documents.c.total
)


def list_page(connection: sa.Connection, scope: Scope, wanted: DocumentFilter, page: Page, now: dt.datetime) -> Listed:
    """One page of the documents that are wanted, among those in the scope.

    :param now: from where the age of what is under way is counted.
    """
    states, sums = _totals(connection, scope, wanted, now)
    return Listed(
        rows=_rows(connection, scope, wanted, page, now),
        count=sum(one.count for one in sums),
        states=states,
        sums=sums,
    )


def _totals(
    connection: sa.Connection, scope: Scope, wanted: DocumentFilter, now: dt.datetime
) -> tuple[dict[DocumentState, int], list[Sum]]:
    query = (
        sa.select(documents.c.state, documents.c.currency, sa.func.count(), sa.func.sum(SIGNED_TOTAL))
        .where(in_scope(scope), *matching(wanted, now, in_any_state=True))
        .group_by(documents.c.state, documents.c.currency)
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
    ids = (
        sa.select(documents.c.id)
        .where(in_scope(scope), *matching(wanted, now))
        .order_by(*_order(page))
        .limit(page.size)
        .offset((page.number - 1) * page.size)
    )
    chosen = list(connection.scalars(ids))
    query = sa.select(documents).where(documents.c.id == sa.any_(sa.literal(chosen, ARRAY(sa.BigInteger))))
    found = {record["id"]: DocumentRow.from_record(record) for record in connection.execute(query).mappings()}
    return [found[one] for one in chosen if one in found]


def _order(page: Page) -> list[sa.ColumnElement[Any]]:
    """What is unknown comes last either way; what is equal by its id, so that pages never overlap."""
    keys: dict[Sort, sa.ColumnElement[Any]] = {
        # The oldest has the earliest beginning.
        Sort.AGE: documents.c.state_since,
        Sort.DATE: documents.c.document_date,
        Sort.NUMBER: sa.collate(documents.c.number, "C"),
        Sort.CUSTOMER: sa.case((documents.c.contact_name.is_not(None), sa.collate(documents.c.search_text, "C"))),
        Sort.TOTAL: SIGNED_TOTAL,
        Sort.STATE: sa.case({state.value: place for place, state in enumerate(ALL_STATES)}, value=documents.c.state),
    }
    is_descending = page.is_descending != (page.sort in (Sort.AGE, Sort.STATE))
    return [_directed(keys[page.sort], is_descending).nulls_last(), _directed(documents.c.id, is_descending)]


def _directed(key: sa.ColumnElement[Any], is_descending: bool) -> sa.UnaryExpression[Any]:
    return key.desc() if is_descending else key.asc()
