"""How bookings stand in finance by the last poll, and what their sources were told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import NOW, documents, payment_statuses
from invoice_bridge_core.ledger.documents.history import write_changes
from invoice_bridge_core.ledger.documents.row import DocumentRow, booked
from invoice_bridge_core.ports.booking_status import BookingStatus

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

    from invoice_bridge_core.documents import DocumentKind, DocumentRef
    from invoice_bridge_core.ledger.documents.row import BookedDocument
    from invoice_bridge_core.ports import Booking

_OF_BOOKING = ("number", "status", "due_date", "total", "tax_reduction", "is_draft")
_OF_STATUS = ("paid", "credited", "is_paid_in_full", "paid_in_full_on", "is_gone")
_COLUMNS = (*_OF_BOOKING, *_OF_STATUS)
_KEPT = ("payment_number", "seen_at", "telling_on", "told_on", "told_at", "reason", "reason_at", "announced")
_PREFIX = "payment_status_"
"""Before the names of this table's columns, where they are read beside those of `documents`."""


@dataclass(frozen=True)
class PaymentStatusRow:
    """A booked document, and how its booking stood when finance was asked last.

    :param document: its booking is what the ledger acted upon; `booking_status` may know better by now.
    :param booking_status: `None` while finance has said nothing about it.
    :param payment_number: what finance knows the payment by, where the source wants that.
    :param telling_on: the day of payment that was sent to the source, while it is not known whether it arrived.
    :param told_on: the day of payment that the source was told; `None` until then.
    :param reason: why the source could not be told.
    :param announced: what people were told of it last, so that it is said once.
    """

    document: BookedDocument
    booking_status: BookingStatus | None = None
    payment_number: str | None = None
    seen_at: dt.datetime | None = None
    telling_on: dt.date | None = None
    told_on: dt.date | None = None
    told_at: dt.datetime | None = None
    reason: str | None = None
    reason_at: dt.datetime | None = None
    announced: str | None = None

    @property
    def row(self) -> DocumentRow:
        """The document, as the ledger shows it."""
        return self.document.row

    @property
    def booking(self) -> Booking:
        """The booking that the ledger acted upon."""
        return self.document.booking

    @property
    def paid_in_full_on(self) -> dt.date | None:
        """The day on which the booking was paid in full, as finance says it; `None` when it does not."""
        return self.booking_status.paid_in_full_on if self.booking_status else None


@dataclass(frozen=True)
class DatedDocument:
    """A document of some days, booked or not.

    :param payment: `None` while the document is not booked.
    """

    row: DocumentRow
    payment: PaymentStatusRow | None = None


def find(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None
) -> list[PaymentStatusRow]:
    """The booked documents that meet the conditions, oldest first; this many at most."""
    found = _select(connection, documents.c.finance_id.is_not(None), *conditions, limit=limit)
    return [one.payment for one in found if one.payment is not None]


def dated(connection: sa.Connection, system: str, conn_id: str, since: dt.date, until: dt.date) -> list[DatedDocument]:
    """The documents of one source dated from `since` up to and without `until`, booked or not, oldest first."""
    return _select(
        connection,
        documents.c.source_system == system,
        documents.c.source_conn == conn_id,
        documents.c.document_date >= since,
        documents.c.document_date < until,
    )


def _select(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None
) -> list[DatedDocument]:
    columns = [column.label(f"{_PREFIX}{column.name}") for column in payment_statuses.c]
    query = (
        sa.select(documents, *columns)
        .select_from(documents.outerjoin(payment_statuses))
        .where(*conditions)
        .order_by(documents.c.document_date, documents.c.id)
        .limit(limit)
    )
    return [_document(record) for record in connection.execute(query).mappings()]


def _document(record: sa.RowMapping) -> DatedDocument:
    row = DocumentRow.from_record(record)
    document = booked(row)
    return DatedDocument(row, None if document is None else _payment(document, record))


def _payment(document: BookedDocument, record: sa.RowMapping) -> PaymentStatusRow:
    if record[f"{_PREFIX}document_id"] is None:
        return PaymentStatusRow(document)
    known = {name: record[f"{_PREFIX}{name}"] for name in (*_COLUMNS, *_KEPT)}
    booking_status = BookingStatus(
        booking=document.booking.model_copy(update={name: known[name] for name in _OF_BOOKING}),
        **{name: known[name] for name in _OF_STATUS},
    )
    return PaymentStatusRow(document, booking_status, **{name: known[name] for name in _KEPT})


def of_source(system: str, conn_id: str, finance_conn: str) -> sa.ColumnElement[bool]:
    """The documents of one source that were booked through one finance connection."""
    return sa.and_(
        documents.c.source_system == system,
        documents.c.source_conn == conn_id,
        documents.c.finance_conn == finance_conn,
    )


def is_document(ref: DocumentRef) -> sa.ColumnElement[bool]:
    """The one document of this reference."""
    return sa.and_(
        documents.c.source_system == ref.system,
        documents.c.source_conn == ref.conn_id,
        documents.c.source_id == ref.source_id,
    )


def with_finance_ids(finance_conn: str, finance_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """The documents that were booked under these ids."""
    wanted = sa.any_(sa.literal(list(finance_ids), ARRAY(sa.Text)))
    return sa.and_(documents.c.finance_conn == finance_conn, documents.c.finance_id == wanted)


def with_numbers(finance_conn: str, numbers: Collection[str]) -> sa.ColumnElement[bool]:
    """The documents that were booked under these numbers."""
    wanted = sa.any_(sa.literal(list(numbers), ARRAY(sa.Text)))
    return sa.and_(documents.c.finance_conn == finance_conn, documents.c.finance_number == wanted)


def with_ids(document_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The documents with these ids of the ledger's own."""
    return documents.c.id == sa.any_(sa.literal(list(document_ids), ARRAY(sa.BigInteger)))


def in_play(kinds_left: Collection[DocumentKind], told_since: dt.datetime | None) -> sa.ColumnElement[bool]:
    """All that is not over: what was never told, what was told since a moment, and what changed after it was told.

    What was paid too much is among it, whether people know it or not.

    :param kinds_left: kinds whose payment is never told; a document of these stays in play only while its source has to
        be told something else.
    """
    is_overpaid = (
        payment_statuses.c.paid + payment_statuses.c.credited
        > payment_statuses.c.total - payment_statuses.c.tax_reduction
    )
    conditions = [payment_statuses.c.told_on.is_(None), sa.not_(payment_statuses.c.is_paid_in_full), is_overpaid]
    if told_since is not None:
        conditions.append(payment_statuses.c.told_at >= told_since)
    left = sa.func.coalesce(documents.c.kind.in_([kind.value for kind in kinds_left]), sa.false())
    has_more_to_be_told = documents.c.finance_is_draft | (documents.c.state == DocumentState.BOOKED)
    return sa.and_(sa.or_(*conditions), sa.not_(left) | has_more_to_be_told)


def gone() -> sa.ColumnElement[bool]:
    """Reported documents whose booking was voided or deleted since, and whose payment the source was never told of."""
    return sa.and_(
        documents.c.state == DocumentState.TRANSFERRED,
        payment_statuses.c.is_gone,
        payment_statuses.c.told_on.is_(None),
    )


def renumbered() -> sa.ColumnElement[bool]:
    """Reported documents that finance has under another number than the ledger, by what finance said last."""
    return sa.and_(
        documents.c.state == DocumentState.TRANSFERRED,
        payment_statuses.c.number != documents.c.finance_number,
        sa.not_(payment_statuses.c.is_gone),
        sa.not_(payment_statuses.c.is_draft),
    )


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
    values, changes = [], []
    for before in sorted(known, key=lambda one: one.row.id):
        finance_id = before.booking.finance_id
        values.append(_values(before, booking_statuses[finance_id], payment_numbers.get(finance_id)))
        note = _note(before.booking_status, booking_statuses[finance_id], before.row.currency)
        if note is not None:
            changes.append((before.row.id, note))
    if values:
        connection.execute(_upsert(), values)
    _write_notes(connection, changes, actor)


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
    return {name: getattr(booking_status.booking, name) for name in _OF_BOOKING} | {
        name: getattr(booking_status, name) for name in _OF_STATUS
    }


def _upsert() -> sa.sql.dml.Insert:
    statement = insert(payment_statuses).values(seen_at=NOW)
    news = statement.excluded
    updated = {name: news[name] for name in (*_COLUMNS, "payment_number", "seen_at", "reason")}
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
    wanted = [document_id for document_id, _ in notes]
    query = sa.select(documents).where(documents.c.id.in_(wanted))
    records = {record["id"]: record for record in connection.execute(query).mappings()}
    write_changes(connection, actor, [(note, records[key], records[key]) for key, note in notes])
