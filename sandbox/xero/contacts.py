"""Rules of contacts (xero.md, "Contacts")."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from sandbox.xero.contact_details import detail_problems, persons_after, terms_after
from sandbox.xero.wire import RefusedError, updated

if TYPE_CHECKING:
    from sandbox.store import Row
    from sandbox.xero.books import Books

_LENGTHS = {
    "Name": 255,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "TaxNumber": 50,
    "CompanyNumber": 50,
    "ContactNumber": 50,
    "AccountNumber": 50,
}
_ADDRESS_LENGTHS = {
    "AddressLine1": 500,
    "AddressLine2": 500,
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
}
_COUNTRY = re.compile(r"[A-Za-z ]*")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
"""[assumed] Xero's own rule is not public: plain letters, no quotes, and a domain as DNS writes it."""
_ADDRESS_TYPES = ("STREET", "POBOX")
_ONLY_ON_PAGES = ("ContactPersons", "PaymentTerms")
_NOT_IN_SUMMARY = ("Addresses", "Phones", *_ONLY_ON_PAGES)
_PHONE_TYPES = ("DEFAULT", "DDI", "MOBILE", "FAX", "OFFICE")


class Contacts:
    """Creating, changing and showing contacts."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, body: Row) -> Row:
        """PUT: a new contact; an existing name or number is refused."""
        if body.get("ContactID") in self._books.contacts:
            raise RefusedError("A contact with this ContactID already exists; use POST to update it")
        number = body.get("ContactNumber")
        for other in self._books.contacts.find("ContactNumber", number) if number else []:
            if other["ContactStatus"] == "ARCHIVED":
                raise RefusedError(f"The ContactNumber {number} matched an archived contact")
        if not str(body.get("Name") or "").strip():
            raise RefusedError("The Contact Name must be specified")
        return self._save({"ContactID": str(uuid.uuid4()), "ContactStatus": "ACTIVE"}, body)

    def create_or_update(self, body: Row) -> Row:
        """POST: changes the contact with this id, number or name, and creates one when there is none."""
        existing = self._matched(body)
        if existing is None:
            return self.create(body)
        if existing["ContactStatus"] == "ARCHIVED":
            raise RefusedError(f"The contact {existing['Name']} matched an archived contact and cannot be edited")
        return self._save(existing, body)

    def for_document(self, body: Any) -> Row:
        """The contact named inside a document; anything beyond its id edits (or creates) the contact."""
        if not isinstance(body, dict) or not any(body.get(name) for name in ("ContactID", "ContactNumber", "Name")):
            raise RefusedError("A Contact must be specified for this type of transaction")
        if set(body) - {"ContactID"}:
            return self.create_or_update(body)
        contact = self._by_id(body["ContactID"])
        if contact["ContactStatus"] == "ARCHIVED":
            raise RefusedError(f"The contact {contact['Name']} matched an archived contact; restore it first")
        return contact

    def show(self, row: Row, *, summary: bool = False, tells_merges: bool = False, is_listed: bool = False) -> Row:
        """A contact as the API answers it.

        :param tells_merges: as lists with pages do, and the answer to one id or number (xero.md, "Contacts").
        :param is_listed: in a list, where only pages tell people and terms of payment.
        """
        hidden = () if tells_merges else ("MergedToContactID",)
        if is_listed and not tells_merges:
            hidden = (*hidden, *_ONLY_ON_PAGES)
        shown = {name: value for name, value in row.items() if value is not None and name not in hidden}
        if summary:
            shown = {name: value for name, value in shown.items() if name not in _NOT_IN_SUMMARY}
        else:
            shown["Addresses"] = [_by_type(row.get("Addresses"), "AddressType", kind) for kind in _ADDRESS_TYPES]
            shown["Phones"] = [_by_type(row.get("Phones"), "PhoneType", kind) for kind in _PHONE_TYPES]
        return {
            **shown,
            "IsSupplier": False,
            "IsCustomer": True,
            "HasAttachments": False,
            "HasValidationErrors": False,
        } | {"UpdatedDateUTC": updated(row)["UpdatedDateUTC"]}

    def _by_id(self, contact_id: Any) -> Row:
        if contact_id not in self._books.contacts:
            raise RefusedError("The contact with the specified ContactID could not be found")
        return self._books.contacts[contact_id]

    def _matched(self, body: Row) -> Row | None:
        if body.get("ContactID"):
            return self._by_id(body["ContactID"])
        for lookup in ("ContactNumber", "Name"):
            found = self._books.contacts.find(lookup, body[lookup]) if body.get(lookup) else []
            if found:
                return min(found, key=lambda row: row["ContactStatus"] == "ARCHIVED")
        return None

    def _save(self, existing: Row, body: Row) -> Row:
        changed = {**existing, **{name: body[name] for name in _LENGTHS if name in body}}
        for name, kind in (("Addresses", "AddressType"), ("Phones", "PhoneType")):
            changed[name] = _merged(existing.get(name), body.get(name), kind)
        changed["ContactPersons"] = persons_after(existing.get("ContactPersons"), body.get("ContactPersons"))
        changed["PaymentTerms"] = terms_after(existing.get("PaymentTerms"), body.get("PaymentTerms"))
        if body.get("ContactStatus") in ("ACTIVE", "ARCHIVED"):
            changed["ContactStatus"] = body["ContactStatus"]
        self._validate(changed)
        return self._books.contacts.put({**changed, "UpdatedDateUTC": self._books.stamp()})

    def _validate(self, contact: Row) -> None:
        problems = [
            f"The field {name} must not be longer than {length} characters"
            for name, length in _LENGTHS.items()
            if len(str(contact.get(name) or "")) > length
        ]
        for address in contact["Addresses"]:
            problems += [
                f"The field {name} of an address must not be longer than {length} characters"
                for name, length in _ADDRESS_LENGTHS.items()
                if len(str(address.get(name) or "")) > length
            ]
            if not _COUNTRY.fullmatch(str(address.get("Country") or "")):
                problems.append("The field Country of an address must hold letters from A to Z only")
        if contact.get("EmailAddress") and not _EMAIL.fullmatch(contact["EmailAddress"]):
            problems.append("Email address must be valid.")
        for person in contact.get("ContactPersons") or []:
            if person.get("EmailAddress") and not _EMAIL.fullmatch(person["EmailAddress"]):
                problems.append(f"Email address {person['EmailAddress']} of a contact person must be valid.")
        problems += detail_problems(contact)
        problems += self._clashes(contact)
        if problems:
            raise RefusedError(*problems)

    def _clashes(self, contact: Row) -> list[str]:
        others = [
            row
            for row in self._books.contacts.find("Name", contact["Name"])
            if row["ContactID"] != contact["ContactID"]
        ]
        problems = []
        if contact["ContactStatus"] == "ACTIVE" and any(row["ContactStatus"] == "ACTIVE" for row in others):
            problems.append(
                f"The contact name {contact['Name']} is already assigned to another contact. "
                "The contact name must be unique across all active contacts."
            )
        number = contact.get("ContactNumber")
        if number and any(
            row["ContactID"] != contact["ContactID"] for row in self._books.contacts.find("ContactNumber", number)
        ):
            problems.append(f"The contact number {number} is already assigned to another contact.")
        return problems


def _merged(existing: list[Row] | None, sent: list[Row] | None, kind: str) -> list[Row]:
    """Addresses or phones by type: a type that was sent replaces the one that was there."""
    merged = {row[kind]: row for row in existing or []}
    for row in sent or []:
        if row.get(kind):
            merged[row[kind]] = row
    return list(merged.values())


def _by_type(rows: list[Row] | None, field: str, kind: str) -> Row:
    return next((row for row in rows or [] if row.get(field) == kind), {field: kind})
