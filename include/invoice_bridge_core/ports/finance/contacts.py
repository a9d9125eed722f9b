"""The customers of documents as contacts of a finance system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ports.records import Contact, ContactCandidate, ContactIdentity


class Contacts(Protocol):
    """Says which contact belongs to a customer."""

    def identity(self, party: Party) -> ContactIdentity:
        """What makes this party one contact."""

    def find(self, party: Party) -> Contact | None:
        """The contact that belongs to the party by the contract's rules; brought up to date where it differs.

        :raises NeedsHumanError: several fit and the route wants a person to choose.
        """


class ContactEditor(Protocol):
    """Makes and updates contacts, where the finance system keeps them apart from its documents."""

    def recover(self, party: Party) -> Contact | None:
        """The contact that an earlier attempt may have made before its answer was lost."""

    def create(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """Make a contact for the party, or take one that only has its name; under a name of its own when it is taken.

        :param name_is_taken: whether another customer has the name already.
        """

    def update(self, contact_id: str, party: Party) -> Contact:
        """Bring a contact up to date with the party's data.

        :raises ContactUnusableError: it was archived, merged or deleted.
        """


class ContactCandidates(Protocol):
    """Lists the contacts that may be a party's, for a person to choose one."""

    def candidates(self, party: Party) -> list[ContactCandidate]:
        """Those that documents can be booked on, the surest first; asked for anew, and nothing is written."""


class ForeseenContacts(Contacts, ContactEditor, Protocol):
    """The same, for a dry run: reads as much, answers as if it had written, and writes nothing."""


class MergedContacts(Protocol):
    """Says what became of contacts that were merged into others, where people can do that."""

    def successors(self, contact_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The contacts into which these were merged, one after the other; those that were not merged are left out."""
