"""Choosing, making and updating the contacts of many customers in few calls, by the rules of single ones."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.xero.contact_calls import MOST_PER_PAGE
from invoice_bridge.hooks.xero.where import equals, packed
from invoice_bridge.systems.xero.contact_card import contact_number
from invoice_bridge.systems.xero.contact_search import STABLE_ORDER, ContactSearch
from invoice_bridge.systems.xero.contacts import XeroContacts, as_contact
from invoice_bridge_core.errors import HeldError, NotFoundError, OutcomeUnknownError, RefusedError
from invoice_bridge_core.ports.finance.batches import PlannedContact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroContact
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.errors import BridgeError
    from invoice_bridge_core.ports import Contact
    from invoice_bridge_core.routes.model import Route


_FEW_QUESTIONS = 2
"""So many questions are asked before it is tried to read all contacts."""


class XeroContactBatches:
    """The contacts of one Xero organisation, as one route uses them, many in a call."""

    def __init__(self, hook: XeroHook, route: Route, *, hold_ambiguous: bool) -> None:
        self._hook = hook
        self._route = route
        self._hold_ambiguous = hold_ambiguous
        self._one_call_reads_all = True

    def plan(
        self, parties: Sequence[tuple[Party, str | None]], is_name_taken: Callable[[Party], bool]
    ) -> list[Contact | PlannedContact | None]:
        """What Xero has of each customer, and what has to be written: as many customers in a call as a question holds.

        :raises RefusedError: Xero does not take such a question.
        """
        search = _PooledSearch(self._hook, self._route)
        new = [party for party, contact_id in parties if contact_id is None]
        self._one_call_reads_all = search.fill(new, whole=self._one_call_reads_all)
        known_ids = [contact_id for _, contact_id in parties if contact_id is not None]
        found = self._hook.contacts_by_id(known_ids, what=f"asking for {len(known_ids)} contacts")
        known = {one.contact_id: one for one in found}
        planner = _Planner(self._hook, self._route, hold_ambiguous=self._hold_ambiguous, search=search)
        return [
            planner.planned(party, is_name_taken) if contact_id is None else planner.kept(known.get(contact_id), party)
            for party, contact_id in parties
        ]

    def save(self, planned: Sequence[PlannedContact], *, idempotency_key: str) -> list[Contact | BridgeError]:
        """Write contacts: one call."""
        bodies = [{**one.body, **({"ContactID": one.contact_id} if one.contact_id else {})} for one in planned]
        outcomes: list[Contact | BridgeError] = []
        for saved in self._hook.save_contacts(bodies, idempotency_key):
            if saved.contact is not None:
                outcomes.append(as_contact(saved.contact, created=True))
            else:
                outcomes.append(saved.error or OutcomeUnknownError("Xero says nothing of a contact that it was sent"))
        return outcomes

    def made(self, parties: Sequence[Party]) -> list[Contact | None]:
        """The active contacts that we made for these customers, as many in a call as a question holds."""
        numbers = dict.fromkeys(contact_number(party, self._route) for party in parties)
        what = f"looking for {len(numbers)} contacts by their own keys"
        found = {
            contact.contact_number: contact
            for where in packed(equals("ContactNumber", number) for number in numbers)
            for contact in self._hook.contacts(where, order=STABLE_ORDER, what=what)
            if contact.is_active and contact.contact_id
        }
        made = (found.get(contact_number(party, self._route)) for party in parties)
        return [None if contact is None else as_contact(contact, created=True) for contact in made]


class _PooledSearch(ContactSearch):
    """Asks for many customers beforehand; each search then looks through what was found."""

    def __init__(self, hook: XeroHook, route: Route) -> None:
        super().__init__(hook, route)
        self._pool: dict[tuple[str, str], dict[str, XeroContact]] = {}

    def fill(self, parties: Sequence[Party], *, whole: bool) -> bool:
        """Get all contacts that may be one of these customers.

        :param whole: whether all contacts may be read, where that may take fewer calls than asking for each customer.
        :return: whether that is so: that one call reads all contacts.
        """
        conditions: dict[str, None] = {}
        for party in parties:
            conditions |= dict.fromkeys((*self.tax_conditions(party), *self.other_conditions(party)))
        questions = list(packed(conditions))
        if whole and len(questions) > _FEW_QUESTIONS:
            contacts = self._hook.contacts_page(1)
            whole = len(contacts) < MOST_PER_PAGE
            if whole:
                self._add(contacts)
                return True
        what = f"looking for the contacts of {len(parties)} customers"
        for where in questions:
            self._add(super()._contacts(where, what))
        return whole

    def _ask(self, conditions: Sequence[str], is_enough: Callable[[XeroContact], bool], what: str) -> list[XeroContact]:
        """Those that Xero would find. Whoever asks compares them, so that one too many does no harm."""
        found: dict[str, XeroContact] = {}
        for condition in conditions:
            field, _, value = condition.partition('=="')
            found |= self._pool.get((field, _likeness(value.removesuffix('"'))), {})
        return [found[contact_id] for contact_id in sorted(found)]

    def _add(self, contacts: Sequence[XeroContact]) -> None:
        for contact in contacts:
            for field, value in (
                ("TaxNumber", contact.tax_number),
                ("EmailAddress", contact.email),
                ("ContactNumber", contact.contact_number),
                ("AccountNumber", contact.account_number),
                ("Name", contact.name),
            ):
                if value and contact.contact_id:
                    self._pool.setdefault((field, _likeness(value)), {})[contact.contact_id] = contact


def _likeness(value: str) -> str:
    """The same for what a database may take for equal: without case, accents, and blanks at the ends."""
    parted = unicodedata.normalize("NFKD", value.casefold())
    return " ".join("".join(sign for sign in parted if not unicodedata.combining(sign)).split())


class _Planner(XeroContacts):
    """Finds as ever, and keeps what would be changed instead of sending it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wanted: dict[str, Any] = {}

    def planned(self, party: Party, is_name_taken: Callable[[Party], bool]) -> Contact | PlannedContact | None:
        """The contact of a customer for whom none was chosen before."""
        try:
            found = self.find(party)
            is_taken = found is None and is_name_taken(party)
            if found is None and not is_taken:
                found = self._seen_namesake(party)
        except (HeldError, RefusedError, NotFoundError):
            return None
        if found is None:
            return PlannedContact(party, None, self._new_body(party, name_is_taken=is_taken))
        return self._with_changes(found, party)

    def kept(self, found: XeroContact | None, party: Party) -> Contact | PlannedContact | None:
        """The contact that was chosen before; `None` where it is gone, archived or merged."""
        if found is None or not found.is_active or found.merged_to not in (None, found.contact_id):
            return None
        return self._with_changes(self._up_to_date(found, party), party)

    def _with_changes(self, found: Contact, party: Party) -> Contact | PlannedContact:
        changes = self._wanted.pop(party.key, None)
        return PlannedContact(party, found.contact_id, changes) if changes else found

    def _up_to_date(self, found: XeroContact, party: Party) -> Contact:
        self._wanted[party.key] = self._changes(found, party)
        return as_contact(found)
