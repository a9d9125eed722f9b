"""What one look at a finance system's payments found, kept in one transaction with how far it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.ledger.database.tables import NOW, cursors
from invoice_bridge_core.ledger.payments import payment_status, received

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.payments.payment_status import SettlementRow
    from invoice_bridge_core.ports.booking_status import PaymentNews, ReceivedPayment, Standing


@dataclass(frozen=True)
class Cursor:
    """How far a route has looked.

    :param cursor: in the finance system's own writing; `None` before it told anything.
    :param asked_at: when every open booking was asked for by its id last.
    """

    cursor: str | None
    looked_at: dt.datetime
    asked_at: dt.datetime | None


@dataclass(frozen=True)
class Look:
    """What one look found.

    :param name: whose cursor moves.
    :param asked: bookings that were asked for by id, besides the news.
    :param asked_all: whether that were all that are open.
    :param adds_up: whether the bookings' standings follow from the payments that the ledger keeps.
    """

    name: str
    finance_conn: str
    news: PaymentNews
    asked: Mapping[str, Standing]
    payment_numbers: Mapping[str, str]
    asked_all: bool
    adds_up: bool


@dataclass(frozen=True)
class Kept:
    """What came of the payments of a look.

    :param ours: the payments that the ledger has now, with their documents.
    :param odd: payments of our documents in another currency than theirs, which are left in finance.
    """

    ours: tuple[tuple[DocumentRef, ReceivedPayment], ...] = ()
    odd: tuple[ReceivedPayment, ...] = ()


def cursor_named(connection: sa.Connection, name: str) -> Cursor | None:
    """How far the look of this name has come."""
    record = connection.execute(sa.select(cursors).where(cursors.c.name == name)).mappings().one_or_none()
    return Cursor(record["cursor"], record["looked_at"], record["asked_at"]) if record else None


def keep(connection: sa.Connection, look: Look) -> Kept:
    """Keep everything, then move the cursor: all of it, or nothing."""
    standings = {one.booking.finance_id: one for one in look.news.standings} | dict(look.asked)
    known = payment_status.find(connection, payment_status.with_finance_ids(look.finance_conn, standings))
    if look.adds_up:
        kept = _add_up(connection, look, known)
    else:
        payment_status.note_standings(connection, known, standings, look.payment_numbers, look.name)
        kept = Kept()
    _move(connection, look)
    return kept


def _add_up(connection: sa.Connection, look: Look, asked: Iterable[SettlementRow]) -> Kept:
    """Keep the payments; what was asked for says what the bookings are, and the payments what is paid of them."""
    numbers = {payment.number for payment in look.news.payments}
    owners = {
        entry.row.booking.number: entry
        for entry in payment_status.find(connection, payment_status.with_numbers(look.finance_conn, numbers))
        if entry.row.booking is not None
    }
    ours = [(owners[payment.number], payment) for payment in look.news.payments if payment.number in owners]
    odd = [payment for owner, payment in ours if not _fits(owner, payment)]
    fitting = [(owner, payment) for owner, payment in ours if _fits(owner, payment)]
    received.keep(connection, look.finance_conn, [(owner.row.id, payment) for owner, payment in fitting])
    touched = {owner.row.id for owner, _ in fitting} | received.credited_documents(connection, look.finance_conn)
    known = payment_status.find(connection, payment_status.with_ids(touched | {entry.row.id for entry in asked}))
    amounts = received.amounts_of(connection, look.finance_conn, known)
    standings = received.standings_of(known, amounts, look.asked)
    payment_status.note_standings(connection, known, standings, received.numbers_of(known, amounts), look.name)
    return Kept(tuple((owner.row.ref, payment) for owner, payment in fitting), tuple(odd))


def _fits(owner: SettlementRow, payment: ReceivedPayment) -> bool:
    booking = owner.row.booking
    return payment.currency is None or (booking is not None and payment.currency == booking.currency)


def _move(connection: sa.Connection, look: Look) -> None:
    statement = insert(cursors).values(
        name=look.name, cursor=look.news.cursor, looked_at=NOW, asked_at=NOW if look.asked_all else None
    )
    moved = {
        "cursor": sa.func.coalesce(statement.excluded.cursor, cursors.c.cursor),
        "looked_at": statement.excluded.looked_at,
        "asked_at": sa.func.coalesce(statement.excluded.asked_at, cursors.c.asked_at),
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=moved))
