"""What the page of all documents asks the ledger, and what it keeps of changes in finance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.desk import finance_changes, listing, single, surroundings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page, Scope
    from invoice_bridge_core.ledger.desk.finance_changes import ChangedDocument, FinanceChange
    from invoice_bridge_core.ledger.desk.listing import Listed
    from invoice_bridge_core.ledger.desk.surroundings import OpenedAndClosed
    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ports.booking_status import BookingStatus


class DeskLedger:
    """The documents as a person looks for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, scope: Scope, wanted: DocumentFilter, page: Page, now: dt.datetime) -> Listed:
        """One page of the documents that are wanted, among those in the scope, with counts and sums of all of them.

        :param now: from where the age of what is under way is counted.
        """
        with self._database.transaction() as connection:
            return listing.list_page(connection, scope, wanted, page, now)

    def document(self, document_id: int) -> DocumentRow | None:
        """The document with this id of the ledger's own."""
        with self._database.transaction() as connection:
            return single.row_with_id(connection, document_id)

    def last_actors(self, document_ids: Collection[int]) -> dict[int, str]:
        """The task that wrote last about each of these documents, by the document's id; those without one are left out.

        A task is named `dag/run/task/map index`.
        """
        with self._database.transaction() as connection:
            return single.last_tasks(connection, document_ids)

    def offices(self, scope: Scope) -> list[str]:
        """The offices of the documents of the routes in the scope."""
        with self._database.transaction() as connection:
            return surroundings.offices(connection, scope)

    def opened_and_closed(self, scope: Scope, since: dt.datetime) -> OpenedAndClosed:
        """How many documents began to wait for people since a moment, and how many do no more."""
        with self._database.transaction() as connection:
            return surroundings.opened_and_closed(connection, scope, since)

    def note_statuses(self, finance_conn: str, statuses: Mapping[str, BookingStatus], *, actor: str) -> None:
        """Note what people changed in bookings after the documents were transferred, by what finance has just told.

        What agrees again counts as mended. Nothing else of the documents is changed.

        :param statuses: by finance id; those of others are left out.
        :param actor: who looked, for the history.
        """
        with self._database.transaction() as connection:
            finance_changes.note(connection, finance_conn, statuses, actor)

    def changed_in_finance(self, scope: Scope) -> list[ChangedDocument]:
        """The transferred documents that finance holds otherwise now, those seen last first."""
        with self._database.transaction() as connection:
            return finance_changes.of_scope(connection, scope)

    def changes_of(self, row: DocumentRow) -> tuple[FinanceChange, ...]:
        """What finance holds otherwise of one transferred document, and nobody has agreed to."""
        with self._database.transaction() as connection:
            return finance_changes.of_document(connection, row)

    def contact_names(self, finance_conn: str, contact_ids: Collection[str]) -> dict[str, str]:
        """The names that the ledger knows of these contacts, by their ids."""
        with self._database.transaction() as connection:
            return single.contact_names(connection, finance_conn, contact_ids)
