"""Which of our documents a poll has to look at for their sales, and the poll's own writes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.sale_tables import sales
from invoice_bridge_core.ledger.database.tables import documents, payment_statuses
from invoice_bridge_core.ledger.payments import payment_rows
from invoice_bridge_core.ledger.payments.conditions import any_of, of_source
from invoice_bridge_core.ledger.payments.polls import cursor_named, move_cursor
from invoice_bridge_core.ledger.sales.row import SaleFacts, SaleKey, SaleRow, fact_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from invoice_bridge_core.documents import DocumentKind
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow

_AT_ONCE = 500


@dataclass(frozen=True)
class SaleSource:
    """Whose sales: one source connection, and one finance connection that its documents are booked through."""

    system: str
    conn_id: str
    finance_conn: str


@dataclass(frozen=True)
class SeenTo:
    """How far the documents of one route were looked at.

    :param at: all that changed earlier has its sale, or needs none.
    :param settings: what the route said of sales then; when it says otherwise now, all are looked at anew.
    """

    name: str
    at: dt.datetime
    settings: str


@dataclass(frozen=True)
class SalePoll:
    """What one poll found.

    :param name: whose cursor moves.
    :param found: each with the fingerprint of what the source should show.
    :param seen_at: the database's own moment of which the facts tell.
    :param cursor: in the finance system's own writing; `None` keeps the last one.
    :param asked_all: whether all that are open were asked for by their ids.
    :param seen_to: where the next poll's look at our documents begins; `None` keeps the last one.
    """

    name: str
    route: str
    found: Sequence[tuple[SaleFacts, str]]
    seen_at: dt.datetime
    cursor: str | None = None
    asked_all: bool = False
    seen_to: SeenTo | None = None


def documents_to_see(
    connection: sa.Connection,
    whose: SaleSource,
    *,
    kinds: Collection[DocumentKind],
    since: dt.date | None,
    with_payments: bool,
    changed_since: dt.datetime | None,
    limit: int,
    is_wanted: Callable[[PaymentStatusRow], bool],
) -> list[PaymentStatusRow]:
    """Our booked documents with a project whose sale is missing, or that changed since it was seen; oldest first.

    Drafts are left out.

    :param kinds: all others are left out.
    :param since: what is dated earlier is left out.
    :param with_payments: whether what a payment poll has kept since is a change, too.
    :param changed_since: what did not change since is left out; `None` compares all.
    :param is_wanted: what it says no to is left out, and does not count.
    """
    if changed_since is None:
        # It reads both tables from end to end, from a disk that may be busy.
        connection.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
    conditions = [
        sales.c.document_id == documents.c.id,
        sales.c.source_conn == whose.conn_id,
        sales.c.finance_conn == whose.finance_conn,
        sales.c.finance_id == documents.c.finance_id,
        sales.c.seen_at >= documents.c.updated_at,
    ]
    if with_payments:
        conditions.append(sales.c.seen_at >= sa.func.coalesce(payment_statuses.c.seen_at, sales.c.seen_at))
    seen = sa.exists(sa.select(sales.c.id).where(*conditions))
    # A transfer may have seen later than the last poll that a draft became real, or the poll later than the transfer.
    is_draft = sa.and_(documents.c.finance_is_draft, sa.func.coalesce(payment_statuses.c.is_draft, sa.true()))
    is_late = sa.func.coalesce(documents.c.document_date >= since, sa.true()) if since else sa.true()
    return payment_rows.first(
        connection,
        of_source(whose.system, whose.conn_id, whose.finance_conn),
        _changed(whose, changed_since, with_payments=with_payments),
        documents.c.state.in_([DocumentState.BOOKED, DocumentState.TRANSFERRED]),
        documents.c.kind.in_([str(kind) for kind in kinds]),
        documents.c.project_id.is_not(None),
        sa.not_(is_draft),
        sa.not_(seen),
        is_late,
        limit=limit,
        is_wanted=is_wanted,
    )


def _changed(whose: SaleSource, since: dt.datetime | None, *, with_payments: bool) -> sa.ColumnElement[bool]:
    if since is None:
        return sa.true()
    of_these = sa.select(documents.c.id).where(of_source(whose.system, whose.conn_id, whose.finance_conn))
    has_project = documents.c.finance_id.is_not(None) & documents.c.project_id.is_not(None)
    candidates = [
        of_these.where(has_project, documents.c.updated_at >= since),
        # A poll of payments may have seen it become real, which changes the document only later.
        of_these.where(documents.c.finance_is_draft),
    ]
    if with_payments:
        candidates.append(sa.select(payment_statuses.c.document_id).where(payment_statuses.c.seen_at >= since))
    return documents.c.id == any_of(sa.union_all(*(each.correlate(None) for each in candidates)))


def seen_to(connection: sa.Connection, name: str, settings: str) -> dt.datetime | None:
    """Where the look of this name begins; `None` where all have to be looked at."""
    known = cursor_named(connection, name)
    at, _, kept_settings = ((known and known.cursor) or "").partition(" ")
    return dt.datetime.fromisoformat(at) if at and kept_settings == settings else None


def projects(connection: sa.Connection, whose: SaleSource, project_ids: Collection[str]) -> set[str]:
    """Which of these the ledger knows as ids of projects, from the documents of the source."""
    # One look into the index for each of them, however many documents a project has.
    asked = sa.func.unnest(sa.literal(list(project_ids), ARRAY(sa.Text))).table_valued("project_id").render_derived()
    its = sa.select(documents.c.id).where(
        documents.c.source_system == whose.system,
        documents.c.source_conn == whose.conn_id,
        documents.c.project_id == asked.c.project_id,
    )
    has_one = its.limit(1).correlate(asked).scalar_subquery().is_not(None)
    return set(connection.scalars(sa.select(asked.c.project_id).where(has_one)))


def known(connection: sa.Connection, keys: Collection[SaleKey]) -> dict[str, SaleRow]:
    """The sales of these keys, which share their connections, by finance id."""
    if not keys:
        return {}
    one = next(iter(keys))
    wanted = sa.any_(sa.literal([key.finance_id for key in keys], ARRAY(sa.Text)))
    query = sa.select(sales).where(
        sales.c.source_conn == one.source_conn,
        sales.c.finance_conn == one.finance_conn,
        sales.c.finance_id == wanted,
    )
    return {record["finance_id"]: SaleRow.from_record(record) for record in connection.execute(query).mappings()}


def keep(connection: sa.Connection, poll: SalePoll) -> None:
    """Keep everything, then move the cursor: all of it, or nothing."""
    values = [
        {**fact_columns(facts), "fingerprint": fingerprint, "route": poll.route, "seen_at": poll.seen_at}
        for facts, fingerprint in sorted(poll.found, key=lambda one: one[0].key.finance_id)
    ]
    for start in range(0, len(values), _AT_ONCE):
        connection.execute(_upsert(), values[start : start + _AT_ONCE])
    move_cursor(connection, poll.name, poll.cursor, asked_all=poll.asked_all)
    if (seen := poll.seen_to) is not None:
        move_cursor(connection, seen.name, f"{seen.at.isoformat()} {seen.settings}", asked_all=False)


def _upsert() -> sa.sql.dml.Insert:
    statement = insert(sales)
    news = statement.excluded
    taken: dict[str, Any] = {name: news[name] for name in _SEEN}
    # What the source did not take may be taken once finance says something else.
    is_news = sales.c.fingerprint != news.fingerprint
    taken |= {name: sa.case((is_news, None), else_=sales.c[name]) for name in ("reason", "reason_at")}
    return statement.on_conflict_do_update(index_elements=["source_conn", "finance_conn", "finance_id"], set_=taken)


_SEEN = (
    *("source_system", "route", "document_id", "project_id", "project_number", "kind", "number", "issued_on"),
    *("due_date", "currency", "amount_excl_vat", "amount_incl_vat", "is_paid", "paid_on", "gone"),
    *("fingerprint", "seen_at"),
)
