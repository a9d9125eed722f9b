"""Keeping how bookings stand in finance, and what their sources were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.ledger.database.change_tables import finance_changes
from invoice_bridge_core.ledger.database.many_rows import as_rows, portions
from invoice_bridge_core.ledger.database.tables import NOW, documents, payment_statuses
from invoice_bridge_core.ledger.documents.history import write_changes
from invoice_bridge_core.ledger.payments.payment_rows import BOOKING_COLUMNS, STATUS_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import BookingStatus


def upsert_booking_statuses(
    connection: sa.Connection,
    known: Iterable[PaymentStatusRow],
    booking_statuses: Mapping[str, BookingStatus],
    payment_numbers: Mapping[str, str],
    actor: str,
) -> None:
    """Keep what finance told of bookings, by finance id; a change that people care for goes into the history.

    :param known: the documents as they were before.
    """
    values, changes, gone = [], [], []
    for before in sorted(known, key=lambda one: one.row.id):
        finance_id = before.booking.finance_id
        values.append(_values(before, booking_statuses[finance_id], payment_numbers.get(finance_id)))
        note = _note(before.booking_status, booking_statuses[finance_id], before.row.currency)
        if note is not None:
            changes.append((before.row.id, note))
            gone += [before.row.id] if booking_statuses[finance_id].is_gone else []
    told = _told_as_changed(connection, gone)
    for portion in portions(values):
        connection.execute(_upsert(portion))
    _write_notes(connection, [(key, note) for key, note in changes if key not in told], actor)


def _told_as_changed(connection: sa.Connection, document_ids: Sequence[int]) -> frozenset[int]:
    """Of which the history says already, as a change in finance, that they were voided or deleted."""
    if not document_ids:
        return frozenset()
    is_one = finance_changes.c.document_id == sa.any_(sa.literal(list(document_ids), ARRAY(sa.BigInteger)))
    is_open = finance_changes.c.ended_at.is_(None) & (finance_changes.c.field == "Status")
    return frozenset(connection.scalars(sa.select(finance_changes.c.document_id).where(is_one, is_open)))


def change(connection: sa.Connection, document_id: int, values: Mapping[str, Any]) -> None:
    """Change what is kept of one document's payment; under its lease."""
    connection.execute(
        sa.update(payment_statuses).where(payment_statuses.c.document_id == document_id).values(**values)
    )


def announce(connection: sa.Connection, texts: Mapping[int, str | None]) -> None:
    """Note what people were told of these documents, by the row's id; `None` where there is nothing more to tell."""
    if not texts:
        return
    ids = sa.literal(list(texts), ARRAY(sa.BigInteger))
    said = (
        sa.func.unnest(ids, sa.literal(list(texts.values()), ARRAY(sa.Text)))
        .table_valued("document_id", "text")
        .render_derived()
    )
    connection.execute(
        sa.update(payment_statuses)
        .where(payment_statuses.c.document_id == said.c.document_id)
        .values(announced=said.c.text)
    )


def _values(before: PaymentStatusRow, now: BookingStatus, payment_number: str | None) -> dict[str, Any]:
    # A payment that was taken back is not what the invoice will be known to be paid by.
    number = payment_number or (before.payment_number if now.is_paid_in_full else None)
    is_news = (
        before.booking_status is None
        or _columns(now) != _columns(before.booking_status)
        or number != before.payment_number
    )
    return {
        "document_id": before.row.id,
        **_columns(now),
        "payment_number": number,
        # What the source did not take may be taken once finance says something else.
        "reason": None if is_news else before.reason,
    }


def _columns(booking_status: BookingStatus) -> dict[str, Any]:
    return {name: getattr(booking_status.booking, name) for name in BOOKING_COLUMNS} | {
        name: getattr(booking_status, name) for name in STATUS_COLUMNS
    }


def _upsert(values: Sequence[Mapping[str, Any]]) -> sa.sql.dml.Insert:
    rows = as_rows(payment_statuses, values).add_columns(NOW.label("seen_at"))
    statement = insert(payment_statuses).from_select([*values[0], "seen_at"], rows)
    news = statement.excluded
    updated = {name: news[name] for name in (*values[0], "seen_at") if name != "document_id"}
    return statement.on_conflict_do_update(index_elements=["document_id"], set_=updated)


def _note(before: BookingStatus | None, now: BookingStatus, currency: str | None) -> str | None:
    """What a person wants to read of a change; nothing where a booking is merely seen for the first time."""
    text = _status_text(now, currency)
    if before is None:
        is_plain = not (now.is_gone or now.is_paid_in_full or now.paid or now.credited)
        return None if is_plain else f"finance says: {text}"
    return None if _status_text(before, currency) == text else f"finance says: {text}"


def _status_text(booking_status: BookingStatus, currency: str | None) -> str:
    if booking_status.is_gone:
        return booking_status.booking.status.lower() or "gone"
    amounts = [
        f"{format_amount(amount)} {currency} {word}"
        for amount, word in ((booking_status.paid, "paid"), (booking_status.credited, "credited"))
        if amount
    ]
    if booking_status.is_paid_in_full:
        amounts.append(f"paid in full on {booking_status.paid_in_full_on}")
    draft = "draft" if booking_status.booking.is_draft else "open"
    return f"{booking_status.booking.number}: {', '.join(amounts) or draft}"


def _write_notes(connection: sa.Connection, notes: list[tuple[int, str]], actor: str) -> None:
    if not notes:
        return
    wanted = sa.any_(sa.literal([document_id for document_id, _ in notes], ARRAY(sa.BigInteger)))
    query = sa.select(documents.c.id, documents.c.state).where(documents.c.id == wanted)
    records = {record["id"]: record for record in connection.execute(query).mappings()}
    write_changes(connection, actor, [(note, records[key], records[key]) for key, note in notes])
