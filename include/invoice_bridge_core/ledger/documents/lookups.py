"""Reading document rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.indexes import OPEN, UNDER_WAY
from invoice_bridge_core.ledger.database.tables import documents, steps
from invoice_bridge_core.ledger.documents.row import DocumentRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from invoice_bridge_core.ports import Booking

REJECTION = "rejection"
"""The step that tells a source, finally, that a document is rejected."""


_HANDED_OUT = 500
_FINAL = (DocumentState.TRANSFERRED, DocumentState.REJECTED)


class NamesCredited(Protocol):
    """A document, its facts or its row: whatever may name the invoice that a credit note refers to."""

    @property
    def ref(self) -> DocumentRef:
        """The credit note itself."""

    @property
    def credited_source_id(self) -> str | None:
        """The source's id of the invoice."""

    @property
    def credited_number(self) -> str | None:
        """The invoice's number."""


def rows_by_id(
    connection: sa.Connection, system: str, conn_id: str, source_ids: Collection[str]
) -> dict[str, DocumentRow]:
    """The rows that exist of these ids, in one query however many there are."""
    found = _select(connection, _of_source(system, conn_id), _any(documents.c.source_id, source_ids))
    return {row.ref.source_id: row for row in found}


def rows_by_state(
    connection: sa.Connection,
    route: str | None,
    states: Collection[DocumentState] | None,
    limit: int | None = None,
    *,
    are_aside: bool | None = None,
) -> list[DocumentRow]:
    """The rows in these states that this route dealt with last; those changed longest ago first."""
    conditions = _dealt_with(route, states)
    if are_aside is not None:
        conditions.append(documents.c.aside_at.is_not(None) if are_aside else documents.c.aside_at.is_(None))
    if are_aside is False and states is not None and DocumentState.TRANSFERRED not in states:
        # It says nothing new, but an index knows it.
        conditions.append(OPEN)
    return _select(connection, *conditions, limit=limit)


def stream_by_state(
    connection: sa.Connection, route: str | None, states: Collection[DocumentState] | None, limit: int | None
) -> Iterator[DocumentRow]:
    """The same, of which the database hands out a few hundred at a time, to whoever takes his time over them."""
    connection.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
    connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '1h'"))
    conditions = _dealt_with(route, states)
    query = sa.select(documents).where(*conditions).order_by(documents.c.updated_at, documents.c.id).limit(limit)
    found = connection.execution_options(stream_results=True, yield_per=_HANDED_OUT).execute(query)
    return (DocumentRow.from_record(record) for record in found.mappings())


def count_by_state(connection: sa.Connection, route: str | None, states: Collection[DocumentState] | None) -> int:
    """How many rows `rows_by_state` finds without a limit."""
    query = sa.select(sa.func.count()).select_from(documents).where(*_dealt_with(route, states))
    return connection.scalar(query) or 0


def routes_of_rows(connection: sa.Connection) -> list[str]:
    """The routes that dealt with documents."""
    # One look into the index for each of them, however many documents it dealt with.
    found = sa.select(sa.func.min(documents.c.route).label("route")).cte("found", recursive=True)
    following = sa.select(sa.func.min(documents.c.route)).where(documents.c.route > found.c.route).scalar_subquery()
    found = found.union_all(sa.select(following).where(found.c.route.is_not(None)))
    return list(connection.scalars(sa.select(found.c.route).where(found.c.route.is_not(None))))


def _dealt_with(route: str | None, states: Collection[DocumentState] | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if route is not None:
        conditions.append(documents.c.route == route)
    if states is not None:
        conditions.append(documents.c.state.in_([str(state) for state in states]))
    return conditions


def unfinished_rows(connection: sa.Connection, system: str, conn_id: str) -> list[DocumentRow]:
    """The rows whose document may be booked or rejected without the source and the ledger agreeing on it yet."""
    # Its source may have dropped what is held after it was booked from the queue, and would never be told.
    under_way = sa.select(documents.c.id).where(UNDER_WAY, _of_source(system, conn_id)).correlate(None)
    rejection_tried = sa.select(steps.c.document_id).where(
        sa.text("steps.step = 'rejection' AND steps.state <> 'refused'")
    )
    is_open = documents.c.state.in_([state for state in DocumentState if state not in _FINAL])
    return _select(
        connection, _of_source(system, conn_id), is_open, documents.c.id.in_(under_way.union_all(rejection_tried))
    )


def wake_alike(connection: sa.Connection, route: str, reason: str) -> None:
    """Let the next run look at the documents that are held for this reason; one that is worked on stays as it is."""
    alike = (
        sa.select(documents.c.id)
        .where(
            documents.c.route == route,
            documents.c.state == DocumentState.HELD,
            documents.c.reason == reason,
            documents.c.lease_token.is_(None),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    connection.execute(sa.update(documents).where(documents.c.id.in_(alike)).values(held_fingerprint=None))


def rows_named(connection: sa.Connection, name: str) -> list[DocumentRow]:
    """The rows whose number, in any case, source id or full reference this is, in whatever source."""
    ids = sa.select(documents.c.id).correlate(None)
    found = [ids.where(sa.func.lower(documents.c.number) == sa.func.lower(name)), _with_source_id(name)]
    parts = name.split(":", 2)
    if len(parts) == 3:
        found.append(ids.where(_of_source(parts[0], parts[1]), documents.c.source_id == parts[2]))
    return _select(connection, documents.c.id.in_(sa.union_all(*found)))


def _with_source_id(name: str) -> sa.Select[tuple[int]]:
    """The documents with this id in whatever source: one look into the index for each source there is."""
    system, conn = documents.c.source_system, documents.c.source_conn
    following = sa.select(system, conn).order_by(system, conn).limit(1).correlate(None)
    found = sa.select(following.subquery()).cte("sources", recursive=True)
    next_one = (
        following.where(sa.tuple_(system, conn) > sa.tuple_(found.c.source_system, found.c.source_conn))
        .correlate(found)
        .lateral()
    )
    found = found.union_all(sa.select(next_one).select_from(found.join(next_one, sa.true())))
    return (
        sa.select(documents.c.id)
        .where(system == found.c.source_system, conn == found.c.source_conn, documents.c.source_id == name)
        .correlate(None)
    )


def taken_by_others(
    connection: sa.Connection, row: DocumentRow, finance_conn: str, bookings: Collection[Booking]
) -> set[str]:
    """The ids of those bookings in one finance system that are other documents', or that one may find as its own."""
    numbers = {booking.number: booking.finance_id for booking in bookings}
    others = (documents.c.finance_conn == finance_conn) & (documents.c.id != row.id)
    ids = sa.select(documents.c.finance_id).where(
        others, _any(documents.c.finance_id, {booking.finance_id for booking in bookings})
    )
    looked_for = sa.select(documents.c.intent_number).where(
        others,
        documents.c.finance_id.is_(None),
        documents.c.intent_token.is_not(None),
        _any(documents.c.intent_number, set(numbers)),
    )
    return {*connection.scalars(ids), *(numbers[number] for number in connection.scalars(looked_for))}


def credited_rows(
    connection: sa.Connection, system: str, conn_id: str, credit_notes: Collection[NamesCredited]
) -> dict[str, DocumentRow]:
    """The rows of the invoices that credit notes of one source name, by the credit notes' ids; one query."""
    ids = {note.credited_source_id for note in credit_notes if note.credited_source_id is not None}
    numbers = {note.credited_number for note in credit_notes if note.credited_number is not None}
    is_no_credit_note = documents.c.kind.is_distinct_from(DocumentKind.CREDIT_NOTE.value)
    rows = _select(
        connection,
        _of_source(system, conn_id),
        _any(documents.c.source_id, ids) | (_any(documents.c.number, numbers) & is_no_credit_note),
    )
    by_id, by_number = {row.ref.source_id: row for row in rows}, _by_number(rows)
    found = {note.ref.source_id: _named(note, by_id, by_number) for note in credit_notes}
    return {source_id: row for source_id, row in found.items() if row is not None}


def credited_row(credit_note: NamesCredited, rows: Sequence[DocumentRow]) -> DocumentRow | None:
    """The invoice that a credit note names: by its id, else by its number; a booked one before others."""
    return _named(credit_note, {row.ref.source_id: row for row in rows}, _by_number(rows))


def _named(
    note: NamesCredited, by_id: Mapping[str, DocumentRow], by_number: Mapping[str, DocumentRow]
) -> DocumentRow | None:
    row = by_id.get(note.credited_source_id) if note.credited_source_id is not None else None
    if row is None and note.credited_number is not None:
        row = by_number.get(note.credited_number)
    return row


def _by_number(rows: Sequence[DocumentRow]) -> dict[str, DocumentRow]:
    """The last document of each number that is no credit note, a booked one before others."""
    found: dict[str, DocumentRow] = {}
    for row in rows:
        if row.number is None or row.facts.kind is DocumentKind.CREDIT_NOTE:
            continue
        known = found.get(row.number)
        if known is None or row.booking is not None or known.booking is None:
            found[row.number] = row
    return found


def _select(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None
) -> list[DocumentRow]:
    query = sa.select(documents).where(*conditions).order_by(documents.c.updated_at, documents.c.id).limit(limit)
    return [DocumentRow.from_record(record) for record in connection.execute(query).mappings()]


def _of_source(system: str, conn_id: str) -> sa.ColumnElement[bool]:
    return (documents.c.source_system == system) & (documents.c.source_conn == conn_id)


def _any(column: sa.Column[Any], values: Iterable[str]) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.literal(list(values), ARRAY(sa.Text)))
