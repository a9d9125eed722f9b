"""A ledger that remembers what a dry run writes for as long as the dry run lasts, and changes nothing in the database.

Everything is read in transactions that cannot write, so that a write which nobody thought of fails loudly.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.contacts import ContactLedger
from invoice_bridge_core.ledger.database.database import Database
from invoice_bridge_core.ledger.database.tables import NOW, contacts, documents
from invoice_bridge_core.ledger.documents.claim import Claim
from invoice_bridge_core.ledger.documents.lease import LeasedRow
from invoice_bridge_core.ledger.documents.rejections import RejectionLedger
from invoice_bridge_core.ledger.documents.row import reference_columns
from invoice_bridge_core.ledger.documents.steps import DocumentSteps, StepRecord
from invoice_bridge_core.ledger.ledger import LEASE_SECONDS, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ledger.contacts import KnownContact
    from invoice_bridge_core.ledger.documents.lookups import NamesCredited
    from invoice_bridge_core.ledger.documents.rejections import KeptFor
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ports import ReferenceData

_NO_NUMBERS = {"intents_withdrawn": 0, "finance_tax_reduction": 0, "finance_is_draft": False}


class RehearsedLedger(Ledger):
    """What a dry run takes for the ledger.

    What a run reads once for all its tasks is kept in the real one: it says nothing about any document.

    :param real: the ledger that is read.
    """

    def __init__(self, real: Ledger) -> None:
        super().__init__(_ReadOnlyDatabase(real._database))
        self._real = real
        self.contacts = _RehearsedContacts(self._database)
        self.rejections = _RehearsedRejections(self._database)
        self.claims: dict[DocumentRef, Claim] = {}
        self.foresee_credited: Callable[[NamesCredited, DocumentRow | None], DocumentRow | None] | None = None

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
        return claim

    def credited_row(self, credit_note: NamesCredited) -> DocumentRow | None:
        """The invoice that a credit note names; booked, where the dry run foresees that it will be by then."""
        row = super().credited_row(credit_note)
        if self.foresee_credited is None or (row is not None and row.booking is not None):
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
        query = sa.select(documents, is_leased).where(
            *(documents.c[name] == value for name, value in reference_columns(ref).items())
        )
        with self.transaction() as connection:
            return connection.execute(query).mappings().one_or_none()


class _ReadOnlyDatabase(Database):
    def __init__(self, real: Database) -> None:
        self._password, self.name, self._engine = real._password, real.name, real._engine

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with super().transaction() as connection:
            connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            yield connection


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
        self._keep(cast("sa.RowMapping", {**self._record, **plain}))


class _RehearsedSteps(DocumentSteps):
    """Steps that are kept in memory."""

    def _write(self, step: str, values: dict[str, object], note: str) -> None:
        now = dt.datetime.now(dt.UTC)
        plain: dict[str, Any] = {name: now if value is NOW else value for name, value in values.items()}
        records = dict(self._known)
        records[step] = StepRecord(**{"ended_at": None, "finance_id": None, **plain, "step": step})
        self._records = records


class _RehearsedRejections(RejectionLedger):
    """What a run would be let reject now, without counting it."""

    def let_through(self, document_id: int, route: str, most: int) -> KeptFor | None:
        return self.foreseen(document_id, route, most)

    def keep(self, document_id: int, route: str, kept_for: KeptFor, reason: str) -> None:
        """Nothing: what a dry run would keep is not noted."""


class _RehearsedContacts(ContactLedger):
    """Choices of contacts that are kept in memory, over those of the ledger."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._chosen: dict[tuple[str, str], KnownContact | None] = {}
        self._intended: dict[tuple[str, str], bool] = {}

    def known(self, finance_conn: str, key: str) -> KnownContact | None:
        if (finance_conn, key) in self._chosen:
            return self._chosen[finance_conn, key]
        return super().known(finance_conn, key)

    def remember(self, finance_conn: str, key: str, contact: KnownContact) -> None:
        self._chosen[finance_conn, key] = contact

    def forget(self, finance_conn: str, key: str) -> None:
        self._chosen[finance_conn, key] = None

    def intend(self, finance_conn: str, key: str) -> tuple[str, bool]:
        before = self._intended.get((finance_conn, key))
        was_there = self._has_intent(finance_conn, key) if before is None else before
        self._intended[finance_conn, key] = True
        return "dry run", was_there

    def withdraw_intent(self, finance_conn: str, key: str) -> None:
        self._intended[finance_conn, key] = False

    def _has_intent(self, finance_conn: str, key: str) -> bool:
        query = sa.select(contacts.c.intent_token).where(
            contacts.c.finance_conn == finance_conn, contacts.c.contact_key == key
        )
        with self._database.transaction() as connection:
            return connection.scalar(query) is not None
