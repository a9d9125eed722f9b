"""The lease on a document's row, and the history of what is written under it: see `database.leases`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.search_text import searched_text
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LeaseLostError
from invoice_bridge_core.ledger.database import leases
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.documents.history import write_change
from invoice_bridge_core.ledger.documents.moves import as_moved
from invoice_bridge_core.ledger.documents.row import (
    DocumentRow,
    document_parameters,
    is_document,
    is_given_document,
    reference_columns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.database.database import Database

Found = TypeVar("Found")


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
        self._token: str = record["lease_token"]
        self._actor = record["lease_owner"]
        self._seconds = seconds
        self._row: DocumentRow | None = None
        self._later: dict[str, Any] = {}

    @property
    def is_first(self) -> bool:
        """Whether nobody had ever taken the document up, so that nothing but what it is can be known of it."""
        return self._token.startswith(_FIRST)

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
        with self._database.look() as connection:
            return query(connection, self._record["id"])

    def renew(self) -> None:
        """Prolong the lease; fails when it is lost.

        :raises LeaseLostError: somebody else has taken the document over.
        """
        with self._database.transaction() as connection:
            after = self._write(connection, {})
        self.keep(after)

    def change(
        self, values: Mapping[str, Any], note: str | None, also: Callable[[sa.Connection], None] | None = None
    ) -> None:
        """Change the row, prolong the lease, and keep the change in the history, all in one transaction.

        :param note: `None` for what is not worth a line in the history.
        :param also: what is written in the same transaction.
        :raises LeaseLostError: somebody else has taken the document over.
        """
        before = self._record
        with self._database.transaction() as connection:
            after = self.change_within(connection, values, is_noted=note is not None)
            if note is not None:
                write_change(connection, self._actor, note, before=before, after=after)
            if also is not None:
                also(connection)
        self.keep(after)

    def change_with_next(self, values: Mapping[str, Any]) -> None:
        """Change the row when something is written of it next: for what the next attempt would note again.

        :param values: nothing that the history tells.
        """
        self._later |= values

    def change_within(self, connection: sa.Connection, values: Mapping[str, Any], *, is_noted: bool) -> sa.RowMapping:
        """Change the row in a transaction of the caller's, who writes the history, and calls `keep` once it is over.

        :param is_noted: whether it is worth a line in the history.
        :return: the row as it is now.
        :raises LeaseLostError: somebody else has taken the document over.
        """
        return self._write(connection, self._all(values, is_noted=is_noted))

    def to_write(self, values: Mapping[str, Any], *, is_noted: bool) -> leases.LeasedWrite:
        """The same change, for a statement that writes many rows."""
        return leases.LeasedWrite(
            self._record["id"], self._token, self._seconds, {**self._later, **self._all(values, is_noted=is_noted)}
        )

    def keep(self, record: sa.RowMapping) -> None:
        """Take the row as it was written."""
        self._record = record
        self._row = None
        self._later = {}

    def _all(self, values: Mapping[str, Any], *, is_noted: bool) -> dict[str, Any]:
        """The values with what follows from them."""
        moved = as_moved(self._record, values)
        return {**moved, "updated_at": NOW} if is_noted else moved

    def _write(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.RowMapping:
        written = {**self._later, **values}
        after = leases.write(connection, documents, self._record["id"], self._token, self._seconds, written)
        if after is None:
            raise LeaseLostError(f"{self.row.label} was taken over by another task; this attempt has to stop")
        return after


def take_lease(database: Database, ref: DocumentRef, claimant: Claimant, seconds: int) -> LeasedRow | None:
    """Take the lease of the document, making its row when there is none; `None` while somebody else has it.

    The same claimant gets its lease again: that is a new try of a task whose last try died.
    """
    with database.transaction() as connection:
        given = {**document_parameters(ref), "of_route": claimant.route, **leases.lease_of(claimant.name, seconds)}
        free = connection.execute(_TAKING_FREE, given).mappings().one_or_none()
        if free is not None:
            return LeasedRow(database, free, seconds)
        record = _locked_record(connection, ref) or _new_record(connection, ref, claimant)
        after = leases.take(connection, documents, record, claimant.name, seconds, route=claimant.route)
        if after is None:
            return None
        note = taken_note(record, claimant)
        if note is not None:
            write_change(connection, claimant.name, note, before=record, after=after)
    return LeasedRow(database, after, seconds)


_FIRST = "first:"
_OF_ROUTE = sa.bindparam("of_route", type_=sa.Text())
_IS_OF_NO_ROUTE = documents.c.route.is_(None)
_TAKING_FREE = leases.taking_free(
    documents,
    *is_given_document(documents),
    _IS_OF_NO_ROUTE | (documents.c.route == _OF_ROUTE),
    route=_OF_ROUTE,
    # The token can tell, since PostgreSQL works out what is written of the row that it has locked.
    lease_token=sa.case((_IS_OF_NO_ROUTE, sa.literal(_FIRST, sa.Text()) + leases.NEW_TOKEN), else_=leases.NEW_TOKEN),
)
"""Of a document of which there is nothing to note then: one that no other route has dealt with."""


def _locked_record(connection: sa.Connection, ref: DocumentRef) -> sa.RowMapping | None:
    return leases.locked_record(connection, documents, *is_document(documents, ref))


def _new_record(connection: sa.Connection, ref: DocumentRef, claimant: Claimant) -> sa.RowMapping:
    # Whoever loses the race to make the row waits here until the other has committed.
    made = connection.execute(
        insert(documents)
        .values(
            **reference_columns(ref),
            state=DocumentState.SEEN,
            route=claimant.route,
            search_text=searched_text(None, None, ref.source_id),
        )
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


def taken_note(record: sa.RowMapping, claimant: Claimant) -> str | None:
    """What the history says of a lease that is taken; `None` of an ordinary one.

    :param record: the row until now.
    """
    if record["lease_owner"] == claimant.name:
        return "taken up again: the last try stopped without a note"
    if record["lease_owner"] is not None:
        return f"taken over from {record['lease_owner']}, which stopped without a note"
    if record["route"] not in (None, claimant.route):
        return f"taken up by the route {claimant.route}"
    return None
