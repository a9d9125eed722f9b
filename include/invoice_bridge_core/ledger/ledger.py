"""The ledger: our own database, which remembers what was done with every document, so that nothing is done twice."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from invoice_bridge_core.ledger import run_snapshots, upkeep
from invoice_bridge_core.ledger.connections.connection_ledger import ConnectionLedger
from invoice_bridge_core.ledger.connections.tokens import TokenVault, forget_token
from invoice_bridge_core.ledger.contacts import ContactLedger
from invoice_bridge_core.ledger.customers.customer_ledger import CustomerLedger
from invoice_bridge_core.ledger.database import schema
from invoice_bridge_core.ledger.database.database import Database
from invoice_bridge_core.ledger.database.locks import LOCK_SECONDS, locked
from invoice_bridge_core.ledger.decisions import DecisionLedger
from invoice_bridge_core.ledger.desk.desk_ledger import DeskLedger
from invoice_bridge_core.ledger.documents import drafts, history, lookups, queue_rows, steps, upsert
from invoice_bridge_core.ledger.documents.batches import BatchLedger
from invoice_bridge_core.ledger.documents.claim import Claim
from invoice_bridge_core.ledger.documents.lease import Claimant, take_lease
from invoice_bridge_core.ledger.documents.rejections import RejectionLedger
from invoice_bridge_core.ledger.foreseen import ForeseenDocuments
from invoice_bridge_core.ledger.notices import NoticeLedger
from invoice_bridge_core.ledger.payments.payment_ledger import PaymentLedger
from invoice_bridge_core.ledger.queue_reads import QueueReads
from invoice_bridge_core.ledger.sales.sale_ledger import SaleLedger

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    import sqlalchemy as sa

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.documents.states import DocumentState
    from invoice_bridge_core.ledger.connections.tokens import Cipher
    from invoice_bridge_core.ledger.documents.drafts import DraftSum
    from invoice_bridge_core.ledger.documents.history import Change
    from invoice_bridge_core.ledger.documents.lookups import NamesCredited
    from invoice_bridge_core.ledger.documents.queue_rows import QueueRow
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ports import Booking, ReferenceData

LEASE_SECONDS = 300
"""Longer than the longest HTTP timeout, so that a lease that runs out belongs to a dead attempt."""


class Ledger:
    """One ledger. All its methods raise `LedgerError` when the database cannot be reached or used.

    Threads may share one; processes may not. Documents are here; `batches`, `rejections`, `payments`, `decisions`,
    `contacts`, `customers`, `connections`, `queue_reads`, `sales`, `desk` and `notices` have a part of their own each.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last_claim: Claim | None = None
        self._recalled: dict[tuple[str, str], ReferenceData] = {}
        self.batches = BatchLedger(database)
        self.rejections = RejectionLedger(database)
        self.payments = PaymentLedger(database)
        self.decisions = DecisionLedger(database)
        self.contacts = ContactLedger(database)
        self.customers = CustomerLedger(database)
        self.connections = ConnectionLedger(database)
        self.queue_reads = QueueReads(database)
        self.sales = SaleLedger(database)
        self.desk = DeskLedger(database)
        self.notices = NoticeLedger(database)

    @classmethod
    def connect(cls, url: str) -> Self:
        """Open the ledger at a PostgreSQL URL, bringing its tables up to date when they are not.

        :raises LedgerError: it cannot be reached, or was made by a newer release.
        """
        database = Database(url)
        schema.bring_up_to_date(database)
        return cls(database)

    @classmethod
    def connect_for(cls, url: str, run_key: str, names: Collection[str]) -> Self:
        """The same for a task of a run, which begins with what the run has kept under these names: see `recall`.

        :raises LedgerError: as of `connect`.
        """
        database = Database(url)
        kept = run_snapshots.begun(database, run_key, names)
        if kept is None:
            database.close()
            ledger = cls.connect(url)
            ledger.recall(run_key, names)
            return ledger
        ledger = cls(database)
        ledger._remember(run_key, kept)
        return ledger

    def close(self) -> None:
        """Close the connections; the next use opens them again."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """A transaction of its own, for tests and for what a person mends by hand; the package asks the methods."""
        return self._database.transaction()

    def rows(self, system: str, conn_id: str, source_ids: Collection[str]) -> dict[str, DocumentRow]:
        """What is known of these ids of one source; one query, however many they are."""
        with self._database.look() as connection:
            return lookups.rows_by_id(connection, system, conn_id, source_ids)

    def row(self, ref: DocumentRef) -> DocumentRow | None:
        """What is known of one document; `None` when it was never met."""
        return self.rows(ref.system, ref.conn_id, [ref.source_id]).get(ref.source_id)

    def row_by_now(self, ref: DocumentRef) -> DocumentRow | None:
        """The document's row as whoever claimed it here last has left it; else what is known of it."""
        claim = self._last_claim
        return claim.row if claim is not None and claim.row.ref == ref else self.row(ref)

    def find(self, name: str) -> list[DocumentRow]:
        """The documents with this number, in any case, source id or full reference, in whatever source."""
        with self.transaction() as connection:
            return lookups.rows_named(connection, name)

    def outcomes(
        self,
        route: str | None = None,
        states: Collection[DocumentState] | None = None,
        limit: int | None = None,
        *,
        are_aside: bool | None = None,
    ) -> list[DocumentRow]:
        """The documents that a route dealt with last, in these states; those changed longest ago first.

        :param limit: this many at most; `None` for all of them.
        :param are_aside: only those that somebody put aside, or only the others; `None` for both.
        """
        with self.transaction() as connection:
            return lookups.rows_by_state(connection, route, states, limit, are_aside=are_aside)

    @contextmanager
    def listed(
        self, route: str | None, states: Collection[DocumentState] | None, limit: int | None
    ) -> Iterator[Iterator[DocumentRow]]:
        """The same as `outcomes`, one after the other as they are read, for as long as the block lasts."""
        with self.transaction() as connection:
            yield lookups.stream_by_state(connection, route, states, limit)

    def count(self, route: str | None = None, states: Collection[DocumentState] | None = None) -> int:
        """How many documents `outcomes` finds without a limit."""
        with self.transaction() as connection:
            return lookups.count_by_state(connection, route, states)

    def routes(self) -> list[str]:
        """The routes that dealt with documents."""
        with self.transaction() as connection:
            return lookups.routes_of_rows(connection)

    def drafts(self, route: str) -> list[DraftSum]:
        """The documents of a route that are transferred and were drafts when finance was asked last, by currency."""
        with self.transaction() as connection:
            return drafts.drafts_of(connection, route)

    def draft_ids(self, route: str) -> frozenset[int]:
        """The ids of the same documents."""
        with self.transaction() as connection:
            return drafts.draft_ids(connection, route)

    def wake_alike(self, route: str, reason: str) -> None:
        """Let the next run look at the route's documents that are held for the same reason: it is no longer so."""
        with self.transaction() as connection:
            lookups.wake_alike(connection, route, reason)

    def unfinished(self, system: str, conn_id: str) -> list[DocumentRow]:
        """The documents that may be booked or rejected though their source was not told, queued or not."""
        with self.transaction() as connection:
            return lookups.unfinished_rows(connection, system, conn_id)

    def queue_rows(self, system: str, conn_id: str, source_ids: Collection[str]) -> dict[str, QueueRow]:
        """What decides about these ids of one source, in short; one query, however many they are."""
        with self.transaction() as connection:
            return queue_rows.of_ids(connection, system, conn_id, source_ids)

    def queue_rows_in(self, system: str, conn_id: str, states: Collection[DocumentState]) -> list[QueueRow]:
        """The same of all documents of a source in these states."""
        with self.transaction() as connection:
            return queue_rows.in_states(connection, system, conn_id, states)

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

    def taken_by_others(self, row: DocumentRow, finance_conn: str, bookings: Collection[Booking]) -> set[str]:
        """The ids of those bookings that are other documents', or whose number another may be booked under."""
        with self.transaction() as connection:
            return lookups.taken_by_others(connection, row, finance_conn, bookings)

    def history(self, row: DocumentRow) -> list[Change]:
        """Everything that happened to the document, oldest first."""
        with self.transaction() as connection:
            return history.changes_of(connection, row.id)

    def steps(self, row: DocumentRow) -> list[StepRecord]:
        """The steps that followed the document's booking, or its rejection."""
        with self.transaction() as connection:
            return steps.steps_of(connection, row.id)

    def prune_history(self, keep: dt.timedelta) -> int:
        """Remove some of the old lines of what is finished, as `ledger.upkeep` says; how many were removed."""
        return upkeep.prune_history(self._database, keep)

    def note_held(self, document_ids: Collection[int], actor: str, note: str) -> None:
        """Keep a note in the history of these documents, as far as they are held; nothing else of them changes."""
        with self.transaction() as connection:
            history.note_held(connection, document_ids, actor, note)

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
        self._last_claim = None if leased is None else Claim(leased, finance_conn)
        return self._last_claim

    def locked(self, *keys: str, seconds: int = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Take a lock on each of the keys, among all tasks on all machines, until the block or the process ends.

        :param seconds: how long to wait for each.
        :raises TransientError: another task kept one of them all that time.
        """
        return locked(self._database, keys, seconds)

    def reference_data(self, finance_conn: str, run_key: str, read: Callable[[], ReferenceData]) -> ReferenceData:
        """What the finance system said of itself in this run; read once for all tasks of the run.

        :raises TransientError: another task has been reading it for too long.
        """
        recalled = self._recalled.get((finance_conn, run_key))
        return recalled or run_snapshots.read_once(self._database, finance_conn, run_key, read)

    def recall(self, run_key: str, names: Collection[str]) -> None:
        """Read at once what the run has kept under these names; it never changes, so it is not read again."""
        self._remember(run_key, run_snapshots.kept_of(self._database, run_key, names))

    def _remember(self, run_key: str, kept: Mapping[str, ReferenceData]) -> None:
        self._recalled |= {(name, run_key): snapshot for name, snapshot in kept.items()}

    def kept_reference_data(self, finance_conn: str, run_key: str) -> ReferenceData | None:
        """What was kept of this run under the name; reads nothing but the ledger."""
        return run_snapshots.kept(self._database, finance_conn, run_key)

    def recent_reference_data(self, finance_conn: str, age: dt.timedelta) -> ReferenceData | None:
        """The newest that any run read, when it is not older than this."""
        return run_snapshots.recent(self._database, finance_conn, age)

    def foreseen(self, route: str, run_key: str) -> ForeseenDocuments:
        """What the tasks of one dry run of a route foresee of its documents."""
        return ForeseenDocuments(self._database, route, run_key)

    def token_vault(self, open_cipher: Callable[[], Cipher]) -> TokenVault:
        """The tokens that tasks share.

        :param open_cipher: gives the cipher; called when the first token is needed, since most routes need none.
        """
        return TokenVault(self._database, open_cipher)

    def forget_token(self, name: str) -> bool:
        """Drop a stored token, so that the connection's own credentials are used again; whether there was one."""
        return forget_token(self._database, name)
