"""What bookkeepers do to the contacts of Xero; each act happens in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.bookkeeping import Booked
    from sandbox.sandbox import Sandbox
    from tests.chaos.people.whose import Done, Verb, Whose


def named_contact(sandbox: Sandbox, name: str) -> str:
    """The id of the contact of a name, which is made where there is none."""
    for row in sandbox.xero.contacts.rows():
        if row["Name"] == name:
            return str(row["ContactID"])
    return str(sandbox.xero.add_contact(Name=name)["ContactID"])


def _contact_row(sandbox: Sandbox, whose: Whose) -> dict[str, Any] | None:
    rows = [row for row in sandbox.xero.contacts.rows() if row["Name"] == whose.customer]
    return rows[0] if rows and whose.finance == "xero" else None


def _archive(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    row = _contact_row(sandbox, whose)
    if row is None or row["ContactStatus"] != "ACTIVE":
        return None
    sandbox.xero.contacts.change(row["ContactID"], ContactStatus="ARCHIVED")
    return "", whose.customer


def _restore(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    row = _contact_row(sandbox, whose)
    if row is None or row["ContactStatus"] != "ARCHIVED" or row.get("MergedToContactID"):
        return None
    sandbox.xero.contacts.change(row["ContactID"], ContactStatus="ACTIVE")
    return "", whose.customer


def _merge(sandbox: Sandbox, whose: Whose, booked: Booked | None) -> Done:
    row = _contact_row(sandbox, whose)
    if row is None or row.get("MergedToContactID"):
        return None
    into = named_contact(sandbox, f"{whose.customer} (new)")
    sandbox.xero.merge_contacts(row["ContactID"], into)
    return "", into


WITH_CONTACTS: dict[str, Verb] = {
    "contact archived": _archive,
    "contact restored": _restore,
    "contact merged": _merge,
}
