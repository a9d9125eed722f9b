"""Qondor's customer register: read in full, and written one customer at a time (contract qondor.md)."""

from __future__ import annotations

import hashlib
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.qondor.customer_card import (
    FIELDS,
    PERSON_FIELDS,
    WRITABLE,
    as_kept,
    body_of,
    person_body,
    person_reference,
    read_card,
)
from invoice_bridge_core.errors import NotFoundError, OutcomeUnknownError, UnreadableError
from invoice_bridge_core.ports.customers import SourceCustomers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from invoice_bridge.hooks.qondor.hook import QondorHook
    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ports.customers import PersonWrite

log = logging.getLogger(__name__)

_PERSON = {"first_name": "firstName", "last_name": "lastName", "email": "email", "phone": "phoneNumber"}


class QondorCustomers(SourceCustomers):
    """The customers of one Qondor client.

    Its list shows a customer in short, so a customer is read in full when its entry is new or changed, and now and then
    besides, since not every change shows in the entry. Writes return nothing.

    :param offices: whose customers these are; none for all.
    """

    fields = FIELDS
    person_fields = PERSON_FIELDS
    most_persons = None
    persons_need_email = False
    lists_changes = False
    changed_until = None

    def __init__(self, hook: QondorHook, offices: Sequence[str] = ()) -> None:
        self._hook = hook
        self._offices = tuple(offices)

    def read(
        self, since: dt.datetime | None, known: Mapping[str, str], refresh: Collection[str]
    ) -> Iterator[CustomerCard | str]:
        """One call, and one for each customer that is read in full."""
        seen: set[str] = set()
        for entry in self._hook.customers(self._offices[0] if len(self._offices) == 1 else None):
            key = str(entry.get("id") or "").strip()
            if not key or key in seen or not self._is_ours(entry, is_known=key in known):
                continue
            seen.add(key)
            version = _version(entry)
            if known.get(key) == version and key not in refresh:
                yield key
                continue
            try:
                yield read_card(self._hook.customer(key), version)
            except NotFoundError:
                log.warning("Qondor lists customer %s and does not know it: it was just taken away", key)
            except UnreadableError as error:
                log.warning("Customer %s of Qondor is left out: %s", key, error)
                yield key

    def _is_ours(self, entry: Mapping[str, Any], *, is_known: bool) -> bool:
        """Whether it is of one of our offices; or of none, as those are that were made where the route has several."""
        if len(self._offices) < 2:
            return True
        office = str(entry.get("officeId") or "").strip()
        return office in self._offices or (not office and is_known)

    def card(self, key: str) -> CustomerCard:
        """One customer in full; one call.

        :raises NotFoundError: there is none.
        """
        return read_card(self._hook.customer(key))

    def reference_for(self, other: CustomerCard) -> str:
        """The contact's id, as the external reference of the customer that is made for it."""
        return other.key

    def as_kept(self, card: CustomerCard) -> CustomerCard:
        """Without payment terms, which Qondor has not got, and with countries as codes."""
        return as_kept(card)

    def own_name(self, card: CustomerCard) -> str:
        """The name as it is: Qondor lets several customers share one."""
        return card.name

    def made_for(self, reference: str) -> CustomerCard | None:
        """The customer with this external reference; one call."""
        try:
            return read_card(self._hook.customer_by_external_reference(reference))
        except NotFoundError:
            return None

    def create(self, wanted: CustomerCard, reference: str) -> None:
        """Make a customer, for the route's office where it has just one."""
        body: dict[str, Any] = {
            name: value for name, value in body_of(wanted, FIELDS).items() if value not in ("", None)
        }
        if len(self._offices) == 1:
            office = self._offices[0]
            body["officeId"] = int(office) if office.isdecimal() else office
        self._hook.create_customer({**body, "externalReference": reference})

    def update(
        self, kept: CustomerCard, wanted: CustomerCard, fields: Collection[str], persons: Sequence[PersonWrite]
    ) -> CustomerCard:
        """Send the customer back with these fields changed, then its contact persons; 3 calls, and up to 4 a person."""
        if fields:
            there = self._hook.customer(kept.key)
            body = {name: there[name] for name in WRITABLE if there.get(name) is not None}
            self._hook.update_customer({**body, **body_of(wanted, fields), "id": there["id"]})
        for person in persons:
            self._write_person(kept, person)
        return self.card(kept.key)

    def _write_person(self, customer: CustomerCard, person: PersonWrite) -> None:
        reference = person_reference(customer, person.wanted)
        found = self._find_person(person, reference)
        if found is None:
            self._hook.create_contact_person(person_body(person.wanted, reference))
            found = self._find_person(person, reference)
            if found is None:
                raise OutcomeUnknownError(
                    f"Qondor took contact person {person.wanted.name} and does not show her: whether she is there is "
                    "not known"
                )
        elif person.fields:
            changes = {_PERSON[field]: getattr(person.wanted, field) or "" for field in person.fields}
            self._hook.update_contact_person({**_sent_back(found), **changes, "id": found["id"]})
        if person.kept is None:
            relation = {"contactPersonId": found["id"], "customerId": _number(customer.key), "isActive": True}
            self._hook.relate_contact_person(relation)

    def _find_person(self, person: PersonWrite, reference: str) -> Mapping[str, Any] | None:
        """The person as Qondor has her: at the customer already, else by e-mail address, else by our reference."""
        looks: list[Callable[[], Mapping[str, Any]]] = []
        if person.kept is not None and person.kept.key:
            looks.append(partial(self._hook.contact_person, person.kept.key))
        elif person.wanted.email:
            looks.append(partial(self._hook.contact_person_by_email, person.wanted.email))
        looks.append(partial(self._hook.contact_person_by_external_reference, reference))
        for look in looks:
            try:
                return look()
            except NotFoundError:
                continue
        return None


def _sent_back(person: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a person, since whether Qondor keeps what is left out is not public.

    It shows a telephone number in one piece, so that is how it goes back, without a code of a country beside it.
    """
    body = {name: person[name] for name in ("firstName", "lastName", "email", "externalReference") if person.get(name)}
    for number in ("", "2"):
        if (there := person.get(f"phone{number}Number")) is not None:
            body |= {f"phoneNumber{number}": there, f"phoneCountryCode{number}": ""}
    return body


def _number(key: str) -> int | str:
    return int(key) if key.isdecimal() else key


def _version(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True, default=str).encode()).hexdigest()[:32]
