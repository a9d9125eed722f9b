"""What people do to customers in Qondor and to contacts in Xero. Each act may be done twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chaos.acts import Act

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

Values = tuple[tuple[str, Any], ...]
"""Fields and what is put into them."""
_UNPROCESSED = 1


@dataclass(frozen=True)
class ClearsRegisters(Act):
    """Nobody is there yet."""

    def __call__(self, sandbox: Sandbox) -> None:
        for table in (sandbox.qondor.customers, sandbox.qondor.contact_persons, sandbox.xero.contacts):
            table.clear()


@dataclass(frozen=True)
class AddsCustomer(Act):
    """A new customer in Qondor, with its contact persons."""

    number: int
    values: Values
    persons: tuple[Values, ...] = ()

    def __call__(self, sandbox: Sandbox) -> None:
        if self.number not in sandbox.qondor.customers:
            persons = [dict(person) for person in self.persons]
            sandbox.qondor.customers.put({**dict(self.values), "id": self.number, "contactPersons": persons})


@dataclass(frozen=True)
class ChangesCustomer(Act):
    """Other data of a customer in Qondor.

    :param in_documents: whether documents that nobody has processed yet show them, too.
    """

    number: int
    values: Values
    in_documents: bool = False

    def __call__(self, sandbox: Sandbox) -> None:
        new = dict(self.values)
        known = sandbox.qondor.customers[self.number]
        if any(known[name] != value for name, value in new.items()):
            sandbox.qondor.customers.put({**known, **new})
        if not self.in_documents:
            return
        for row in sandbox.qondor.payments.rows():
            if row["customer"] and row["customer"]["id"] == self.number and row["status"] == _UNPROCESSED:
                sandbox.qondor.payments.put({**row, "customer": {**row["customer"], **new}})


@dataclass(frozen=True)
class AddsPerson(Act):
    """A new contact person of a customer in Qondor, or new data of the one with this address."""

    number: int
    email: str
    values: Values

    def __call__(self, sandbox: Sandbox) -> None:
        persons = sandbox.qondor.contact_persons
        known = next((one for one in persons.of(self.number) if one["email"] == self.email), {"email": self.email})
        persons.put({**known, **dict(self.values)}, of=self.number)


@dataclass(frozen=True)
class MakesContact(Act):
    """A contact that somebody made in Xero by hand."""

    contact_id: str
    values: Values

    def __call__(self, sandbox: Sandbox) -> None:
        if self.contact_id not in sandbox.xero.contacts:
            row = {"ContactID": self.contact_id, "ContactStatus": "ACTIVE", **dict(self.values)}
            sandbox.xero.contacts.put({**row, "UpdatedDateUTC": sandbox.xero.books.stamp()})


@dataclass(frozen=True)
class RenewsContact(Act):
    """Other data of a contact in Xero that counts, and perhaps one more contact person."""

    contact_id: str
    values: Values
    person: Values = ()

    def __call__(self, sandbox: Sandbox) -> None:
        row = sandbox.xero.contacts[self.contact_id]
        persons = list(row.get("ContactPersons") or ())
        if self.person and dict(self.person) not in persons:
            persons.append(dict(self.person))
        new = {**row, **dict(self.values), "ContactPersons": persons}
        if new != {"ContactPersons": [], **row}:
            sandbox.xero.contacts.put({**new, "UpdatedDateUTC": sandbox.xero.books.stamp()})


@dataclass(frozen=True)
class EditsContact(Act):
    """Other data of a contact in Xero, where it is there already under one of these names."""

    names: tuple[str, ...]
    email: str | None = None
    phone: str | None = None

    def __call__(self, sandbox: Sandbox) -> None:
        values: dict[str, Any] = {"EmailAddress": self.email} if self.email else {}
        if self.phone:
            values["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": self.phone}]
        for row in sandbox.xero.contacts.rows():
            if row["Name"] in self.names and any(row.get(name) != value for name, value in values.items()):
                sandbox.xero.contacts.put({**row, **values, "UpdatedDateUTC": sandbox.xero.books.stamp()})
