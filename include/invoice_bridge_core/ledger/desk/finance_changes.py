"""What people changed in bookings after the documents were transferred: kept with both values, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.change_tables import finance_changes
from invoice_bridge_core.ledger.database.many_rows import AT_ONCE, as_rows, portions
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.desk.finance_lines import agree, note_lines, tells_lines
from invoice_bridge_core.ledger.desk.wanted import in_scope
from invoice_bridge_core.ledger.documents.history import write_changes
from invoice_bridge_core.ledger.documents.row import BookedDocument, DocumentRow, booked
from invoice_bridge_core.ledger.payments.conditions import with_finance_ids

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from invoice_bridge_core.ledger.desk.filters import Scope
    from invoice_bridge_core.ports.booking_status import BookingStatus

TOTAL, CURRENCY, CONTACT, NUMBER, DATE, STATUS = "Total", "Currency", "Contact", "Number", "Date", "Status"
LINES = "Lines"
"""What a booking consists of, against what it did when a poll saw it first. Each text has a row for each such line."""
MENDED, AGREED = "mended", "agreed"
"""How a change ends: both sides agree again, or a person says that it is right so."""
MOST_LISTED = 1000


@dataclass(frozen=True)
class FinanceChange:
    """One thing that finance holds otherwise than it was sent.

    :param sent: as the ledger has it.
    :param held: as finance had it when it was seen last.
    """

    field: str
    sent: str
    held: str
    seen_at: dt.datetime

    def __str__(self) -> str:
        return in_words(self.field, self.sent, self.held)


@dataclass(frozen=True)
class ChangedDocument:
    """A transferred document with what was changed of it in finance."""

    row: DocumentRow
    changes: tuple[FinanceChange, ...]


def in_words(field: str, sent: str, held: str) -> str:
    """One change in a sentence: `total is 9 000.00, sent was 10 000.00`."""
    now, then = ("are", "were") if field == LINES else ("is", "was")
    sent, held = (" and ".join(text.splitlines()) for text in (sent, held))
    return f"{field.lower()} {now} {held}, sent {then} {sent}"


def compare(document: BookedDocument, now: BookingStatus) -> dict[str, tuple[str, str]]:
    """What of a booking's head is not as the ledger knows it: field → what was sent, what finance holds.

    What is paid is no change, nor is a draft that became real. Of what is gone nothing else matters.
    """
    known, held = document.booking, now.booking
    if now.is_gone:
        return {STATUS: (known.status or "booked", held.status if held.status != known.status else "deleted")}
    if known.is_draft or held.is_draft:
        return {}
    pairs = {
        TOTAL: (format_amount(known.total), format_amount(held.total)),
        CURRENCY: (known.currency, held.currency),
        CONTACT: (known.contact_id, held.contact_id),
        NUMBER: (known.number, held.number),
    }
    date = document.row.facts.document_date
    if date is not None and now.dated is not None:
        pairs[DATE] = (date.isoformat(), now.dated.isoformat())
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


def note(connection: sa.Connection, finance_conn: str, statuses: Mapping[str, BookingStatus], actor: str) -> None:
    """Note what finance told of booked documents, by finance id; what agrees again is mended.

    Of those whose source was not told yet, only the lines are kept.

    :param actor: who looked, for the history.
    """
    finance_ids = list(statuses)
    for start in range(0, len(finance_ids), AT_ONCE):
        wanted = finance_ids[start : start + AT_ONCE]
        _note_some(connection, finance_conn, {one: statuses[one] for one in wanted}, actor)


def _note_some(connection: sa.Connection, finance_conn: str, statuses: Mapping[str, BookingStatus], actor: str) -> None:
    is_booked = documents.c.state.in_([DocumentState.BOOKED, DocumentState.TRANSFERRED])
    query = sa.select(documents).where(with_finance_ids(finance_conn, statuses), is_booked).order_by(documents.c.id)
    records = {record["id"]: record for record in connection.execute(query).mappings()}
    read = [booked(DocumentRow.from_record(record)) for record in records.values()]
    seen = [(one, statuses[one.booking.finance_id]) for one in read if one is not None]
    lines = note_lines(connection, seen)
    told = [(one, status) for one, status in seen if one.row.state is DocumentState.TRANSFERRED]
    known = _known(connection, [one.row.id for one, _ in told])
    noted = _Noted()
    for document, status in told:
        found = compare(document, status)
        if document.row.id in lines:
            found[LINES] = lines[document.row.id]
        noted.add(document, status, found, known.get(document.row.id, {}))
    noted.write(connection)
    said = [(text, records[document_id], records[document_id]) for document_id, text in noted.texts]
    write_changes(connection, actor, said)


class _Noted:
    """What is news of many documents.

    :ivar texts: what the history is to say, by document id.
    """

    def __init__(self) -> None:
        self.texts: list[tuple[int, str]] = []
        self._changed: list[dict[str, Any]] = []
        self._mended: list[dict[str, Any]] = []

    def add(
        self,
        document: BookedDocument,
        now: BookingStatus,
        found: Mapping[str, tuple[str, str]],
        known: Mapping[str, sa.RowMapping],
    ) -> None:
        """Take in what was found of one document; `known`: what was found before, by field."""
        document_id, finance_id = document.row.id, document.booking.finance_id
        for field, (sent, held) in found.items():
            if _is_known(known.get(field), field, finance_id, held):
                continue
            key = {"document_id": document_id, "field": field, "finance_id": finance_id}
            self._changed.append({**key, "sent": sent, "held": held})
            self.texts.append((document_id, f"changed in finance: {in_words(field, sent, held)}"))
        # A list in short says nothing of lines.
        untold = set() if now.is_gone or now.booking.is_draft or tells_lines(now) else {LINES}
        is_open = {field for field, before in known.items() if before["ended_as"] is None}
        if again := sorted(is_open - found.keys() - untold):
            self._mended += [{"document_id": document_id, "field": field} for field in again]
            self.texts.append((document_id, f"finance agrees again: {', '.join(again).lower()}"))

    def write(self, connection: sa.Connection) -> None:
        """Write all of it, in a statement for many."""
        for portion in portions(self._changed):
            connection.execute(_upsert(portion))
        for portion in portions(self._mended):
            mended = as_rows(finance_changes, portion).subquery()
            is_one = sa.and_(
                finance_changes.c.document_id == mended.c.document_id, finance_changes.c.field == mended.c.field
            )
            ended = {"ended_at": NOW, "ended_as": MENDED}
            connection.execute(
                sa.update(finance_changes).where(is_one, finance_changes.c.ended_at.is_(None)).values(ended)
            )


def _is_known(before: sa.RowMapping | None, field: str, finance_id: str, held: str) -> bool:
    """Whether it is open still, or a person has agreed to this value; agreed lines are what others are compared to."""
    if before is None or (before["finance_id"], before["held"]) != (finance_id, held):
        return False
    return before["ended_as"] is None or (before["ended_as"] == AGREED and field != LINES)


def _upsert(values: Sequence[Mapping[str, Any]]) -> sa.sql.dml.Insert:
    rows = as_rows(finance_changes, values).add_columns(NOW.label("seen_at"))
    statement = insert(finance_changes).from_select([*values[0], "seen_at"], rows)
    updated = {name: statement.excluded[name] for name in ("finance_id", "sent", "held", "seen_at")}
    not_ended = dict.fromkeys(("ended_at", "ended_as", "ended_by", "ended_reason"))
    return statement.on_conflict_do_update(index_elements=["document_id", "field"], set_={**updated, **not_ended})


def _known(connection: sa.Connection, ids: Iterable[int]) -> dict[int, dict[str, sa.RowMapping]]:
    query = sa.select(finance_changes).where(
        finance_changes.c.document_id == sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger)))
    )
    found: dict[int, dict[str, sa.RowMapping]] = {}
    for record in connection.execute(query).mappings():
        found.setdefault(record["document_id"], {})[record["field"]] = record
    return found


def end_as_agreed(connection: sa.Connection, document_id: int, *, by: str, reason: str) -> None:
    """End the open changes of a document, since a person says that finance is right."""
    is_open = sa.and_(finance_changes.c.document_id == document_id, finance_changes.c.ended_at.is_(None))
    ended = {"ended_at": NOW, "ended_as": AGREED, "ended_by": by, "ended_reason": reason}
    connection.execute(sa.update(finance_changes).where(is_open).values(ended))
    agree(connection, document_id)


def of_document(connection: sa.Connection, row: DocumentRow) -> tuple[FinanceChange, ...]:
    """The open changes of one document."""
    is_this = documents.c.id == row.id
    return next((each.changes for each in _open(connection, is_this)), ())


def of_scope(connection: sa.Connection, scope: Scope) -> list[ChangedDocument]:
    """The documents in the scope with open changes, those seen last first."""
    return sorted(
        _open(connection, in_scope(scope)), key=lambda one: max(each.seen_at for each in one.changes), reverse=True
    )


def _open(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[ChangedDocument]:
    """What is open, and stands still: the ledger may know by now what was changed, or have another booking."""
    columns = [column.label(f"change_{column.name}") for column in finance_changes.c]
    query = (
        sa.select(documents, *columns)
        .select_from(finance_changes.join(documents))
        .where(finance_changes.c.ended_at.is_(None), finance_changes.c.finance_id == documents.c.finance_id, condition)
        .order_by(finance_changes.c.seen_at.desc(), documents.c.id, finance_changes.c.field)
        .limit(MOST_LISTED)
    )
    found: dict[int, tuple[DocumentRow, list[FinanceChange]]] = {}
    for record in connection.execute(query).mappings():
        change = FinanceChange(*(record[f"change_{name}"] for name in ("field", "sent", "held", "seen_at")))
        row = DocumentRow.from_record(record)
        if row.booking is not None and change.field == NUMBER and row.booking.number == change.held:
            continue
        found.setdefault(row.id, (row, []))[1].append(change)
    return [ChangedDocument(row, tuple(changes)) for row, changes in found.values()]
