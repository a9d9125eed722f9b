"""The contact step of many documents at once: looked for in few calls, made in one.

A customer whose contact cannot be settled in this way is left to its documents' own tasks, which know other ways. The
locks are those of the contact step, so that nobody makes the same contact meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import (
    BridgeError,
    HeldError,
    LedgerError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
    certainly_not_done,
)
from invoice_bridge_core.ledger import KnownContact
from invoice_bridge_core.ports.finance.batches import PlannedContact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ports import Contact, ContactIdentity
    from invoice_bridge_core.ports.finance.batches import ContactBatches
    from invoice_bridge_core.transfer.ahead.member import Member
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

LOCK_SECONDS = 15
"""How long another task's work on a contact is waited for; its documents then go alone."""


@dataclass(frozen=True)
class _Customer:
    party: Party
    identity: ContactIdentity


class ContactsAhead:
    """Settles the contacts of the members of batches of one route."""

    def __init__(self, session: RouteSession, batches: ContactBatches) -> None:
        self._ledger, self._finance = session.ledger, session.finance
        self._conn_id = session.finance.conn_id
        self._batches = batches

    def settled(self, members: Sequence[Member]) -> list[Member]:
        """Those members whose contacts are known now.

        :raises BridgeError: an outage or a limit.
        """
        customers = [
            (member, _Customer(party, self._finance.contacts.identity(party)))
            for member in members
            if (party := member.document.party) is not None
        ]
        known = self._known([customer for _, customer in customers])
        missing = _most_named([customer for _, customer in customers if customer.identity.key not in known])
        if missing:
            self._settle(_apart(missing))
            known |= self._known(missing)
        ready = []
        for member, customer in customers:
            contact = known.get(customer.identity.key)
            # Two documents may name one customer with different data.
            if contact is not None and contact.fingerprint == customer.identity.fingerprint:
                member.contact_id = contact.contact_id
                ready.append(member)
            else:
                log.info("%s is left to its own task, which looks for its contact", member.document.label)
        return ready

    def _known(self, customers: Sequence[_Customer]) -> dict[str, KnownContact]:
        """The chosen contacts that have the data of one of these customers, by key."""
        wanted = {(customer.identity.key, customer.identity.fingerprint) for customer in customers}
        found = self._ledger.contacts.known_among(self._conn_id, list({key for key, _ in wanted}))
        return {key: contact for key, contact in found.items() if (key, contact.fingerprint) in wanted}

    def _settle(self, customers: Sequence[_Customer]) -> None:
        keys = {key for customer in customers for key in customer.identity.lock_keys}
        try:
            with self._ledger.locked(*sorted(keys), seconds=LOCK_SECONDS):
                self._settle_locked(customers)
        except (RefusedError, HeldError, TransientError) as error:
            if isinstance(error, TransientError) and error.conn_id is not None:
                raise
            log.info("Contacts are left to the documents' own tasks: %s", error)

    def _settle_locked(self, customers: Sequence[_Customer]) -> None:
        chosen = self._ledger.contacts.known_among(self._conn_id, [one.identity.key for one in customers])
        # Another task may have settled some of them a moment ago.
        customers = [
            one
            for one in customers
            if (found := chosen.get(one.identity.key)) is None or found.fingerprint != one.identity.fingerprint
        ]
        by_party = {id(one.party): one for one in customers}
        wanted = [
            (one.party, found.contact_id if (found := chosen.get(one.identity.key)) else None) for one in customers
        ]
        new: list[PlannedContact] = []
        changed: list[PlannedContact] = []
        for one, planned in zip(customers, self._batches.plan(wanted, self._is_name_taken), strict=True):
            if isinstance(planned, PlannedContact):
                (new if planned.contact_id is None else changed).append(planned)
            elif planned is not None:
                self._remember(one, planned)
        self._save_changed(changed, by_party)
        self._make([(by_party[id(planned.party)], planned) for planned in new])

    def _save_changed(self, planned: Sequence[PlannedContact], by_party: Mapping[int, _Customer]) -> None:
        if not planned:
            return
        try:
            outcomes = self._batches.save(planned, idempotency_key=uuid.uuid4().hex)
        except OutcomeUnknownError as error:
            # Doing it twice does no harm, so their own tasks bring them up to date.
            log.info("Contacts are left to the documents' own tasks: %s", error)
            return
        for one, outcome in zip(planned, outcomes, strict=True):
            if not isinstance(outcome, BridgeError):
                self._remember(by_party[id(one.party)], outcome)

    def _make(self, planned: Sequence[tuple[_Customer, PlannedContact]]) -> None:
        """Make new contacts, each intended before it is sent; one that may have been made before is left."""
        intents = [
            (customer, contact, *self._ledger.contacts.intend(self._conn_id, customer.identity.key))
            for customer, contact in planned
        ]
        fresh = [(customer, contact, token) for customer, contact, token, was_tried in intents if not was_tried]
        if not fresh:
            return
        customers, contacts, tokens = zip(*fresh, strict=True)
        try:
            key = _key([contact.body for contact in contacts], tokens)
            outcomes = self._batches.save(contacts, idempotency_key=key)
        except LedgerError:
            raise
        except BridgeError as error:
            if not certainly_not_done(error):
                log.warning("%s. The contacts are looked for by their own keys", error)
                self._look_up(customers)
                return
            self._withdraw(customers)
            raise
        for customer, outcome in zip(customers, outcomes, strict=True):
            if not isinstance(outcome, BridgeError):
                self._remember(customer, outcome)
        self._withdraw(
            customer
            for customer, outcome in zip(customers, outcomes, strict=True)
            if isinstance(outcome, BridgeError) and certainly_not_done(outcome)
        )

    def _withdraw(self, customers: Iterable[_Customer]) -> None:
        for customer in customers:
            self._ledger.contacts.withdraw_intent(self._conn_id, customer.identity.key)

    def _look_up(self, customers: Sequence[_Customer]) -> None:
        """Remember those that were made after all; the others keep their intents, and their tasks look again."""
        made = self._batches.made([customer.party for customer in customers])
        for customer, contact in zip(customers, made, strict=True):
            if contact is not None:
                self._remember(customer, contact)

    def _remember(self, customer: _Customer, contact: Contact) -> None:
        identity = customer.identity
        if identity.apart_from is not None and self._is_shared(identity, contact):
            return
        known = KnownContact(contact.contact_id, identity.fingerprint, contact.name)
        self._ledger.contacts.remember(self._conn_id, identity.key, known)

    def _is_shared(self, identity: ContactIdentity, contact: Contact) -> bool:
        shared = self._ledger.contacts.shared_with(
            self._conn_id,
            contact.contact_id,
            identity.name,
            by_other_than=identity.key,
            among=identity.apart_from or "",
        )
        return shared is not None

    def _is_name_taken(self, party: Party) -> bool:
        identity = self._finance.contacts.identity(party)
        return self._ledger.contacts.is_name_taken(self._conn_id, identity.name, by_other_than=identity.key)


def _most_named(customers: Sequence[_Customer]) -> list[_Customer]:
    """Each customer once: of several writings the one that most documents have."""
    writings = Counter((customer.identity.key, customer.identity.fingerprint) for customer in customers)
    chosen: dict[str, _Customer] = {}
    for customer in sorted(customers, key=lambda one: -writings[one.identity.key, one.identity.fingerprint]):
        chosen.setdefault(customer.identity.key, customer)
    return list(chosen.values())


def _apart(customers: Iterable[_Customer]) -> list[_Customer]:
    """Those that can be no one contact: of several that share a name, an address or a tax number, the first."""
    taken: set[str] = set()
    apart = []
    for customer in customers:
        if taken.isdisjoint(customer.identity.lock_keys):
            apart.append(customer)
        taken.update(customer.identity.lock_keys)
    return apart


def _key(bodies: Sequence[Mapping[str, object]], tokens: Sequence[str]) -> str:
    """The same key for the same bytes of the same intents."""
    text = json.dumps([list(map(dict, bodies)), list(tokens)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
