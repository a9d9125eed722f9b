"""What people changed in bookings after the documents were transferred: kept with both values, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.change_tables import finance_changes
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.desk.wanted import in_scope
from invoice_bridge_core.ledger.documents.history import write_changes
from invoice_bridge_core.ledger.documents.row import BookedDocument, DocumentRow, booked
from invoice_bridge_core.ledger.payments.conditions import with_finance_ids

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

    from invoice_bridge_core.ledger.desk.filters import Scope
    from invoice_bridge_core.ports.booking_status import BookingStatus

TOTAL, CURRENCY, CONTACT, NUMBER, DATE, STATUS = "Total", "Currency", "Contact", "Number", "Date", "Status"
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


@dataclass(frozen=True)
class ChangedDocument:
    """A transferred document with what was changed of it in finance."""

    row: DocumentRow
    changes: tuple[FinanceChange, ...]


def compare(document: BookedDocument, now: BookingStatus) -> dict[str, tuple[str, str]]:
    """What of a booking is not as the ledger knows it: field → what was sent, what finance holds.

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
    """Note what finance told of transferred documents, by finance id; what agrees again is mended.

    :param actor: who looked, for the history.
    """
    if not statuses:
        return
    is_told = documents.c.state == DocumentState.TRANSFERRED
    query = sa.select(documents).where(with_finance_ids(finance_conn, statuses), is_told).order_by(documents.c.id)
    records = {record["id"]: record for record in connection.execute(query).mappings()}
    known = _known(connection, records)
    said: list[tuple[str, sa.RowMapping | None, sa.RowMapping]] = []
    for document_id, record in records.items():
        document = booked(DocumentRow.from_record(record))
        if document is None:
            continue
        found = compare(document, statuses[document.booking.finance_id])
        texts = _note_one(connection, document, found, known.get(document_id, {}))
        said += [(text, record, record) for text in texts]
    write_changes(connection, actor, said)


def _known(connection: sa.Connection, ids: Iterable[int]) -> dict[int, dict[str, sa.RowMapping]]:
    query = sa.select(finance_changes).where(
        finance_changes.c.document_id == sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger)))
    )
    found: dict[int, dict[str, sa.RowMapping]] = {}
    for record in connection.execute(query).mappings():
        found.setdefault(record["document_id"], {})[record["field"]] = record
    return found


def _note_one(
    connection: sa.Connection,
    document: BookedDocument,
    found: Mapping[str, tuple[str, str]],
    known: Mapping[str, sa.RowMapping],
) -> list[str]:
    """Write what is news of one document; returns what the history is to say."""
    texts = []
    for field, (sent, held) in found.items():
        before = known.get(field)
        is_same = before is not None and (before["finance_id"], before["held"]) == (document.booking.finance_id, held)
        # A person has agreed to this value, or it is open still.
        if is_same and before is not None and before["ended_as"] in (None, AGREED):
            continue
        values = {"finance_id": document.booking.finance_id, "sent": sent, "held": held, "seen_at": NOW}
        not_ended = {"ended_at": None, "ended_as": None, "ended_by": None, "ended_reason": None}
        statement = insert(finance_changes).values(document_id=document.row.id, field=field, **values, **not_ended)
        keys = ["document_id", "field"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={**values, **not_ended}))
        texts.append(f"changed in finance: {field.lower()} is {held}, sent was {sent}")
    again = [field for field, before in known.items() if before["ended_as"] is None and field not in found]
    if again:
        end(connection, document.row.id, MENDED, fields=again)
        texts.append(f"finance agrees again: {', '.join(field.lower() for field in sorted(again))}")
    return texts


def end(
    connection: sa.Connection,
    document_id: int,
    how: str,
    *,
    by: str | None = None,
    reason: str | None = None,
    fields: Collection[str] | None = None,
) -> None:
    """End the open changes of a document.

    :param how: `MENDED` or `AGREED`.
    :param by: the person who says so; `None` where finance shows it.
    :param fields: only these; all that are open by default.
    """
    conditions = [finance_changes.c.document_id == document_id, finance_changes.c.ended_at.is_(None)]
    if fields is not None:
        conditions.append(finance_changes.c.field.in_(sorted(fields)))
    ended = {"ended_at": NOW, "ended_as": how, "ended_by": by, "ended_reason": reason}
    connection.execute(sa.update(finance_changes).where(*conditions).values(ended))


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
