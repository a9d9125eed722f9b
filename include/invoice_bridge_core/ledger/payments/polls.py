"""What one poll of a finance system's payments found, kept in one transaction with how far it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.ledger.database.many_rows import portions
from invoice_bridge_core.ledger.database.tables import NOW, cursors
from invoice_bridge_core.ledger.payments import conditions, payment_rows, received, writes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges, ReceivedPayment


@dataclass(frozen=True)
class Cursor:
    """How far a route has polled.

    :param cursor: in the finance system's own writing; `None` before it told anything.
    :param asked_at: when every open booking was asked for by its id last.
    """

    cursor: str | None
    polled_at: dt.datetime
    asked_at: dt.datetime | None


@dataclass(frozen=True)
class Poll:
    """What one poll found.

    :param name: whose cursor moves.
    :param asked: bookings that were asked for by id, besides the changes.
    :param asked_all: whether these were all that are open.
    :param adds_up: whether the ledger adds up single payments to know what is paid; otherwise finance says it.
    """

    name: str
    finance_conn: str
    changes: PaymentChanges
    asked: Mapping[str, BookingStatus]
    payment_numbers: Mapping[str, str]
    asked_all: bool
    adds_up: bool


@dataclass(frozen=True)
class PollResult:
    """What came of the payments of a poll.

    :param ours: the payments that the ledger has now, with their documents.
    :param odd: payments of our documents in another currency than theirs, which are left in finance.
    """

    ours: tuple[tuple[DocumentRef, ReceivedPayment], ...] = ()
    odd: tuple[ReceivedPayment, ...] = ()


def cursor_named(connection: sa.Connection, name: str) -> Cursor | None:
    """How far the poll of this name has come."""
    record = connection.execute(sa.select(cursors).where(cursors.c.name == name)).mappings().one_or_none()
    return Cursor(record["cursor"], record["polled_at"], record["asked_at"]) if record else None


def keep(connection: sa.Connection, poll: Poll) -> PollResult:
    """Keep everything, then move the cursor: all of it, or nothing."""
    booking_statuses = {one.booking.finance_id: one for one in poll.changes.booking_statuses} | dict(poll.asked)
    if poll.adds_up:
        known = payment_rows.find(connection, conditions.with_finance_ids(poll.finance_conn, booking_statuses))
        result = _add_up(connection, poll, known)
    else:
        # A first poll tells of all that is open: no more of it is held in memory than one statement takes.
        for ids in portions(list(booking_statuses)):
            known = payment_rows.find(connection, conditions.with_finance_ids(poll.finance_conn, ids))
            writes.upsert_booking_statuses(connection, known, booking_statuses, poll.payment_numbers, poll.name)
        result = PollResult()
    move_cursor(connection, poll.name, poll.changes.cursor, asked_all=poll.asked_all)
    return result


def _add_up(connection: sa.Connection, poll: Poll, asked: Iterable[PaymentStatusRow]) -> PollResult:
    """Keep the payments; what was asked for says what the bookings are, and the payments what is paid of them."""
    numbers = {payment.number for payment in poll.changes.payments}
    owners = {
        entry.booking.number: entry
        for entry in payment_rows.find(connection, conditions.with_numbers(poll.finance_conn, numbers))
    }
    ours = [(owners[payment.number], payment) for payment in poll.changes.payments if payment.number in owners]
    odd = [payment for owner, payment in ours if not _fits(owner, payment)]
    fitting = [(owner, payment) for owner, payment in ours if _fits(owner, payment)]
    received.keep(connection, poll.finance_conn, [(owner.row.id, payment) for owner, payment in fitting])
    touched = {owner.row.id for owner, _ in fitting} | received.credited_documents(connection, poll.finance_conn)
    known = payment_rows.find(connection, conditions.with_ids(touched | {entry.row.id for entry in asked}))
    amounts = received.amounts_of(connection, poll.finance_conn, known)
    booking_statuses = received.statuses_of(known, amounts, poll.asked)
    writes.upsert_booking_statuses(connection, known, booking_statuses, received.numbers_of(known, amounts), poll.name)
    return PollResult(tuple((owner.row.ref, payment) for owner, payment in fitting), tuple(odd))


def _fits(owner: PaymentStatusRow, payment: ReceivedPayment) -> bool:
    return payment.currency in (None, owner.booking.currency)


def move_cursor(connection: sa.Connection, name: str, cursor: str | None, *, asked_all: bool) -> None:
    """Note how far the poll of this name has come.

    :param cursor: `None` keeps the last one.
    :param asked_all: whether it asked for all that are open.
    """
    statement = insert(cursors).values(name=name, cursor=cursor, polled_at=NOW, asked_at=NOW if asked_all else None)
    moved = {
        "cursor": sa.func.coalesce(statement.excluded.cursor, cursors.c.cursor),
        "polled_at": statement.excluded.polled_at,
        "asked_at": sa.func.coalesce(statement.excluded.asked_at, cursors.c.asked_at),
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=moved))
