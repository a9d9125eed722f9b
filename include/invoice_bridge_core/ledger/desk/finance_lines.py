"""The lines that a booking had when it was seen first, and what they were changed to since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.change_tables import finance_lines
from invoice_bridge_core.ledger.database.many_rows import as_rows, portions
from invoice_bridge_core.ledger.desk.line_changes import HeldLine, comparable, differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.ledger.documents.row import BookedDocument
    from invoice_bridge_core.ports.booking_status import BookingStatus


def tells_lines(status: BookingStatus) -> bool:
    """Whether the lines of a real booking are told. A draft's may still change; of what is gone none count."""
    return bool(status.lines) and not status.is_gone and not status.booking.is_draft


def note_lines(
    connection: sa.Connection, seen: Iterable[tuple[BookedDocument, BookingStatus]]
) -> dict[int, tuple[str, str]]:
    """Keep the lines of bookings that are seen for the first time, and what became of the others'.

    A document that was booked anew is seen for the first time again.

    :return: by document id, the lines that differ: as they were, and as they are.
    """
    told = {document.row.id: (document, status) for document, status in seen if tells_lines(status)}
    known = _known(connection, told)
    found: dict[int, tuple[str, str]] = {}
    values = []
    for document_id, (document, status) in sorted(told.items()):
        now, before = comparable(status.lines or ()), known.get(document_id)
        if before is None or before["finance_id"] != document.booking.finance_id:
            values.append(_values(document, now, None))
        elif document.row.state is DocumentState.TRANSFERRED:
            lines = [HeldLine(*line) for line in before["lines"]]
            if (texts := differing(lines, now)) is not None:
                found[document_id] = texts
            changed = None if texts is None else [list(line) for line in now]
            if changed != before["changed_lines"]:
                values.append(_values(document, lines, now if changed else None))
    for portion in portions(values):
        connection.execute(_upsert(portion))
    return found


def agree(connection: sa.Connection, document_id: int) -> None:
    """Take what the lines were changed to for right: what is changed after that is news."""
    is_changed = finance_lines.c.changed_lines.is_not(None)
    connection.execute(
        sa.update(finance_lines)
        .where(finance_lines.c.document_id == document_id, is_changed)
        .values(lines=finance_lines.c.changed_lines, changed_lines=None)
    )


def _known(connection: sa.Connection, document_ids: Iterable[int]) -> Mapping[int, sa.RowMapping]:
    wanted = list(document_ids)
    if not wanted:
        return {}
    is_one = finance_lines.c.document_id == sa.any_(sa.literal(wanted, ARRAY(sa.BigInteger)))
    query = sa.select(finance_lines).where(is_one)
    return {record["document_id"]: record for record in connection.execute(query).mappings()}


def _values(document: BookedDocument, lines: list[HeldLine], changed: list[HeldLine] | None) -> dict[str, Any]:
    return {
        "document_id": document.row.id,
        "finance_id": document.booking.finance_id,
        "lines": json.dumps(lines, ensure_ascii=False),
        "changed_lines": None if changed is None else json.dumps(changed, ensure_ascii=False),
    }


def _upsert(values: Any) -> sa.sql.dml.Insert:
    statement = insert(finance_lines).from_select(list(values[0]), as_rows(finance_lines, values))
    updated = {name: statement.excluded[name] for name in values[0] if name != "document_id"}
    return statement.on_conflict_do_update(index_elements=["document_id"], set_=updated)
