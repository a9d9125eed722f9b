"""How bookings stand in finance by the last poll, and what their sources were told of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import documents, payment_statuses
from invoice_bridge_core.ledger.documents.row import DocumentRow, booked
from invoice_bridge_core.ports.booking_status import BookingStatus

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from invoice_bridge_core.ledger.documents.row import BookedDocument
    from invoice_bridge_core.ports import Booking

BOOKING_COLUMNS = ("number", "status", "due_date", "total", "tax_reduction", "is_draft")
STATUS_COLUMNS = ("paid", "credited", "is_paid_in_full", "paid_in_full_on", "is_gone")
_COLUMNS = (*BOOKING_COLUMNS, *STATUS_COLUMNS)
_KEPT = ("payment_number", "seen_at", "telling_on", "told_on", "told_at", "reason", "reason_at", "announced")
_AT_ONCE = 500
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


def find(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[PaymentStatusRow]:
    """The booked documents that meet the conditions, oldest first."""
    found = _select(connection, documents.c.finance_id.is_not(None), *conditions)
    return [one.payment for one in found if one.payment is not None]


def first(
    connection: sa.Connection,
    *conditions: sa.ColumnElement[bool],
    limit: int,
    is_wanted: Callable[[PaymentStatusRow], bool],
) -> list[PaymentStatusRow]:
    """The oldest booked documents that meet the conditions and are wanted, this many at most; read as they come."""
    query = _oldest_first(_with_statuses(), documents.c.finance_id.is_not(None), *conditions)
    with connection.execute(query, execution_options={"yield_per": _AT_ONCE}) as records:
        found = (_document(record).payment for record in records.mappings())
        return list(islice((one for one in found if one is not None and is_wanted(one)), limit))


def ids_of(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[int]:
    """The ledger's ids of what `find` finds, in the same order."""
    query = _oldest_first(sa.select(documents.c.id), documents.c.finance_id.is_not(None), *conditions)
    return list(connection.scalars(query))


def dated(connection: sa.Connection, system: str, conn_id: str, since: dt.date, until: dt.date) -> list[DatedDocument]:
    """The documents of one source dated from `since` up to and without `until`, booked or not, oldest first."""
    return _select(
        connection,
        documents.c.source_system == system,
        documents.c.source_conn == conn_id,
        documents.c.document_date >= since,
        documents.c.document_date < until,
    )


def _select(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[DatedDocument]:
    query = _oldest_first(_with_statuses(), *conditions)
    return [_document(record) for record in connection.execute(query).mappings()]


def _with_statuses() -> sa.Select[Any]:
    return sa.select(documents, *(column.label(f"{_PREFIX}{column.name}") for column in payment_statuses.c))


def _oldest_first(chosen: sa.Select[Any], *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    rows = chosen.select_from(documents.outerjoin(payment_statuses)).where(*conditions)
    return rows.order_by(documents.c.document_date, documents.c.id)


def _document(record: sa.RowMapping) -> DatedDocument:
    row = DocumentRow.from_record(record)
    document = booked(row)
    return DatedDocument(row, None if document is None else _payment(document, record))


def _payment(document: BookedDocument, record: sa.RowMapping) -> PaymentStatusRow:
    if record[f"{_PREFIX}document_id"] is None:
        return PaymentStatusRow(document)
    known = {name: record[f"{_PREFIX}{name}"] for name in (*_COLUMNS, *_KEPT)}
    booking_status = BookingStatus(
        booking=document.booking.model_copy(update={name: known[name] for name in BOOKING_COLUMNS}),
        **{name: known[name] for name in STATUS_COLUMNS},
    )
    return PaymentStatusRow(document, booking_status, **{name: known[name] for name in _KEPT})
