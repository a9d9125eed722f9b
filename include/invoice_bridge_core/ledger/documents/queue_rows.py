"""The few columns of a document that decide whether it becomes a task of a run.

A queue may hold tens of thousands of documents that are left as they are. Of each of them nothing more is read.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator

    from invoice_bridge_core.ledger.documents.row import DocumentRow

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What the ledger knows of one document, in short; as in `DocumentRow`.

    :param is_readable: whether the document was ever read.
    :param is_booked: whether it has a booking.
    """

    id: int
    system: str
    conn_id: str
    source_id: str
    number: str | None
    kind: str | None
    document_date: dt.date | None
    office_id: str | None
    project_id: str | None
    credited_source_id: str | None
    credited_number: str | None
    is_readable: bool
    entry_fingerprint: str | None
    facts_read_at: dt.datetime | None
    state: DocumentState
    reason: str | None
    route: str | None
    held_fingerprint: str | None
    announced_at: dt.datetime | None
    leased_until: dt.datetime | None
    has_intent: bool
    finance_conn: str | None
    is_booked: bool
    updated_at: dt.datetime

    @property
    def ref(self) -> DocumentRef:
        """What names the document everywhere."""
        return DocumentRef(system=self.system, conn_id=self.conn_id, source_id=self.source_id)

    @property
    def is_credit_note(self) -> bool:
        """Whether it is a credit note."""
        return self.kind == DocumentKind.CREDIT_NOTE

    @property
    def tried_at(self) -> dt.datetime:
        """When a task worked on it last, or it was noted; a task that died without a note counts by its lease."""
        return self.updated_at if self.leased_until is None else max(self.updated_at, self.leased_until)

    @property
    def was_tried(self) -> bool:
        """Whether a task ever had it."""
        return self.route is not None

    @classmethod
    def of(cls, row: DocumentRow) -> Self:
        """The same of a whole row."""
        facts = row.facts
        return cls(
            id=row.id,
            system=row.ref.system,
            conn_id=row.ref.conn_id,
            source_id=row.ref.source_id,
            number=facts.number,
            kind=facts.kind,
            document_date=facts.document_date,
            office_id=facts.office_id,
            project_id=facts.project_id,
            credited_source_id=facts.credited_source_id,
            credited_number=facts.credited_number,
            is_readable=facts.is_readable,
            entry_fingerprint=facts.entry_fingerprint,
            facts_read_at=row.facts_read_at,
            state=row.state,
            reason=row.reason,
            route=row.route,
            held_fingerprint=row.held_fingerprint,
            announced_at=row.announced_at,
            leased_until=row.leased_until,
            has_intent=row.intent_token is not None,
            finance_conn=row.finance_conn,
            is_booked=row.booking is not None,
            updated_at=row.updated_at,
        )


def of_ids(connection: sa.Connection, system: str, conn_id: str, source_ids: Collection[str]) -> dict[str, QueueRow]:
    """Those that exist of these ids; one query, however many they are."""
    wanted = sa.any_(sa.literal(list(source_ids), ARRAY(sa.Text)))
    return {row.source_id: row for row in _read(connection, system, conn_id, documents.c.source_id == wanted)}


def in_states(
    connection: sa.Connection, system: str, conn_id: str, states: Collection[DocumentState]
) -> list[QueueRow]:
    """Those of a source that are in one of these states."""
    return list(_read(connection, system, conn_id, documents.c.state.in_([str(state) for state in states])))


_COLUMNS: dict[str, sa.ColumnElement[Any]] = {
    "system": documents.c.source_system,
    "conn_id": documents.c.source_conn,
    "is_readable": documents.c.payload_hash.is_not(None),
    "leased_until": documents.c.lease_until,
    "has_intent": documents.c.intent_token.is_not(None),
    "is_booked": documents.c.finance_id.is_not(None),
}
_NAMES = tuple(QueueRow.__dataclass_fields__)
# What thousands of documents have in common is kept once.
_SHARED = tuple(
    _NAMES.index(name) for name in ("system", "conn_id", "kind", "office_id", "project_id", "reason", "route")
)
_STATE = _NAMES.index("state")
_STATES = {state.value: state for state in DocumentState}


def _read(
    connection: sa.Connection, system: str, conn_id: str, condition: sa.ColumnElement[bool]
) -> Iterator[QueueRow]:
    chosen = [_COLUMNS.get(name, documents.c.get(name)) for name in _NAMES]
    query = sa.select(*[column.label(name) for name, column in zip(_NAMES, chosen, strict=True) if column is not None])
    query = query.where(documents.c.source_system == system, documents.c.source_conn == conn_id, condition)
    found = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(query)
    for record in found:
        values: list[Any] = list(record)
        values[_STATE] = _STATES[values[_STATE]]
        for place in _SHARED:
            if (text := values[place]) is not None:
                values[place] = sys.intern(text)
        yield QueueRow(*values)
