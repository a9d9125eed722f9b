"""Looking for the contacts that may be a party's: what Xero is asked, and what this side makes of the answer.

Xero finds texts, not meanings: it is asked for the likely writings, and what it finds is compared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from invoice_bridge.hooks.xero.where import any_of, can_be_asked, equals
from invoice_bridge.systems.xero.contact_card import contact_name, contact_number, party_tax_numbers, tax_likeness
from invoice_bridge.systems.xero.contact_matching import (
    has_email_of,
    has_number_of,
    is_namesake,
    is_own,
    name_writings,
)
from invoice_bridge.systems.xero.email_addresses import email_writings
from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.documents.reading.emails import usable_email
from invoice_bridge_core.documents.tax_numbers import Likeness, read_tax_numbers, tax_number_writings
from invoice_bridge_core.errors import RefusedError
from invoice_bridge_core.routes.customers import TRANSFERS_MATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.hooks.xero.wire import XeroContact
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.routes.model import Route

STABLE_ORDER = "ContactID"
"""Xero's own order is by last update, so that updating the match would move it; an id never changes."""
_ASKED_ALONE = 3
"""Questions of one condition each, where Xero refuses the one that joins all."""


@dataclass(frozen=True)
class Others:
    """What is found beside tax numbers, the surest first; archived contacts too.

    :param own: made by us for this very party.
    :param by_number: with its customer number, where the route matches by that.
    :param by_email: with its e-mail address, and not another company's.
    :param namesakes: called like it, where nothing says that they are somebody else.
    """

    own: list[XeroContact]
    by_number: list[XeroContact]
    by_email: list[XeroContact]
    namesakes: list[XeroContact]


class ContactSearch:
    """Questions to one Xero organisation, as one route asks them."""

    def __init__(self, hook: XeroHook, route: Route) -> None:
        self._hook = hook
        self._route = route
        self._match = frozenset(TRANSFERS_MATCH if route.customers is None else route.customers.match)

    def with_tax_number(self, party: Party) -> list[XeroContact]:
        """The contacts with one of the party's tax numbers, however they are written; one call."""
        conditions = self.tax_conditions(party)
        if not conditions:
            return []

        def fits(contact: XeroContact) -> bool:
            return tax_likeness(contact, party) is Likeness.SAME

        found = self._ask(conditions, fits, f"looking for the contact of '{party.name}' by tax number")
        return [contact for contact in found if fits(contact)]

    def otherwise(self, party: Party) -> Others:
        """The contacts that are the party's by our own key, by e-mail address or by name; one call."""
        email, by_name, number = self._email(party), self._is_by_name(party), self._number(party)
        what = f"looking for the contact of '{party.name}' by e-mail address and name"
        found = self._ask(
            self.other_conditions(party), lambda contact: bool(email and has_email_of(contact, party, email)), what
        )
        own = [contact for contact in found if is_own(contact, party, self._route)]
        rest = [contact for contact in found if contact not in own]
        by_number = [contact for contact in rest if number and has_number_of(contact, party)]
        by_email = [one for one in rest if one not in by_number and email and has_email_of(one, party, email)]
        left = [one for one in rest if one not in by_number and one not in by_email] if by_name else []
        namesakes = [one for one in left if is_namesake(one, party, usable_email(party.email), self._route)]
        return Others(own, by_number, by_email, namesakes)

    def tax_conditions(self, party: Party) -> list[str]:
        """What `with_tax_number` asks for, the likely writings first."""
        if "tax_number" not in self._match:
            return []
        # By turns, so that a question too long for all writings has the likely ones of each number.
        turns = zip_longest(*(_writings(text, party) for text in party.tax_numbers if party_tax_numbers(party)))
        writings = dict.fromkeys(filter(None, chain.from_iterable(turns)))
        return [equals("TaxNumber", writing) for writing in writings if can_be_asked(writing)]

    def other_conditions(self, party: Party) -> list[str]:
        """What `otherwise` asks for."""
        email, number = self._email(party), self._number(party)
        wanted = [("EmailAddress", writing) for writing in (email_writings(email) if email else ())]
        wanted.append(("ContactNumber", contact_number(party, self._route)))
        wanted += [("AccountNumber", as_code(number))] if number else []
        if self._is_by_name(party):
            wanted += (("Name", writing) for writing in name_writings(contact_name(party)))
        return [equals(field, value) for field, value in wanted if can_be_asked(value)]

    def _email(self, party: Party) -> str | None:
        return usable_email(party.email) if party.is_booker or "email" in self._match else None

    def _number(self, party: Party) -> str | None:
        return party.customer_number if "customer_number" in self._match and not party.is_booker else None

    def _is_by_name(self, party: Party) -> bool:
        return "name" in self._match and not party.is_booker and not party.is_person

    def own(self, party: Party) -> list[XeroContact]:
        """The contacts that carry the party's own key."""
        where = equals("ContactNumber", contact_number(party, self._route))
        found = self._contacts(where, f"looking for the contact of '{party.name}' by its own key")
        return [contact for contact in found if is_own(contact, party, self._route)]

    def _ask(self, conditions: Sequence[str], is_enough: Callable[[XeroContact], bool], what: str) -> list[XeroContact]:
        """What any of the conditions finds; where Xero refuses that, the first ones alone till it is enough."""
        try:
            return self._contacts(any_of(conditions), what)
        except RefusedError:
            if len(conditions) == 1:
                raise
        found: dict[str | None, XeroContact] = {}
        for condition in conditions[:_ASKED_ALONE]:
            found |= {contact.contact_id: contact for contact in self._contacts(condition, what)}
            if any(map(is_enough, found.values())):
                break
        return list(found.values())

    def _contacts(self, where: str, what: str) -> list[XeroContact]:
        found: Iterable[XeroContact] = self._hook.contacts(where, order=STABLE_ORDER, what=what)
        return [contact for contact in found if contact.contact_id]


def _writings(text: str, party: Party) -> tuple[str, ...]:
    country = next((number.country for number in party_tax_numbers(party) if number.country), None)
    return tuple(
        writing
        for number in read_tax_numbers([text], party.address.country_code or country)
        for writing in tax_number_writings(number, as_code(text))
    )
