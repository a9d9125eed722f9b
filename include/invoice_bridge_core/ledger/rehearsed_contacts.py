"""The choices of contacts as a dry run foresees them, over those of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.ledger.contacts import ContactLedger, KnownContact, fold
from invoice_bridge_core.ledger.database.tables import contacts
from invoice_bridge_core.ledger.foreseen import ForeseenContact

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from invoice_bridge_core.ledger.database.database import Database
    from invoice_bridge_core.ledger.foreseen import Foreseen


class RehearsedContacts(ContactLedger):
    """What one document would choose is kept in memory, over what the documents before it would choose.

    :param others: what the dry run foresees of other documents.
    """

    def __init__(self, database: Database, others: Callable[[], Sequence[Foreseen]]) -> None:
        super().__init__(database)
        self._others = others
        self._intended: dict[tuple[str, str], bool] = {}
        self._forgotten: set[str] = set()
        self._before: dict[str, ForeseenContact] | None = None
        self.chosen: dict[str, ForeseenContact] = {}
        """What the document would choose, by customer; a route books in one finance connection."""

    def known(self, finance_conn: str, key: str) -> KnownContact | None:
        """The contact that would be chosen for the customer by now."""
        if key in self._forgotten:
            return None
        foreseen = self._foreseen(finance_conn).get(key)
        if foreseen is None:
            return super().known(finance_conn, key)
        return KnownContact(foreseen.contact_id, foreseen.fingerprint, foreseen.name)

    def remember(self, finance_conn: str, key: str, contact: KnownContact) -> None:
        """Keep the choice in memory."""
        over = self._noted_at(finance_conn, [key]).get(key)
        self.chosen[key] = ForeseenContact(contact.contact_id, contact.fingerprint, contact.name, over)
        self._forgotten.discard(key)

    def forget(self, finance_conn: str, key: str) -> None:
        """Drop the choice in memory."""
        self._forgotten.add(key)

    def is_name_taken(self, finance_conn: str, name: str, by_other_than: str) -> bool:
        """Whether another customer's contact would have the name by now."""
        foreseen = self._foreseen(finance_conn)
        if any(fold(one.name) == fold(name) for key, one in foreseen.items() if key != by_other_than):
            return True
        return self._is_name_taken(finance_conn, name, {by_other_than, *foreseen})

    def shared_with(
        self, finance_conn: str, contact_id: str, name: str, *, by_other_than: str, among: str
    ) -> tuple[str, str] | None:
        """Key and name of another customer who would have the contact by now."""
        foreseen = self._foreseen(finance_conn)
        shared = [
            (key, one.name)
            for key, one in foreseen.items()
            if one.contact_id == contact_id
            and fold(one.name) != fold(name)
            and key != by_other_than
            and key.startswith(among)
        ]
        noted = self._shared_with(finance_conn, contact_id, name, {by_other_than, *foreseen}, among)
        return min(filter(None, [noted, *shared]), default=None)

    def intend(self, finance_conn: str, key: str) -> tuple[str, bool]:
        """What an intent would be told."""
        before = self._intended.get((finance_conn, key))
        was_there = self._has_intent(finance_conn, key) if before is None else before
        self._intended[finance_conn, key] = True
        return "dry run", was_there

    def withdraw_intent(self, finance_conn: str, key: str) -> None:
        """Drop the intent in memory."""
        self._intended[finance_conn, key] = False

    def _foreseen(self, finance_conn: str) -> dict[str, ForeseenContact]:
        """The choices that would be made by now and that the ledger does not have yet."""
        if self._before is None:
            self._before = {key: one for other in self._others() for key, one in other.contacts.items()}
        noted_at = self._noted_at(finance_conn, self._before)
        standing = {key: one for key, one in self._before.items() if one.over == noted_at.get(key)}
        return {**standing, **self.chosen}

    def _noted_at(self, finance_conn: str, keys: Collection[str]) -> dict[str, str]:
        """When the ledger's choices for these customers were noted."""
        if not keys:
            return {}
        query = sa.select(contacts.c.contact_key, contacts.c.updated_at).where(
            contacts.c.finance_conn == finance_conn, contacts.c.contact_key.in_(list(keys))
        )
        with self._database.transaction() as connection:
            return {key: str(updated_at) for key, updated_at in connection.execute(query).tuples()}

    def _has_intent(self, finance_conn: str, key: str) -> bool:
        query = sa.select(contacts.c.intent_token).where(
            contacts.c.finance_conn == finance_conn, contacts.c.contact_key == key
        )
        with self._database.transaction() as connection:
            return connection.scalar(query) is not None
