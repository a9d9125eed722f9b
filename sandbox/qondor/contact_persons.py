"""Qondor's contact persons, and whose they are (qondor.md, "Customers and contact persons")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.qondor.bodies import InvalidBodyError, email, text
from sandbox.qondor.register import Register, UnknownEntryError
from sandbox.store import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.qondor.bodies import Check
    from sandbox.store import Row, Store

_SHOWN = ("id", "externalReference", "firstName", "lastName", "email", "isActive")


class ContactPersons(Register):
    """People; one may belong to several customers, and several may share an e-mail [assumed]."""

    name = "contact_persons"
    first_id = 70_001
    required = ("firstName",)
    checks: ClassVar[Mapping[str, Check]] = {
        "firstName": text(255),
        "lastName": text(255),
        "email": email,
        "externalReference": text(255),
        "phoneCountryCode": text(10),
        "phoneNumber": text(50),
        "phoneCountryCode2": text(10),
        "phoneNumber2": text(50),
    }

    def __init__(self, store: Store) -> None:
        super().__init__(store, email=lambda row: row.get("email"))
        self.relations = Table(
            store,
            "qondor",
            "contact_person_relations",
            "key",
            {"customerId": lambda row: row["customerId"], "personId": lambda row: row["personId"]},
        )

    def put(self, row: Row | None = None, /, *, of: int | None = None, **fields: Any) -> Row:
        """Add or replace a person.

        :param of: the id of a customer to which she belongs from now on.
        """
        made = super().put({"isActive": True, **(row or {}), **fields})
        if of is not None:
            self.relate(of, made["id"])
        return made

    def of(self, customer_id: object) -> list[Row]:
        """The people of a customer, in the order in which they came."""
        related = self.relations.find("customerId", customer_id)
        return [{**self[one["personId"]], "isActive": one["isActive"]} for one in related if one["personId"] in self]

    def relate(self, customer_id: object, person_id: object, *, is_active: bool = True) -> None:
        """Let a person belong to a customer."""
        key = f"{customer_id}/{person_id}"
        relation = {"key": key, "customerId": customer_id, "personId": person_id, "isActive": is_active}
        self.relations.put(relation)

    def unrelate(self, customer_id: object, person_id: object) -> None:
        """Let her belong to it no longer."""
        self.relations.remove(f"{customer_id}/{person_id}")

    def by_email(self, address: str) -> Row:
        """The oldest person with an e-mail, whatever the case of its letters.

        :raises UnknownEntryError: there is none.
        """
        found = self.find("email", address)
        if not found:
            raise UnknownEntryError(address)
        return found[0]

    def named_in(self, body: Row) -> Row:
        """The person whom a body about a relation names.

        :raises InvalidBodyError: it names none.
        :raises UnknownEntryError: there is no such person.
        """
        if body.get("contactPersonId") is not None:
            return self.by_id(body["contactPersonId"])
        if body.get("contactPersonEmail"):
            return self.by_email(body["contactPersonEmail"])
        if body.get("contactPersonExternalReference"):
            return self.by_reference(body["contactPersonExternalReference"])
        raise InvalidBodyError({"ContactPersonId": ["A contact person is required."]})

    def show(self, row: Row) -> Row:
        """A person as an answer shows her: each telephone number in one piece."""
        return {
            **{name: row.get(name) for name in _SHOWN},
            "phoneNumber": _whole_number(row.get("phoneCountryCode"), row.get("phoneNumber")),
            "phone2Number": _whole_number(row.get("phoneCountryCode2"), row.get("phoneNumber2")),
        }


def _whole_number(country_code: str | None, number: str | None) -> str | None:
    if not number or not country_code:
        return number
    return f"+{country_code.strip().removeprefix('00').removeprefix('+')}{number.strip()}"
