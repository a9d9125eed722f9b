"""A ledger that remembers what a dry run would write about one document, and changes nothing of any document.

Everything is read in transactions that cannot write, so that a write which nobody thought of fails loudly. What is
foreseen is kept for the other tasks of the dry run, which see it as a run's tasks see what others did before them.
"""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.read_only import ReadOnlyDatabase
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.documents.batches import BatchLedger
from invoice_bridge_core.ledger.documents.claim import Claim
from invoice_bridge_core.ledger.documents.lease import LeasedRow
from invoice_bridge_core.ledger.documents.lookups import credited_row
from invoice_bridge_core.ledger.documents.rejections import RejectionLedger
from invoice_bridge_core.ledger.documents.row import is_document, reference_columns
from invoice_bridge_core.ledger.documents.steps import DocumentSteps, StepRecord
from invoice_bridge_core.ledger.foreseen import Foreseen
from invoice_bridge_core.ledger.ledger import LEASE_SECONDS, Ledger
from invoice_bridge_core.ledger.queue_reads import QueueRead, QueueReads
from invoice_bridge_core.ledger.rehearsed_contacts import RehearsedContacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.documents.lookups import NamesCredited
    from invoice_bridge_core.ledger.documents.rejections import KeptFor
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.foreseen import ForeseenDocuments
    from invoice_bridge_core.ports import ReferenceData

_NO_NUMBERS = {"intents_withdrawn": 0, "finance_tax_reduction": 0, "finance_is_draft": False}


class RehearsedLedger(Ledger):
    """What a dry run takes for the ledger while it looks at one document.

    What a run reads once for all its tasks is kept in the real one: it says nothing about any document.

    :param real: the ledger that is read.
    :param ref: the document.
    :param documents_foreseen: what the dry run foresees of its documents.
    """

    def __init__(self, real: Ledger, ref: DocumentRef, documents_foreseen: ForeseenDocuments) -> None:
        super().__init__(ReadOnlyDatabase(real._database))
        self._real = real
        self._ref = ref
        self._foreseen = documents_foreseen
        self._contacts = RehearsedContacts(self._database, self.others)
        self.contacts = self._contacts
        self._rejections = _RehearsedRejections(self)
        self.rejections = self._rejections
        self.queue_reads = _NoQueueReads(self._database)
        self.batches = BatchLedger(self._database)
        self.claims: dict[DocumentRef, Claim] = {}
        self._over: dict[DocumentRef, str | None] = {}
        self.foresee_credited: Callable[[NamesCredited, DocumentRow | None], DocumentRow | None] | None = None

    def others(self) -> list[Foreseen]:
        """What the dry run foresees of other documents by now."""
        return self._foreseen.others_than(self._ref)

    def keep_foreseen(self, *, is_ended: bool = True) -> None:
        """Keep for other tasks what came of the document, if it was claimed.

        :param is_ended: whether it came to an end.
        """
        claim = self.claims.get(self._ref)
        if claim is None:
            return
        record = {column.name: claim.leased.record[column.name] for column in documents.c}
        rejections = self._rejections
        foreseen = Foreseen(
            record,
            self._over[self._ref],
            is_let_through=rejections.is_let_through,
            is_kept=rejections.is_kept,
            is_ended=is_ended,
            contacts=self._contacts.chosen,
        )
        self._foreseen.note(self._ref, foreseen)

    def claim(
        self,
        ref: DocumentRef,
        *,
        route: str,
        claimant: str,
        finance_conn: str | None = None,
        seconds: int = LEASE_SECONDS,
    ) -> Claim | None:
        """The document as the dry run's own; `None` while a task works on it."""
        record = self._record(ref)
        if record is not None and record["is_leased"]:
            return None
        now = dt.datetime.now(dt.UTC)
        blank: dict[str, Any] = {
            **dict.fromkeys(documents.c.keys()),
            **_NO_NUMBERS,
            **reference_columns(ref),
            "id": 0,
            "state": DocumentState.SEEN,
            "created_at": now,
            "updated_at": now,
        }
        mine = {"route": route, "lease_owner": claimant, "lease_token": "dry run"}
        claim = Claim(_RehearsedRow(self._database, {**(record or blank), **mine}, seconds), finance_conn)
        claim.steps = _RehearsedSteps(claim.leased)
        self.claims[ref] = claim
        self._over[ref] = None if record is None else str(record["updated_at"])
        return claim

    def credited_row(self, credit_note: NamesCredited) -> DocumentRow | None:
        """The invoice that a credit note names, as it will be when the credit note has its turn."""
        known = super().credited_row(credit_note)
        foreseen = {other.row.ref: other.row for other in self.others()}
        rows = {**({} if known is None else {known.ref: known}), **foreseen}
        row = credited_row(credit_note, list(rows.values()))
        if self.foresee_credited is None or (row is not None and (row.booking is not None or row.ref in foreseen)):
            return row
        return self.foresee_credited(credit_note, row) or row

    def upsert_facts(self, facts: Iterable[DocumentFacts], *, actor: str = "queue") -> None:
        """Nothing: what a dry run reads is not noted."""

    def wake_alike(self, route: str, reason: str) -> None:
        """Nothing: nothing moved."""

    def locked(self, *keys: str, seconds: int = 0) -> AbstractContextManager[None]:
        """No lock: nothing is written that two could write."""
        return nullcontext()

    def reference_data(self, finance_conn: str, run_key: str, read: Callable[[], ReferenceData]) -> ReferenceData:
        """The run's snapshot, as of the real ledger."""
        return self._real.reference_data(finance_conn, run_key, read)

    def _record(self, ref: DocumentRef) -> sa.RowMapping | None:
        is_leased = sa.func.coalesce(documents.c.lease_until > NOW, sa.false()).label("is_leased")
        query = sa.select(documents, is_leased).where(*is_document(documents, ref))
        with self.transaction() as connection:
            return connection.execute(query).mappings().one_or_none()


class _RehearsedRow(LeasedRow):
    """A row whose changes are kept in memory."""

    def __init__(self, database: Database, record: Mapping[str, Any], seconds: int) -> None:
        super().__init__(database, cast("sa.RowMapping", record), seconds)

    def renew(self) -> None:
        """Nothing: nobody else can take it."""

    def change(
        self, values: Mapping[str, Any], note: str | None, also: Callable[[sa.Connection], None] | None = None
    ) -> None:
        """Keep the change for as long as the dry run lasts."""
        now = dt.datetime.now(dt.UTC)
        plain = {name: now if value is NOW else value for name, value in values.items()}
        self.keep(cast("sa.RowMapping", {**self._record, **plain}))


class _RehearsedSteps(DocumentSteps):
    """Steps that are kept in memory."""

    def _write(self, step: str, values: dict[str, object], note: str) -> None:
        now = dt.datetime.now(dt.UTC)
        plain: dict[str, Any] = {name: now if value is NOW else value for name, value in values.items()}
        records = dict(self._known)
        records[step] = StepRecord(**{"ended_at": None, "finance_id": None, **plain, "step": step})
        self._records = records


class _RehearsedRejections(RejectionLedger):
    """What a run would be let reject, counted for the tasks of one dry run together."""

    def __init__(self, ledger: RehearsedLedger) -> None:
        super().__init__(ledger._database)
        self._ledger = ledger
        self.is_let_through = False
        self.is_kept = False

    def let_through(self, document_id: int, route: str, most: int) -> KeptFor | None:
        # Two tasks of the dry run are never both the last one, as in a run.
        with self._ledger._real.locked(f"rejections that are foreseen of {route}"):
            others = [other.end for other in self._ledger.others()]
            kept_for = self.foreseen(document_id, route, most, others)
            if kept_for is None:
                self.is_let_through = True
                self._ledger.keep_foreseen(is_ended=False)
        return kept_for

    def keep(self, document_id: int, route: str, kept_for: KeptFor, reason: str) -> None:
        self.is_kept = True


class _NoQueueReads(QueueReads):
    """A dry run reads for itself, and leaves what a run keeps to that run."""

    def take(self, run_key: str, ref: DocumentRef) -> QueueRead | None:
        return None
