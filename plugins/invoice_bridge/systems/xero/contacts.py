"""Finding, making and updating contacts (contract xero.md, "Contacts"; seed 002, "How contacts are matched").

Customers are found by tax number, else by e-mail address, unless that contact has another company's tax number; bookers
by e-mail address alone. Nothing can be booked on an archived contact, and a second one beside it would be a duplicate,
so a person has to restore it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.xero.where import any_of, can_be_asked, equals
from invoice_bridge.systems.xero.contact_card import (
    contact_card,
    contact_identity,
    contact_name,
    contact_number,
    differences,
    is_same_email,
    unique_name,
)
from invoice_bridge.systems.xero.email_addresses import usable_email
from invoice_bridge.systems.xero.tax_numbers import names_another, same_tax_number, tax_number_core, tax_number_writings
from invoice_bridge_core.errors import ContactUnusableError, NeedsHumanError, NotFoundError, RefusedError
from invoice_bridge_core.ports import Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroContact
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ports import ContactIdentity
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)

STABLE_ORDER = "ContactID"
"""Xero's own order is by last update, so that updating the match would move it; an id never changes."""
_MOST_MERGES = 10
_MOST_CREATES = 3


class XeroContacts:
    """The contacts of one Xero organisation, as one route uses them: finds, makes and updates them."""

    def __init__(self, hook: XeroHook, route: Route, *, hold_ambiguous: bool) -> None:
        self._hook = hook
        self._route = route
        self._hold_ambiguous = hold_ambiguous

    def identity(self, party: Party) -> ContactIdentity:
        """What makes this party one contact."""
        return contact_identity(party, self._route)

    def find(self, party: Party) -> Contact | None:
        """The contact that belongs to the party, brought up to date; `None` when there is none.

        :raises NeedsHumanError: the only one is archived, or several fit and the route wants a person to choose.
        """
        by_tax_number = self._with_tax_number(party)
        hits = [contact for contact in by_tax_number if contact.is_active]
        if not hits and any(contact.merged_to for contact in by_tax_number):
            # Before the e-mail address, which sister companies may share. One that is merely archived, as a duplicate
            # may be, leads nowhere, and the address is what is left (seed 002).
            return self._successor(by_tax_number, party)
        if not hits:
            by_email = self._with_email(party)
            hits = [contact for contact in by_email if contact.is_active]
            if not hits:
                return self._successor([*by_tax_number, *by_email], party)
        if len(hits) > 1 and self._hold_ambiguous:
            names = ", ".join(f"'{hit.name}'" for hit in hits[:5])
            raise NeedsHumanError(f"{len(hits)} contacts in Xero fit '{party.name}' (ref: {party.key}): {names}")
        return self._up_to_date(hits[0], party)

    def _successor(self, hits: list[XeroContact], party: Party) -> Contact | None:
        """The contact that an archived one was merged into; `None` when nothing was found at all."""
        archived = [contact for contact in hits if contact.is_archived]
        for contact in archived:
            if contact.merged_to is not None:
                return self._up_to_date(self._usable(contact.merged_to), party)
        if archived:
            raise NeedsHumanError(
                f"Contact '{archived[0].name}', which belongs to '{party.name}' (ref: {party.key}), is archived in "
                "Xero: restore it there"
            )
        return None

    def recover(self, party: Party) -> Contact | None:
        """The contact that carries the party's own key: made by an attempt whose answer was lost."""
        number = contact_number(party, self._route)
        hits = self._search(
            equals("ContactNumber", number),
            lambda contact: contact.contact_number == number,
            what=f"looking for the contact of '{party.name}' by its own key",
        )
        return _contact(hits[0], created=True) if hits else None

    def create(self, party: Party, *, idempotency_key: str, name_is_taken: bool) -> Contact:
        """Make a contact. A definite refusal for its name or e-mail address is answered with another body.

        :raises NeedsHumanError: an archived contact stands in the way.
        """
        body = {**contact_card(party), "ContactNumber": contact_number(party, self._route)}
        if name_is_taken:
            body["Name"] = unique_name(party)
        for attempt in range(_MOST_CREATES):
            key = idempotency_key if attempt == 0 else f"{idempotency_key}/{attempt}"
            try:
                return _contact(self._hook.create_contact(body, idempotency_key=key), created=True)
            except RefusedError as error:
                body = _amended(body, party, error)
        raise NeedsHumanError(f"Xero accepts no contact for '{party.name}' (ref: {party.key})")

    def update(self, contact_id: str, party: Party) -> Contact:
        """Bring a remembered contact up to date, or the one that it was merged into.

        :raises ContactUnusableError: it is archived or gone.
        """
        return self._up_to_date(self._usable(contact_id), party)

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

    def _up_to_date(self, found: XeroContact, party: Party) -> Contact:
        # A person who books must not rename the company that the e-mail address belongs to.
        is_ours = found.contact_number == contact_number(party, self._route)
        changes = differences(found, party) if is_ours or not party.is_booker else {}
        if not changes or found.contact_id is None:
            return _contact(found)
        try:
            return _contact(self._hook.update_contact(found.contact_id, changes))
        except RefusedError as error:
            if _is_archived(error):
                raise ContactUnusableError(str(error), reasons=error.reasons) from error
            if not _is_name_taken(error) or "Name" not in changes:
                raise
        log.warning("Contact %s keeps its name in Xero: another contact is called like its customer", found.contact_id)
        del changes["Name"]
        return _contact(self._hook.update_contact(found.contact_id, changes)) if changes else _contact(found)

    def _with_tax_number(self, party: Party) -> list[XeroContact]:
        numbers = [] if party.is_booker else [number for number in party.tax_numbers if tax_number_core(number)]
        writings = dict.fromkeys(
            [*numbers, *(writing for number in numbers for writing in tax_number_writings(number))]
        )
        conditions = [equals("TaxNumber", writing) for writing in writings if can_be_asked(writing)]
        if not conditions:
            return []

        def fits(contact: XeroContact) -> bool:
            return any(same_tax_number(contact.tax_number or "", number) for number in numbers)

        what = f"looking for the contact of '{party.name}' by tax number"
        try:
            return self._search(any_of(conditions), fits, what=what)
        except RefusedError:
            if len(conditions) == 1:
                raise
        return self._one_by_one([*numbers, *map(tax_number_core, numbers)], fits, what=what)

    def _one_by_one(
        self, writings: Iterable[str], fits: Callable[[XeroContact], bool], *, what: str
    ) -> list[XeroContact]:
        for writing in dict.fromkeys(writings):
            if can_be_asked(writing) and (hits := self._search(equals("TaxNumber", writing), fits, what=what)):
                return hits
        return []

    def _with_email(self, party: Party) -> list[XeroContact]:
        email = usable_email(party.email)
        if email is None:
            return []
        return self._search(
            equals("EmailAddress", email),
            lambda contact: is_same_email(contact.email, email) and not self._is_anothers(contact, party),
            what=f"looking for the contact of '{party.name}' by e-mail address",
        )

    def _is_anothers(self, contact: XeroContact, party: Party) -> bool:
        """Whether it is a company that only shares the address, as those of one group do."""
        if party.is_booker or contact.contact_number == contact_number(party, self._route):
            return False
        return names_another(contact.tax_number or "", party.tax_numbers)

    def _search(self, where: str, fits: Callable[[XeroContact], bool], *, what: str) -> list[XeroContact]:
        """What the filter finds and this side finds too, as Xero returns it: the first one counts (seed 002)."""
        found = self._hook.contacts(where, order=STABLE_ORDER, what=what)
        return [contact for contact in found if contact.contact_id and fits(contact)]


def _amended(body: dict[str, Any], party: Party, error: RefusedError) -> dict[str, Any]:
    """Another body for a party whose first one was refused; raises when there is none."""
    if _is_archived(error):
        raise NeedsHumanError(
            f"Contact '{contact_name(party)}' is archived in Xero: restore it there, or give the customer "
            f"(ref: {party.key}) another name"
        ) from error
    if _is_name_taken(error) and body["Name"] != unique_name(party):
        return {**body, "Name": unique_name(party)}
    if _says(error, "email address must be valid") and "EmailAddress" in body and not party.is_booker:
        log.warning("The e-mail address of customer %s is refused by Xero and left out", party.key)
        return {field: value for field, value in body.items() if field != "EmailAddress"}
    raise error


def _is_archived(error: RefusedError) -> bool:
    return _says(error, "archived")


def _is_name_taken(error: RefusedError) -> bool:
    return any(
        ("already assigned to another contact" in reason or "must be unique" in reason)
        and "contact number" not in reason
        for reason in map(str.casefold, error.reasons)
    )


def _says(error: RefusedError, text: str) -> bool:
    return any(text in reason.casefold() for reason in error.reasons)


def _contact(found: XeroContact, *, created: bool = False) -> Contact:
    return Contact(contact_id=found.contact_id or "", name=found.name, created=created)
