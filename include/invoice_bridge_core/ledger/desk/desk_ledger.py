"""What the page of all documents asks the ledger. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.ledger.desk import listing, single

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page, Scope
    from invoice_bridge_core.ledger.desk.listing import Listed
    from invoice_bridge_core.ledger.documents.row import DocumentRow


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
