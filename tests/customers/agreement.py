"""What has to be true of customers when all is quiet: each is one contact, and both sides say the same of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.customers.direction import Direction
from invoice_bridge_core.customers.pair import compare_pair
from invoice_bridge_core.documents.customer_states import CustomerState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from sandbox.sandbox import Sandbox
    from tests.world import World

_NAMES = {
    "name": "Name",
    "invoiceEmail": "EmailAddress",
    "vatNumber": "TaxNumber",
    "organisationNumber": "CompanyNumber",
    "customerNumber": "AccountNumber",
}
_ADDRESS = {"address": "AddressLine1", "zipCode": "PostalCode", "city": "City"}


@dataclass(frozen=True)
class Registers:
    """What both sandboxes hold.

    :param persons: of each of Qondor's customers, by its id.
    """

    customers: tuple[dict[str, Any], ...]
    persons: Mapping[str, Sequence[dict[str, Any]]]
    contacts: tuple[dict[str, Any], ...]


def registers_of(sandbox: Sandbox) -> Registers:
    """Read from the sandbox's tables, and there."""
    customers = tuple(sandbox.qondor.customers.all())
    persons = {str(one["id"]): sandbox.qondor.contact_persons.of(one["id"]) for one in customers}
    return Registers(customers, persons, tuple(sandbox.xero.contacts.rows()))


def rows_of(world: World) -> list[CustomerRow]:
    """The ledger's rows of the world's route."""
    return world.ledger.customers.rows(world.route.source.conn_id, world.route.finance.conn_id)


def differences(world: World) -> list[tuple[str, str, str, str]]:
    """Where the two systems say different things of linked customers now: customer, field and both values."""
    source, finance = world.systems()
    direction = Direction.of(world.route, source, finance)
    found = []
    for row in rows_of(world):
        if row.source_key is None or row.finance_id is None:
            continue
        ours, theirs = direction.source.card(row.source_key), direction.finance.card(row.finance_id)
        master, other = (ours, theirs) if direction.is_source_master else (theirs, ours)
        comparison = compare_pair(direction, master, other, base={}, persons={})
        found += [(row.label, *one) for one in comparison.rows]
    return found


def wrong_customers(registers: Registers, rows: Sequence[CustomerRow]) -> Iterator[str]:
    """Who is there twice, or not at all, or is two, or differs, one sentence each.

    For data as the rounds have it: everybody is active and wanted on both sides, no two have the same name, and nothing
    is written in two ways.
    """
    yield from _twice("The customer {}", [row.source_key for row in rows])
    yield from _twice("The contact {}", [row.finance_id for row in rows])
    yield from _twice("The contact number {}", [one.get("ContactNumber") for one in registers.contacts])
    yield from _twice("The name {}", [one["Name"].casefold() for one in registers.contacts])
    customers = {str(one["id"]): one for one in registers.customers}
    contacts = {one["ContactID"]: one for one in registers.contacts}
    for key in set(customers) ^ {row.source_key for row in rows}:
        yield f"the customer {key} is in one of Qondor and the ledger only"
    for contact_id in set(contacts) ^ {row.finance_id for row in rows}:
        yield f"the contact {contact_id} is in one of Xero and the ledger only"
    for row in rows:
        if row.state is not CustomerState.IN_STEP or row.reason is not None:
            yield f"{row.label} is {row.state}, and the reason is {row.reason}"
        contact = contacts.get(row.finance_id or "", {})
        number = contact.get("ContactNumber") or ""
        if ":customer:" in number and number.rpartition(":")[2] != row.source_key:
            yield f"{row.label}, which is {row.source_key}, is linked to the contact of {number}"
        for field, here, there in _fields(customers.get(row.source_key or "", {}), contact):
            if here != there:
                yield f"{row.label}: {field} is {here!r} in Qondor and {there!r} in Xero"
        yield from _persons(row, registers.persons.get(row.source_key or "", ()), contact.get("ContactPersons") or ())


def _fields(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What both hold of each field that has to be the same, by no rule of the package's."""
    for here, there in _NAMES.items():
        yield here, ours.get(here) or None, theirs.get(there) or None
    phones = {one["PhoneType"]: one.get("PhoneNumber") for one in theirs.get("Phones") or ()}
    yield "phoneNumber", ours.get("phoneNumber") or None, phones.get("DEFAULT") or None
    for address in theirs.get("Addresses") or ():
        for here, there in _ADDRESS.items():
            yield f"{here} ({address['AddressType']})", ours.get(here) or None, address.get(there) or None


def _persons(row: CustomerRow, ours: Iterable[dict[str, Any]], theirs: Iterable[dict[str, Any]]) -> Iterator[str]:
    here = [one["email"].casefold() for one in ours if one.get("email")]
    there = [one["EmailAddress"].casefold() for one in theirs if one.get("EmailAddress")]
    yield from _twice(f"{{}} of {row.label} in Qondor", here)
    yield from _twice(f"{{}} of {row.label} in Xero", there)
    for email in sorted(set(here) ^ set(there)):
        yield f"the contact person {email} of {row.label} is on one side only"


def _twice(what: str, keys: Iterable[str | None]) -> Iterator[str]:
    for key, count in Counter(key for key in keys if key).items():
        if count > 1:
            yield f"{what.format(key)} is there {count} times"
