"""The contact step: one customer becomes one contact, however many documents name it at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import BridgeError, ContactUnusableError, NeedsHumanError, WakesOn, certainly_not_done
from invoice_bridge_core.ledger import KnownContact
from invoice_bridge_core.ports import Contact

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import ContactCandidate, ContactIdentity, FinanceSystem


class ContactStep:
    """Chooses, makes or updates the contact of a party in one finance system.

    The choice is remembered in the ledger with a fingerprint of the customer's data, so that an unchanged customer
    costs no call. The search and the create happen under locks on everything that two customers may share.
    """

    def __init__(self, finance: FinanceSystem, ledger: Ledger) -> None:
        self._finance = finance
        self._ledger = ledger
        self._warnings: tuple[str, ...] = ()

    def contact_id(self, party: Party) -> str:
        """The contact to book on.

        :raises NeedsHumanError: the contact is archived or another customer's, several fit and the route wants a person
            to choose, or there is none and the finance system lets nobody make one.
        """
        identity = self._finance.contacts.identity(party)
        known = self._ledger.contacts.known(self._finance.conn_id, identity.key)
        if known is not None and known.fingerprint == identity.fingerprint:
            return known.contact_id
        with self._ledger.locked(*identity.lock_keys):
            return self._choose(party, identity)

    def other_than(self, refused_id: str, party: Party) -> str:
        """The contact to book on, where finance no longer accepts the remembered one: what it was merged into, else
        what a new search finds.

        :raises NeedsHumanError: as of `contact_id`.
        """
        identity = self._finance.contacts.identity(party)
        with self._ledger.locked(*identity.lock_keys):
            return self._choose(party, identity, refused_id=refused_id)

    def remembered_id(self, party: Party) -> str | None:
        """The contact chosen earlier for this customer, if there is one; asks nobody."""
        known = self._ledger.contacts.known(self._finance.conn_id, self._finance.contacts.identity(party).key)
        return known.contact_id if known else None

    def choose(self, contact_id: str, party: Party) -> str:
        """Remember the contact that a person chose for this customer; returns its name.

        :raises NeedsHumanError: finance does not list it for the customer, or it is another customer's.
        """
        identity = self._finance.contacts.identity(party)
        with self._ledger.locked(*identity.lock_keys):
            candidates = self.candidates(party)
            chosen = next((one for one in candidates if one.contact_id == contact_id), None)
            if chosen is None:
                raise NeedsHumanError(
                    f"{self._finance.name} shows no active contact {contact_id} that fits '{party.name}' "
                    f"(ref: {party.key}): choose another one"
                )
            self._keep_apart(Contact(chosen.contact_id, chosen.name), party, identity)
            self._ledger.contacts.remember(
                self._finance.conn_id, identity.key, KnownContact(chosen.contact_id, identity.fingerprint, chosen.name)
            )
        return chosen.name

    def candidates(self, party: Party) -> list[ContactCandidate]:
        """The contacts that a person may choose from for this customer."""
        finance = self._finance
        if finance.contact_candidates is None:
            raise NeedsHumanError(f"{finance.name} lists no contacts to choose from")
        return finance.contact_candidates.candidates(party)

    def take_warnings(self) -> tuple[str, ...]:
        """What people should know of the contacts that were chosen since this was asked last."""
        warnings, self._warnings = self._warnings, ()
        return warnings

    def is_successor(self, contact_id: str, of: str) -> bool:
        """Whether a contact was merged, at once or by and by, into this one."""
        merged = self._finance.merged_contacts
        return merged is not None and contact_id in merged.successors([of]).get(of, ())

    def _choose(self, party: Party, identity: ContactIdentity, refused_id: str | None = None) -> str:
        known = self._ledger.contacts.known(self._finance.conn_id, identity.key)
        is_usable = known is not None and known.contact_id != refused_id
        if known is not None and is_usable and known.fingerprint == identity.fingerprint:
            return known.contact_id
        contact = (
            (self._update(known.contact_id, party, identity) if known is not None else None)
            or self._finance.contacts.find(party)
            or self._make(party, identity)
        )
        self._keep_apart(contact, party, identity)
        self._ledger.contacts.remember(
            self._finance.conn_id, identity.key, KnownContact(contact.contact_id, identity.fingerprint, contact.name)
        )
        self._warnings += contact.warnings
        return contact.contact_id

    def _keep_apart(self, contact: Contact, party: Party, identity: ContactIdentity) -> None:
        """Make sure that two customers do not become one contact.

        :raises NeedsHumanError: another customer with another name has this contact.
        """
        if identity.apart_from is None:
            return
        shared = self._ledger.contacts.shared_with(
            self._finance.conn_id,
            contact.contact_id,
            identity.name,
            by_other_than=identity.key,
            among=identity.apart_from,
        )
        if shared is not None:
            key, name = shared
            raise NeedsHumanError(
                f"Customer '{party.name}' (ref: {party.key}) has number {contact.contact_id}, but so has '{name}' "
                f"(ref: {key.rpartition(':')[2]}) in {self._finance.name}. There the two would become one customer: "
                f"give '{party.name}' another number",
                wakes_on=(WakesOn.ENTRY,),
            )

    def _update(self, contact_id: str, party: Party, identity: ContactIdentity) -> Contact | None:
        if (editor := self._finance.contact_editor) is None:
            return None
        try:
            return editor.update(contact_id, party)
        except ContactUnusableError:
            # A choice that finance no longer accepts; the next search starts afresh.
            self._ledger.contacts.forget(self._finance.conn_id, identity.key)
            return None

    def _make(self, party: Party, identity: ContactIdentity) -> Contact:
        conn_id = self._finance.conn_id
        if (editor := self._finance.contact_editor) is None:
            raise NeedsHumanError(
                f"{self._finance.name} has no contact for '{party.name}' (ref: {party.key}): make one there",
                wakes_on=(WakesOn.CONTACT,),
            )
        token, tried_before = self._ledger.contacts.intend(conn_id, identity.key)
        if tried_before:
            if (recovered := editor.recover(party)) is not None:
                return recovered
            # Its customer may have changed since, and one key never goes with two bodies.
            self._ledger.contacts.withdraw_intent(conn_id, identity.key)
            token, _ = self._ledger.contacts.intend(conn_id, identity.key)
        taken = self._ledger.contacts.is_name_taken(conn_id, identity.name, by_other_than=identity.key)
        try:
            return editor.create(party, idempotency_key=token, name_is_taken=taken)
        except BridgeError as error:
            if certainly_not_done(error):
                self._ledger.contacts.withdraw_intent(conn_id, identity.key)
            raise
