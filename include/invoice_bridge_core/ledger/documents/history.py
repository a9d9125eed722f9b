"""The history: every change of a document's row, kept in the transaction that made it.

Leases are not kept, because they say nothing about the document. The one exception is a lease that was taken over from
a dead attempt.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.many_rows import as_rows, portions
from invoice_bridge_core.ledger.database.tables import documents, history

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_NOT_TOLD = frozenset(
    {
        "id",
        "lease_owner",
        "lease_token",
        "lease_until",
        "state",
        "facts_read_at",
        "created_at",
        "updated_at",
        "state_since",
        "search_text",
        "batch_id",
    }
)


# Nobody asks for the numbers of its lines.
_KEEPING = sa.insert(history).inline()

READ_NOTE = "read from its source"
MOST_TOLD = 20
"""Of what was read otherwise than it is written; a document of a thousand lines would fill its history."""


@dataclass(frozen=True)
class Change:
    """One change of a document's row.

    :param actor: the task, or the part of the package, that made it.
    :param from_state: `None` when the row was made by this change.
    :param changes: column → its value before and after, as texts; empty when the row was made by this change.
    """

    at: dt.datetime
    actor: str
    from_state: DocumentState | None
    to_state: DocumentState
    note: str
    changes: Mapping[str, Sequence[str | None]]


def write_change(
    connection: sa.Connection,
    actor: str,
    note: str,
    *,
    before: sa.RowMapping | None,
    after: sa.RowMapping,
) -> None:
    """Keep what became of one row.

    :param before: the row until now, or `None` when it is new.
    """
    write_changes(connection, actor, [(note, before, after)])


def write_changes(
    connection: sa.Connection,
    actor: str,
    changed: Sequence[tuple[str, sa.RowMapping | None, sa.RowMapping]],
) -> None:
    """Keep what became of many rows: for each a note, the row until now, and the row now."""
    if not changed:
        return
    lines = [
        {
            "document_id": after["id"],
            "actor": actor,
            "from_state": before["state"] if before else None,
            "to_state": after["state"],
            "note": note,
            # What a new row says stands in the row itself, or in the line that changed it.
            "changes": differences(before, after) if before else {},
        }
        for note, before, after in changed
    ]
    if len(lines) == 1:
        connection.execute(_KEEPING, lines)
        return
    for portion in portions([{**line, "changes": json.dumps(line["changes"])} for line in lines]):
        connection.execute(sa.insert(history).from_select(list(portion[0]), as_rows(history, portion)))


def note_held(connection: sa.Connection, document_ids: Collection[int], actor: str, note: str) -> None:
    """Keep a note on held documents that changes none of them; those that are held no longer get none."""
    of_held = sa.select(
        documents.c.id, sa.literal(actor), documents.c.state, documents.c.state, sa.literal(note), sa.literal({}, JSONB)
    ).where(documents.c.id.in_(document_ids), documents.c.state == DocumentState.HELD)
    columns = ["document_id", "actor", "from_state", "to_state", "note", "changes"]
    connection.execute(sa.insert(history).from_select(columns, of_held))


def differences(before: sa.RowMapping | None, after: sa.RowMapping) -> dict[str, list[str | None]]:
    """What is not the same in the two, as texts: column → value before and after."""
    pairs = {
        name: [_text(before[name] if before else None), _text(value)]
        for name, value in after.items()
        if name not in _NOT_TOLD
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def read_note(read_as: Sequence[str]) -> str:
    """The note of a document that was read, with what was read otherwise than it is written."""
    if not read_as:
        return READ_NOTE
    more = len(read_as) - MOST_TOLD
    return f"{READ_NOTE}: {'; '.join(read_as[:MOST_TOLD])}{f'; and {more} more' if more > 0 else ''}"


def last_note(connection: sa.Connection, document_id: int, *, start: str) -> str | None:
    """The newest note of a document that begins in this way and says more."""
    return connection.execute(
        sa.select(history.c.note)
        .where(history.c.document_id == document_id, history.c.note.startswith(f"{start}: ", autoescape=True))
        .order_by(history.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def changes_of(connection: sa.Connection, document_id: int) -> list[Change]:
    """The whole history of one document, oldest first."""
    found = connection.execute(
        sa.select(history).where(history.c.document_id == document_id).order_by(history.c.id)
    ).mappings()
    return [
        Change(
            at=record["at"],
            actor=record["actor"],
            from_state=DocumentState(record["from_state"]) if record["from_state"] else None,
            to_state=DocumentState(record["to_state"]),
            note=record["note"],
            changes=record["changes"],
        )
        for record in found
    ]


def _text(value: object) -> str | None:
    if value is None or value == [] or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value)
