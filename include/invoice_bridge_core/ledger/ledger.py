"""The ledger: our own database, which remembers what was done with every document, so that nothing is done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from invoice_bridge_core.ledger import run_snapshots
from invoice_bridge_core.ledger.contacts import ContactMemory, KnownContact
from invoice_bridge_core.ledger.database import schema
from invoice_bridge_core.ledger.database.database import Database
from invoice_bridge_core.ledger.database.locks import locked
from invoice_bridge_core.ledger.database.tables import tokens
from invoice_bridge_core.ledger.documents import history, lookups, steps, upsert
from invoice_bridge_core.ledger.documents.claim import Claim
from invoice_bridge_core.ledger.documents.lease import Claimant, take_lease
from invoice_bridge_core.ledger.payments import payment_rows, polls

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import AbstractContextManager

    from invoice_bridge_core.documents import DocumentKind, DocumentRef
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.documents.states import DocumentState
    from invoice_bridge_core.ledger.documents.history import Change
    from invoice_bridge_core.ledger.documents.lookups import NamesCredited
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.payments.polls import Cursor, Poll, PollResult
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus

LEASE_SECONDS = 300
"""Longer than the longest HTTP timeout, so that a lease that runs out belongs to a dead attempt."""

LOCK_SECONDS = 90
"""How long a task waits for another one that makes the same contact or renews the same token."""


class Ledger:
    """One ledger. All its methods raise `LedgerError` when the database cannot be reached or used.

    Threads may share one; processes may not.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._contacts = ContactMemory(database)

    @classmethod
    def connect(cls, url: str) -> Self:
        """Open the ledger at a PostgreSQL URL, bringing its tables up to date when they are not.

        :raises LedgerError: it cannot be reached, or was made by a newer release.
        """
        database = Database(url)
        schema.bring_up_to_date(database)
        return cls(database)

    def close(self) -> None:
        """Close the connections; the next use opens them again."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """A transaction of its own; failures in it become `LedgerError`."""
        return self._database.transaction()

    def rows(self, system: str, conn_id: str, source_ids: Collection[str]) -> dict[str, DocumentRow]:
        """What is known of these ids of one source; one query, however many they are."""
        with self.transaction() as connection:
            return lookups.rows_by_id(connection, system, conn_id, source_ids)

    def row(self, ref: DocumentRef) -> DocumentRow | None:
        """What is known of one document; `None` when it was never met."""
        return self.rows(ref.system, ref.conn_id, [ref.source_id]).get(ref.source_id)

    def find(self, name: str) -> list[DocumentRow]:
        """The documents with this number, source id or full reference, in whatever source."""
        with self.transaction() as connection:
            return lookups.rows_named(connection, name)

    def outcomes(self, route: str | None = None, states: Collection[DocumentState] | None = None) -> list[DocumentRow]:
        """The documents that a route dealt with last, in these states; those changed longest ago first."""
        with self.transaction() as connection:
            return lookups.rows_by_state(connection, route, states)

    def unfinished(self, system: str, conn_id: str) -> list[DocumentRow]:
        """The documents that may be booked or rejected without their source having heard of it, queued or not."""
        with self.transaction() as connection:
            return lookups.unfinished_rows(connection, system, conn_id)

    def credited_row(self, credit_note: NamesCredited) -> DocumentRow | None:
        """The invoice that a credit note names, by its id on the same source connection, else by its number."""
        ref = credit_note.ref
        return self.credited_rows(ref.system, ref.conn_id, [credit_note]).get(ref.source_id)

    def credited_rows(
        self, system: str, conn_id: str, credit_notes: Collection[NamesCredited]
    ) -> dict[str, DocumentRow]:
        """The same of many credit notes of one source, by their ids; one query, however many they are."""
        with self.transaction() as connection:
            return lookups.credited_rows(connection, system, conn_id, credit_notes)

    def history(self, row: DocumentRow) -> list[Change]:
        """Everything that happened to the document, oldest first."""
        with self.transaction() as connection:
            return history.changes_of(connection, row.id)

    def steps(self, row: DocumentRow) -> list[StepRecord]:
        """The steps that followed the document's booking, or its rejection."""
        with self.transaction() as connection:
            return steps.steps_of(connection, row.id)

    def payment_statuses(
        self,
        system: str,
        conn_id: str,
        finance_conn: str,
        *,
        kinds_left: Collection[DocumentKind] = (),
        told_since: dt.datetime | None = None,
    ) -> list[PaymentStatusRow]:
        """The booked documents of a source whose payment is not over, oldest first.

        :param kinds_left: kinds whose payment is never told.
        :param told_since: with those that were told since this moment.
        """
        ours = payment_rows.of_source(system, conn_id, finance_conn)
        with self.transaction() as connection:
            return payment_rows.find(connection, ours, payment_rows.in_play(kinds_left, told_since))

    def payment_status(self, ref: DocumentRef) -> PaymentStatusRow | None:
        """One booked document, and how its booking stood when finance was looked at last."""
        with self.transaction() as connection:
            return next(iter(payment_rows.find(connection, payment_rows.is_document(ref))), None)

    def bookings_known(self, finance_conn: str, finance_ids: Collection[str]) -> dict[str, PaymentStatusRow]:
        """The documents that were booked under these ids, by finance id."""
        with self.transaction() as connection:
            found = payment_rows.find(connection, payment_rows.with_finance_ids(finance_conn, finance_ids))
        return {entry.row.booking.finance_id: entry for entry in found if entry.row.booking is not None}

    def dated(self, system: str, conn_id: str, since: dt.date, until: dt.date) -> list[PaymentStatusRow]:
        """A source's documents dated from `since` up to and without `until`, booked or not, oldest first."""
        with self.transaction() as connection:
            return payment_rows.dated(connection, system, conn_id, since, until)

    def cursor(self, name: str) -> Cursor | None:
        """How far the look of this name has come."""
        with self.transaction() as connection:
            return polls.cursor_named(connection, name)

    def keep_poll(self, look: Poll) -> PollResult:
        """Keep all that a look found and move its cursor, in one transaction."""
        with self.transaction() as connection:
            return polls.keep(connection, look)

    def keep_booking_status(self, finance_conn: str, booking_status: BookingStatus, *, actor: str) -> None:
        """Keep how one booking stands, outside a look."""
        booking_statuses = {booking_status.booking.finance_id: booking_status}
        with self.transaction() as connection:
            known = payment_rows.find(connection, payment_rows.with_finance_ids(finance_conn, booking_statuses))
            payment_rows.upsert_booking_statuses(connection, known, booking_statuses, {}, actor)

    def announced(self, texts: Mapping[int, str | None]) -> None:
        """Note what people were told of the payment_statuses of these rows, so that it is said once."""
        with self.transaction() as connection:
            payment_rows.announce(connection, texts)

    def upsert_facts(self, facts: Iterable[DocumentFacts], *, actor: str = "queue") -> None:
        """Note what documents are; makes the rows that are missing and changes nobody's state."""
        upsert.upsert_facts(self._database, facts, actor)

    def claim(
        self,
        ref: DocumentRef,
        *,
        route: str,
        claimant: str,
        finance_conn: str | None = None,
        seconds: int = LEASE_SECONDS,
    ) -> Claim | None:
        """Take the document for one task; `None` while another task works on it.

        :param claimant: names the task of the run, the same for all its tries: a try takes over from its dead ones.
        :param finance_conn: where the task books; an intent or a booking elsewhere is then noticed.
        :param seconds: how long the lease runs after each write.
        """
        leased = take_lease(self._database, ref, Claimant(claimant, route), seconds)
        return None if leased is None else Claim(leased, finance_conn)

    def contact(self, finance_conn: str, key: str) -> KnownContact | None:
        """The contact that was chosen for a customer."""
        return self._contacts.known(finance_conn, key)

    def remember_contact(self, finance_conn: str, key: str, *, contact_id: str, fingerprint: str, name: str) -> None:
        """Note the contact that was chosen or made for a customer; settles the intent to make it."""
        self._contacts.remember(finance_conn, key, KnownContact(contact_id, fingerprint, name))

    def forget_contact(self, finance_conn: str, key: str) -> None:
        """Drop a choice that the finance system no longer accepts."""
        self._contacts.forget(finance_conn, key)

    def contact_name_taken(self, finance_conn: str, name: str, *, by_other_than: str) -> bool:
        """Whether another customer's contact has the name already, capitals aside."""
        return self._contacts.is_name_taken(finance_conn, name, by_other_than)

    def contact_shared_with(
        self, finance_conn: str, contact_id: str, name: str, *, by_other_than: str, among: str
    ) -> tuple[str, str] | None:
        """Key and name of another customer, of those whose keys begin so, who has the contact under another name."""
        return self._contacts.shared_with(finance_conn, contact_id, name, by_other_than=by_other_than, among=among)

    def intend_contact(self, finance_conn: str, key: str) -> tuple[str, bool]:
        """Note, before it is sent, that a contact is about to be made.

        :return: the idempotency key, and whether an earlier attempt may have made the contact.
        """
        return self._contacts.intend(finance_conn, key)

    def withdraw_contact_intent(self, finance_conn: str, key: str) -> None:
        """Note that the finance system definitely made no contact."""
        self._contacts.withdraw_intent(finance_conn, key)

    def locked(self, *keys: str, seconds: int = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Hold a lock on each of the keys, among all tasks on all machines, until the block or the process ends.

        :param seconds: how long to wait for each.
        :raises TransientError: another task held one of them all that time.
        """
        return locked(self._database, keys, seconds)

    def reference_data(self, finance_conn: str, run_key: str, read: Callable[[], ReferenceData]) -> ReferenceData:
        """What the finance system said of itself in this run; read once for all tasks of the run.

        :raises TransientError: another task has been reading it for too long.
        """
        return run_snapshots.read_once(self._database, finance_conn, run_key, read)

    def recent_reference_data(self, finance_conn: str, age: dt.timedelta) -> ReferenceData | None:
        """The newest that any run read, when it is not older than this."""
        return run_snapshots.recent(self._database, finance_conn, age)

    def forget_token(self, name: str) -> bool:
        """Drop a stored token, so that the connection's own credentials are used again; whether there was one."""
        with self.transaction() as connection:
            return connection.execute(sa.delete(tokens).where(tokens.c.name == name)).rowcount > 0
