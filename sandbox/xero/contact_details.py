"""People and payment terms of contacts (xero.md, "Contacts")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Row

MOST_PERSONS = 5
_PERSON_FIELDS = ("FirstName", "LastName", "EmailAddress")
_TERM_TYPES = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")
_LAST_DAY_OF_MONTH = 31


def persons_after(existing: list[Row] | None, sent: Any) -> list[Row]:
    """The people after a write: whoever is sent replaces all, nobody changes nothing, and one without fields clears."""
    if not isinstance(sent, list) or not sent:
        return list(existing or [])
    people = [
        {
            **{name: person[name] for name in _PERSON_FIELDS if person.get(name)},
            "IncludeInEmails": bool(person.get("IncludeInEmails")),
        }
        for person in sent
        if isinstance(person, dict)
    ]
    return [person for person in people if any(person.get(name) for name in _PERSON_FIELDS)]


def terms_after(existing: Row | None, sent: Any) -> Row | None:
    """The payment terms after a write; sales and bills each keep what is not sent."""
    if not isinstance(sent, dict):
        return existing
    return {**(existing or {}), **{side: sent[side] for side in ("Sales", "Bills") if sent.get(side)}} or None


def detail_problems(contact: Row) -> list[str]:
    """What Xero has against a contact's people and terms; the words are [assumed]."""
    people, problems = contact.get("ContactPersons") or [], []
    if len(people) > MOST_PERSONS:
        problems.append(f"A contact can have a maximum of {MOST_PERSONS} ContactPersons")
    if people and not any(contact.get(name) for name in _PERSON_FIELDS):
        problems.append("Additional people cannot be added when there is no primary person set.")
    for side, term in (contact.get("PaymentTerms") or {}).items():
        kind, day = term.get("Type"), term.get("Day")
        if kind not in _TERM_TYPES:
            problems.append(f"The PaymentTerms {side} Type {kind} is not valid")
        highest = _LAST_DAY_OF_MONTH if str(kind).startswith("OF") else 999
        if not isinstance(day, int) or isinstance(day, bool) or not 0 <= day <= highest:
            problems.append(f"The PaymentTerms {side} Day must be between 0 and {highest}")
    return problems
