"""Finding, making and updating contacts (contract xero.md, "Contacts"; seed 002, "How contacts are matched").

Customers are found by tax number, else by e-mail address, unless that contact has another company's tax number; else by
name, where nothing contradicts. Bookers are found by e-mail address alone. Nothing can be booked on an archived
contact, and a second one beside it would be a duplicate, so a person has to restore it; one that was merged leads to
another.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.xero.contact_card import (
    contact_card,
    contact_identity,
    contact_name,
    contact_number,
    differences,
    unique_name,
)
from invoice_bridge.systems.xero.contact_matching import is_own
from invoice_bridge.systems.xero.contact_search import ContactSearch
from invoice_bridge_core.documents.comparable import ascii_domain
from invoice_bridge_core.documents.several_contacts import several_contacts
from invoice_bridge_core.errors import ContactUnusableError, NeedsHumanError, NotFoundError, RefusedError, WakesOn
from invoice_bridge_core.ports import Contact, ContactCandidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroContact
    from invoice_bridge.systems.xero.contact_search import Others
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ports import ContactIdentity
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)

_MOST_MERGES = 10
_MOST_TRIES = 5
_ON_CONTACT = (WakesOn.CONTACT,)


class XeroContacts:
    """The contacts of one Xero organisation, as one route uses them: finds, makes and updates them."""

    def __init__(
        self, hook: XeroHook, route: Route, *, hold_ambiguous: bool, search: ContactSearch | None = None
    ) -> None:
        self._hook = hook
        self._route = route
        self._hold_ambiguous = hold_ambiguous
        self._search = search or ContactSearch(hook, route)
        self._is_finance_master = route.customers is not None and not route.customers.is_source_master
        self._looked: dict[str, Others] = {}
        """What `find` has just seen, so that the `create` that follows need not ask again."""

    def identity(self, party: Party) -> ContactIdentity:
        """What makes this party one contact."""
        return contact_identity(party, self._route)

    def find(self, party: Party) -> Contact | None:
        """The contact that belongs to the party by tax number, our own key or e-mail address, brought up to date.

        :return: `None` when there is none; one that only has the party's name is taken by `create`.
        :raises NeedsHumanError: the only one is archived, or several fit and the route wants a person to choose.
        """
        by_tax_number = self._search.with_tax_number(party)
        if any(contact.is_active for contact in by_tax_number):
            return self._chosen(by_tax_number, party)
        if any(contact.merged_to for contact in by_tax_number):
            # Before the e-mail address, which sister companies may share. One that is merely archived, as a duplicate
            # may be, leads nowhere, and the address is what is left (seed 002).
            return self._successor(by_tax_number, party)
        others = self._looked[party.key] = self._search.otherwise(party)
        for hits in (others.own, others.by_number, others.by_email):
            if any(contact.is_active for contact in hits):
                return self._chosen(hits, party)
        return self._successor([*by_tax_number, *others.own, *others.by_number, *others.by_email], party)

    def _chosen(self, hits: Iterable[XeroContact], party: Party) -> Contact:
        """The first active one, as Xero returns them (seed 002)."""
        active = [contact for contact in hits if contact.is_active]
        if len(active) > 1 and self._hold_ambiguous:
            text = several_contacts("Xero", party, [hit.name for hit in active])
            raise NeedsHumanError(text, wakes_on=_ON_CONTACT)
        return self._up_to_date(active[0], party)

    def candidates(self, party: Party) -> list[ContactCandidate]:
        """The active contacts that fit the party in any way, the surest first; two calls."""
        others = self._search.otherwise(party)
        groups = (self._search.with_tax_number(party), others.own, others.by_number, others.by_email, others.namesakes)
        found = {one.contact_id: one for group in groups for one in group if one.contact_id and one.is_active}
        return [
            ContactCandidate(contact_id, one.name, _details(one)) for contact_id, one in found.items() if contact_id
        ]

    def _successor(self, hits: Iterable[XeroContact], party: Party) -> Contact | None:
        """The contact that an archived one was merged into; `None` when nothing was found at all.

        :raises NeedsHumanError: there is none that could be booked on.
        """
        archived = [contact for contact in hits if not contact.is_active]
        for contact in archived:
            if contact.merged_to is not None:
                try:
                    return self._up_to_date(self._usable(contact.merged_to), party)
                except ContactUnusableError as error:
                    raise NeedsHumanError(
                        f"Contact '{contact.name}', which belongs to '{party.name}' (ref: {party.key}), was merged in "
                        "Xero into one that is archived now: restore that one there",
                        wakes_on=_ON_CONTACT,
                    ) from error
        if archived:
            raise NeedsHumanError(
                f"Contact '{archived[0].name}', which belongs to '{party.name}' (ref: {party.key}), is archived in "
                "Xero: restore it there",
                wakes_on=_ON_CONTACT,
            )
        return None

    def recover(self, party: Party) -> Contact | None:
        """The contact that carries the party's own key: made by an attempt whose answer was lost."""
        hits = self._search.own(party)
        return as_contact(hits[0], created=True) if hits else None

    def create(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """Make a contact, or take the one that is called like the party, where nothing says that it is another's.

        A definite refusal for its name or e-mail address is answered with another body.

        :param name_is_taken: whether the name is known to be another customer's.
        :raises NeedsHumanError: an archived contact stands in the way.
        """
        if not name_is_taken and (namesake := self._seen_namesake(party)) is not None:
            return namesake
        body = self._new_body(party, name_is_taken=name_is_taken)
        for attempt in range(_MOST_TRIES):
            key = idempotency_key if attempt == 0 else f"{idempotency_key}/{attempt}"
            try:
                made = self._hook.create_contact(body, idempotency_key=key)
            except RefusedError as error:
                if attempt == 0 and not name_is_taken and _is_name_taken(error):
                    looked = self._search.otherwise(party)
                    if (namesake := self._namesake(looked, party)) is not None:
                        return namesake
                body = _amended(body, party, error)
            else:
                return as_contact(made, created=True, warnings=_left_out(body, party))
        raise NeedsHumanError(f"Xero accepts no contact for '{party.name}' (ref: {party.key})", wakes_on=_ON_CONTACT)

    def _seen_namesake(self, party: Party) -> Contact | None:
        """The contact that `find` has just seen, and that only has the party's name."""
        looked = self._looked.pop(party.key, None)
        return None if looked is None else self._namesake(looked, party)

    def _new_body(self, party: Party, *, name_is_taken: bool) -> dict[str, Any]:
        body = {**contact_card(party), "ContactNumber": contact_number(party, self._route)}
        return {**body, "Name": unique_name(party)} if name_is_taken else body

    def _namesake(self, looked: Others, party: Party) -> Contact | None:
        if any(contact.is_active for contact in looked.namesakes):
            return self._chosen(looked.namesakes, party)
        return self._successor((contact for contact in looked.namesakes if contact.merged_to), party)

    def update(self, contact_id: str, party: Party) -> Contact:
        """Bring a remembered contact up to date, or the one that it was merged into.

        :raises ContactUnusableError: it is archived or gone.
        """
        return self._up_to_date(self._usable(contact_id), party)

    def successors(self, contact_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The contacts into which these were merged, one after the other; those that were not merged are left out.

        40 contacts a call, and once more for each further merge.
        """
        next_of: dict[str, str] = {}
        asked: set[str] = set()
        wanted = set(contact_ids)
        while wanted:
            found = self._hook.contacts_by_id(sorted(wanted), what=f"asking for {len(wanted)} contacts")
            next_of |= {one.contact_id: one.merged_to for one in found if one.contact_id and one.merged_to}
            asked |= wanted
            wanted = {next_of[each] for each in wanted if each in next_of} - asked
        return {each: _followed(each, next_of) for each in contact_ids if each in next_of}

    def _usable(self, contact_id: str) -> XeroContact:
        wanted = contact_id
        for _ in range(_MOST_MERGES):
            try:
                found = self._hook.contact(wanted)
            except NotFoundError as error:
                raise ContactUnusableError(f"Contact {wanted} is no longer in Xero") from error
            if found.merged_to is None or found.merged_to == found.contact_id:
                break
            wanted = found.merged_to
        if not found.is_active or found.contact_id is None:
            raise ContactUnusableError(f"Contact '{found.name}' ({wanted}) is archived or merged in Xero")
        return found

    def _changes(self, found: XeroContact, party: Party) -> dict[str, Any]:
        """What the contact lacks of the party's card, as far as the route may change it."""
        # A person who books must not rename the company that the e-mail address belongs to.
        is_ours = is_own(found, party, self._route)
        is_masters = not party.is_booker and self._is_finance_master
        return differences(found, party) if (is_ours or not party.is_booker) and not is_masters else {}

    def _up_to_date(self, found: XeroContact, party: Party) -> Contact:
        changes = self._changes(found, party)
        sent = dict(changes)
        for _ in range(_MOST_TRIES):
            if not changes or found.contact_id is None:
                break
            try:
                found = self._hook.update_contact(found.contact_id, changes)
                break
            except RefusedError as error:
                changes = reduced(changes, error)
        else:
            raise NeedsHumanError(
                f"Xero accepts no change of contact '{found.name}', which belongs to '{party.name}' (ref: {party.key})",
                wakes_on=_ON_CONTACT,
            )
        return as_contact(found, warnings=_left_out(changes, party) if "EmailAddress" in sent else ())


def _amended(body: dict[str, Any], party: Party, error: RefusedError) -> dict[str, Any]:
    """Another body for a party whose first one was refused; raises when there is none."""
    if _is_archived(error):
        raise NeedsHumanError(
            f"Contact '{contact_name(party)}' is archived in Xero: restore it there, or give the customer "
            f"(ref: {party.key}) another name",
            wakes_on=(WakesOn.CONTACT, WakesOn.ENTRY),
        ) from error
    if _is_name_taken(error) and body["Name"] != unique_name(party):
        return {**body, "Name": unique_name(party)}
    if _is_email_refused(error) and "EmailAddress" in body:
        return _with_other_email(body)
    raise error


def reduced(changes: dict[str, Any], error: RefusedError) -> dict[str, Any]:
    """The changes without what was refused; raises when that cannot be told."""
    if _is_archived(error):
        raise ContactUnusableError(str(error), reasons=error.reasons) from error
    if _is_name_taken(error) and "Name" in changes:
        log.warning("A contact keeps its name in Xero: another one is called '%s'", changes["Name"])
        return {field: value for field, value in changes.items() if field != "Name"}
    if _is_email_refused(error) and "EmailAddress" in changes:
        return _with_other_email(changes)
    raise error


def _with_other_email(body: dict[str, Any]) -> dict[str, Any]:
    """The body with the domain as DNS knows it; without an address where that was refused too."""
    local, _, domain = body["EmailAddress"].rpartition("@")
    encoded = f"{local}@{ascii_domain(domain)}"
    if encoded != body["EmailAddress"]:
        return {**body, "EmailAddress": encoded}
    return {field: value for field, value in body.items() if field != "EmailAddress"}


def _left_out(body: dict[str, Any], party: Party) -> tuple[str, ...]:
    """What people should know of a body from which the address was taken."""
    email = contact_card(party).get("EmailAddress")
    if email is None or "EmailAddress" in body:
        return ()
    return (
        f"Xero does not take '{email}', the e-mail address of '{party.name}' (ref: {party.key}), and the contact "
        "there goes without it",
    )


def _followed(contact_id: str, next_of: Mapping[str, str]) -> tuple[str, ...]:
    chain = [contact_id]
    while (following := next_of.get(chain[-1])) is not None and following not in chain:
        chain.append(following)
    return tuple(chain[1:])


def _is_archived(error: RefusedError) -> bool:
    return _says(error, "archived")


def _is_email_refused(error: RefusedError) -> bool:
    return _says(error, "email address must be valid")


def _is_name_taken(error: RefusedError) -> bool:
    return any(
        ("already assigned to another contact" in reason or "must be unique" in reason)
        and "contact number" not in reason
        for reason in map(str.casefold, error.reasons)
    )


def _says(error: RefusedError, text: str) -> bool:
    return any(text in reason.casefold() for reason in error.reasons)


def _details(contact: XeroContact) -> tuple[str, ...]:
    place = next((one for one in contact.addresses or () if one.city or one.postal_code), None)
    where = " ".join(filter(None, (place.postal_code, place.city))) if place is not None else None
    return tuple(filter(None, (contact.account_number, contact.tax_number, contact.email, where)))


def as_contact(found: XeroContact, *, created: bool = False, warnings: tuple[str, ...] = ()) -> Contact:
    """Xero's contact as the core knows it."""
    return Contact(contact_id=found.contact_id or "", name=found.name, created=created, warnings=warnings)
