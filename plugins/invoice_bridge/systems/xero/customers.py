"""All contacts of a Xero organisation: read by the thousand, written by fifty (contract xero.md, "Contacts")."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.xero.where import equals, packed
from invoice_bridge.systems.xero.contact_card import contact_number, unique_name
from invoice_bridge.systems.xero.contact_search import STABLE_ORDER
from invoice_bridge.systems.xero.contacts import reduced
from invoice_bridge.systems.xero.customer_card import (
    FIELDS,
    MOST_PERSONS,
    PERSON_FIELDS,
    as_kept,
    body_of,
    persons_body,
    read_card,
)
from invoice_bridge_core.errors import NeedsHumanError, OutcomeUnknownError, RefusedError, WakesOn
from invoice_bridge_core.ports.customers import FinanceCustomers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.errors import BridgeError
    from invoice_bridge_core.ports.customers import ContactWrite, PersonWrite
    from invoice_bridge_core.routes.model import Route

_PAGE = 1000
_MOST_TRIES = 5


class XeroCustomers(FinanceCustomers):
    """The contacts of one organisation, as one route keeps them in step."""

    fields = FIELDS
    person_fields = PERSON_FIELDS
    most_persons = MOST_PERSONS
    persons_need_email = True
    lists_changes = True
    most_per_write = 50

    def __init__(self, hook: XeroHook, route: Route) -> None:
        self._hook = hook
        self._route = route
        self.changed_until: dt.datetime | None = None

    def read(
        self, since: dt.datetime | None, known: Mapping[str, str], refresh: Collection[str]
    ) -> Iterator[CustomerCard | str]:
        """One call for a thousand contacts."""
        for page in count(1):
            contacts = self._hook.contacts_page(page, _PAGE, since)
            stamps = [contact.updated for contact in contacts if contact.updated is not None]
            self.changed_until = max(filter(None, (self.changed_until, *stamps)), default=None)
            yield from (read_card(contact) for contact in contacts if contact.contact_id)
            if len(contacts) < _PAGE:
                return

    def card(self, key: str) -> CustomerCard:
        """One contact; one call.

        :raises NotFoundError: there is none.
        """
        return read_card(self._hook.contact(key))

    def reference_for(self, other: CustomerCard) -> str:
        """The contact number by which the transfer finds the contact of the same customer."""
        return contact_number(other.party, self._route)

    def as_kept(self, card: CustomerCard) -> CustomerCard:
        """Cut to Xero's limits, and without what it does not take."""
        return as_kept(card)

    def own_name(self, card: CustomerCard) -> str:
        """The name with the customer's number in brackets."""
        return unique_name(card.party)

    def update(
        self, kept: CustomerCard, wanted: CustomerCard, fields: Collection[str], persons: Sequence[PersonWrite]
    ) -> CustomerCard:
        """One call, and one more for a contact that gets contact persons, whom Xero takes all at once.

        A name or an address that Xero refuses is left out, and with the only address the contact persons.
        """
        changes = body_of(wanted, [field for field in fields if field != "contact_persons"])
        email = None
        if persons:
            there = self.card(kept.key)
            email = there.email
            changes["ContactPersons"] = persons_body(_persons_after(there, persons))
        for _ in range(_MOST_TRIES):
            if not changes:
                return self.card(kept.key)
            try:
                self._hook.update_contact(kept.key, changes)
            except RefusedError as error:
                changes = reduced(changes, error)
                if not (email or changes.get("EmailAddress")):
                    # Nobody is added to a contact without an address.
                    changes.pop("ContactPersons", None)
            else:
                # An answer to a write may show a contact in short.
                return self.card(kept.key)
        raise NeedsHumanError(f"Xero accepts no change of contact '{kept.name}'", wakes_on=(WakesOn.CONTACT,))

    def made_for_many(self, references: Iterable[str]) -> dict[str, CustomerCard]:
        """The contacts with these contact numbers, as many in a call as a question may hold."""
        found: dict[str, CustomerCard] = {}
        for where in packed(equals("ContactNumber", reference) for reference in references):
            contacts = self._hook.contacts(where, order=STABLE_ORDER, what="looking for contacts by their own keys")
            found |= {contact.contact_number: read_card(contact) for contact in contacts if contact.contact_number}
        return found

    def create_many(self, wanted: Sequence[CustomerCard], *, idempotency_key: str) -> list[CustomerCard | BridgeError]:
        """Make contacts under the numbers that stand in the cards' references; one call."""
        bodies = [{**created_body(card), "ContactNumber": card.external_reference} for card in wanted]
        return self._save(bodies, idempotency_key)

    def update_many(self, writes: Sequence[ContactWrite], *, idempotency_key: str) -> list[CustomerCard | BridgeError]:
        """Change contacts; one call. Contact persons are not among what is changed."""
        bodies = [{**body_of(write.wanted, write.fields), "ContactID": write.kept.key} for write in writes]
        return self._save(bodies, idempotency_key)

    def _save(self, bodies: Sequence[dict[str, Any]], idempotency_key: str) -> list[CustomerCard | BridgeError]:
        outcomes: list[CustomerCard | BridgeError] = []
        for saved in self._hook.save_contacts(bodies, idempotency_key):
            if saved.contact is not None:
                outcomes.append(read_card(saved.contact))
            else:
                outcomes.append(saved.error or OutcomeUnknownError("Xero says nothing of a contact that it was sent"))
        return outcomes


def created_body(card: CustomerCard) -> dict[str, Any]:
    """A new contact with all that is known of it."""
    body = body_of(card, FIELDS)
    if not card.contact_persons:
        del body["ContactPersons"]
    if card.address.is_empty or card.invoice_address.is_empty:
        body["Addresses"] = [
            one for one in body["Addresses"] if any(one[part] for part in one if part != "AddressType")
        ]
    if not card.phone:
        del body["Phones"]
    return {name: value for name, value in body.items() if value not in ("", [])}


def _persons_after(kept: CustomerCard, persons: Sequence[PersonWrite]) -> list[Any]:
    """Everybody who is there, as they will be, and those who are new behind them."""
    changed = [person for person in persons if person.kept is not None]
    after = []
    for one in kept.contact_persons:
        # Of those whom nothing tells apart, each change goes to one.
        write = next((each for each in changed if _told_by(each.kept) == _told_by(one)), None)
        if write is not None:
            changed.remove(write)
        news = {} if write is None else {field: getattr(write.wanted, field) for field in write.fields}
        after.append(one.model_copy(update={field: value for field, value in news.items() if field in PERSON_FIELDS}))
    after += [person.wanted for person in persons if person.kept is None]
    return after[: max(MOST_PERSONS, len(kept.contact_persons))]


def _told_by(person: Any) -> tuple[str | None, ...]:
    return (person.first_name, person.last_name, person.email)
