"""The lease on a document's row: one task at a time, and a fence against those that lost it.

Each lease has a token of its own, and a write with any other token fails. So an attempt that was taken for dead, and is
not, cannot write any longer. The token says who may write; the time only says when others may take the lease.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LeaseLostError
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.documents.history import write_change
from invoice_bridge_core.ledger.documents.row import DocumentRow, reference_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.database.database import Database

Found = TypeVar("Found")

NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_token": None, "lease_until": None}
"""The columns of a row that nobody works on."""


@dataclass(frozen=True)
class Claimant:
    """Who works on a document: a mapped task of a run, and the route it works for."""

    name: str
    route: str


class LeasedRow:
    """A document's row while one task has its lease."""

    def __init__(self, database: Database, record: sa.RowMapping, seconds: int) -> None:
        self._database = database
        self._record = record
        self._token = record["lease_token"]
        self._actor = record["lease_owner"]
        self._seconds = seconds
        self._row: DocumentRow | None = None

    @property
    def record(self) -> sa.RowMapping:
        """The row of the table as of the last write."""
        return self._record

    @property
    def row(self) -> DocumentRow:
        """The same, as the ledger shows it."""
        if self._row is None:
            self._row = DocumentRow.from_record(self._record)
        return self._row

    def read(self, query: Callable[[sa.Connection, int], Found]) -> Found:
        """What the query finds about the document that has this id in the database."""
        with self._database.transaction() as connection:
            return query(connection, self._record["id"])

    def renew(self) -> None:
        """Prolong the lease; fails when it is lost.

        :raises LeaseLostError: somebody else has taken the document over.
        """
        with self._database.transaction() as connection:
            after = self._write(connection, {})
        self._keep(after)

    def change(
        self, values: Mapping[str, Any], note: str | None, also: Callable[[sa.Connection], None] | None = None
    ) -> None:
        """Change the row, prolong the lease, and keep the change in the history, all in one transaction.

        :param note: `None` for what is not worth a line in the history.
        :param also: what is written in the same transaction.
        :raises LeaseLostError: somebody else has taken the document over.
        """
        with self._database.transaction() as connection:
            after = self._write(connection, {**values, "updated_at": NOW} if note is not None else values)
            if note is not None:
                write_change(connection, self._actor, note, before=self._record, after=after)
            if also is not None:
                also(connection)
        self._keep(after)

    def _write(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.RowMapping:
        written = connection.execute(
            sa.update(documents)
            .where(documents.c.id == self._record["id"], documents.c.lease_token == self._token)
            .values({"lease_until": _seconds_from_now(self._seconds), **values})
            .returning(documents)
        ).mappings()
        after = written.one_or_none()
        if after is None:
            raise LeaseLostError(f"{self.row.label} was taken over by another task; this attempt has to stop")
        return after

    def _keep(self, record: sa.RowMapping) -> None:
        self._record = record
        self._row = None


def take_lease(database: Database, ref: DocumentRef, claimant: Claimant, seconds: int) -> LeasedRow | None:
    """Take the lease of the document, making its row when there is none; `None` while somebody else has it.

    The same claimant gets its lease again: that is a new try of a task whose last try died.
    """
    with database.transaction() as connection:
        record = _locked_record(connection, ref) or _new_record(connection, ref, claimant)
        if record["is_leased"] and record["lease_owner"] != claimant.name:
            return None
        taken = connection.execute(
            sa.update(documents)
            .where(documents.c.id == record["id"])
            .values(
                lease_owner=claimant.name,
                lease_token=uuid.uuid4().hex,
                lease_until=_seconds_from_now(seconds),
                route=claimant.route,
            )
            .returning(documents)
        ).mappings()
        after = taken.one()
        note = _taken_note(record, claimant)
        if note is not None:
            write_change(connection, claimant.name, note, before=record, after=after)
    return LeasedRow(database, after, seconds)


def _locked_record(connection: sa.Connection, ref: DocumentRef) -> sa.RowMapping | None:
    is_leased = sa.func.coalesce(documents.c.lease_until > NOW, sa.false()).label("is_leased")
    query = (
        sa.select(documents, is_leased)
        .where(*(documents.c[name] == value for name, value in reference_columns(ref).items()))
        .with_for_update(key_share=True)
    )
    return connection.execute(query).mappings().one_or_none()


def _new_record(connection: sa.Connection, ref: DocumentRef, claimant: Claimant) -> sa.RowMapping:
    # Whoever loses the race to make the row waits here until the other has committed.
    made = connection.execute(
        insert(documents)
        .values(**reference_columns(ref), state=DocumentState.SEEN, route=claimant.route)
        .on_conflict_do_nothing()
        .returning(documents)
    ).mappings()
    record = made.one_or_none()
    if record is not None:
        write_change(connection, claimant.name, "first met", before=None, after=record)
    found = _locked_record(connection, ref)
    if found is None:
        raise LeaseLostError(f"{ref} was removed from the ledger while it was claimed")
    return found


def _taken_note(record: sa.RowMapping, claimant: Claimant) -> str | None:
    if record["lease_owner"] == claimant.name:
        return "taken up again: the last try stopped without a note"
    if record["lease_owner"] is not None:
        return f"taken over from {record['lease_owner']}, which stopped without a note"
    if record["route"] not in (None, claimant.route):
        return f"taken up by the route {claimant.route}"
    return None


def _seconds_from_now(seconds: int) -> sa.ColumnElement[dt.datetime]:
    return NOW + sa.literal(dt.timedelta(seconds=seconds))
