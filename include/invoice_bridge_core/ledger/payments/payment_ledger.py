"""The ledger's part for payments: how bookings stand, what their sources were told, and how far polls have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.database.many_rows import portions
from invoice_bridge_core.ledger.payments import conditions, payment_rows, polls, writes
from invoice_bridge_core.ledger.payments.conditions import InPlay

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping

    from invoice_bridge_core.documents import DocumentKind, DocumentRef
    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.payments.payment_rows import DatedDocument, PaymentStatusRow
    from invoice_bridge_core.ledger.payments.polls import Cursor, Poll, PollResult
    from invoice_bridge_core.ports.booking_status import BookingStatus


class PaymentLedger:
    """The payments of one ledger. All methods raise `LedgerError` when the database cannot be used.

    What is told to a source is written under the document's lease: see `PaymentClaim`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def status(self, ref: DocumentRef) -> PaymentStatusRow | None:
        """One document and how its booking stood by the last poll; `None` when it is not booked."""
        with self._database.transaction() as connection:
            return next(iter(payment_rows.find(connection, conditions.is_document(ref))), None)

    def unfinished(
        self,
        system: str,
        conn_id: str,
        finance_conn: str,
        *,
        kinds_left: Collection[DocumentKind] = (),
        told_since: dt.datetime | None = None,
        wanted: InPlay = InPlay.ALL,
    ) -> list[PaymentStatusRow]:
        """The booked documents of a source whose payment is not over, oldest first.

        :param kinds_left: kinds whose payment is never told.
        :param told_since: with those that were told since this moment.
        :param wanted: only this part of them.
        """
        chosen = conditions.in_play(system, conn_id, finance_conn, kinds_left, told_since, wanted)
        with self._database.transaction() as connection:
            return payment_rows.find(connection, chosen)

    def each_unfinished(
        self, system: str, conn_id: str, finance_conn: str, *, kinds_left: Collection[DocumentKind] = ()
    ) -> Iterator[PaymentStatusRow]:
        """All of them, read a portion at a time by whoever needs none of them for longer; oldest first."""
        chosen = conditions.in_play(system, conn_id, finance_conn, kinds_left)
        with self._database.transaction() as connection:
            ids = payment_rows.ids_of(connection, chosen)
        for some in portions(ids):
            with self._database.transaction() as connection:
                found = payment_rows.find(connection, conditions.with_ids(some))
            yield from found

    def renumbered(self, system: str, conn_id: str, finance_conn: str) -> list[PaymentStatusRow]:
        """The reported documents of a source that got another number in finance, their payment over or not."""
        wanted = conditions.renumbered(system, conn_id, finance_conn)
        with self._database.transaction() as connection:
            return payment_rows.find(connection, wanted)

    def became_real(self, system: str, conn_id: str, finance_conn: str) -> list[PaymentStatusRow]:
        """The reported drafts of a source that were approved in finance since."""
        wanted = conditions.became_real(system, conn_id, finance_conn)
        with self._database.transaction() as connection:
            return payment_rows.find(connection, wanted)

    def gone(self, system: str, conn_id: str, finance_conn: str) -> list[PaymentStatusRow]:
        """The reported documents of a source that finance has voided or deleted since, oldest first."""
        wanted = conditions.gone(system, conn_id, finance_conn)
        with self._database.transaction() as connection:
            return payment_rows.find(connection, wanted)

    def booked_as(self, finance_conn: str, finance_ids: Collection[str]) -> dict[str, PaymentStatusRow]:
        """The documents that were booked under these ids, by finance id."""
        with self._database.transaction() as connection:
            found = payment_rows.find(connection, conditions.with_finance_ids(finance_conn, finance_ids))
        return {entry.booking.finance_id: entry for entry in found}

    def dated(self, system: str, conn_id: str, since: dt.date, until: dt.date) -> list[DatedDocument]:
        """A source's documents dated from `since` up to and without `until`, booked or not, oldest first."""
        with self._database.transaction() as connection:
            return payment_rows.dated(connection, system, conn_id, since, until)

    def cursor(self, name: str) -> Cursor | None:
        """How far the poll of this name has come."""
        with self._database.transaction() as connection:
            return polls.cursor_named(connection, name)

    def keep_poll(self, poll: Poll) -> PollResult:
        """Keep all that a poll found and move its cursor, in one transaction."""
        with self._database.transaction() as connection:
            return polls.keep(connection, poll)

    def keep_booking_status(self, finance_conn: str, booking_status: BookingStatus, *, actor: str) -> None:
        """Keep how one booking stands, outside a poll."""
        booking_statuses = {booking_status.booking.finance_id: booking_status}
        with self._database.transaction() as connection:
            known = payment_rows.find(connection, conditions.with_finance_ids(finance_conn, booking_statuses))
            writes.upsert_booking_statuses(connection, known, booking_statuses, {}, actor)

    def announced(self, texts: Mapping[int, str | None]) -> None:
        """Note what people were told of these rows' payments, by the row's id, so that it is said once."""
        with self._database.transaction() as connection:
            writes.announce(connection, texts)
