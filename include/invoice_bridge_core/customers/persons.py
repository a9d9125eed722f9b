"""Which contact person of one side is which of the other, and what has to become of them. Nobody is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.comparison import Agreed, Comparison, compare
from invoice_bridge_core.customers.values import PERSON_FIELDS, is_same, person_values
from invoice_bridge_core.documents.comparable import comparable_email

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from invoice_bridge_core.documents.customer_card import ContactPerson


@dataclass(frozen=True)
class PersonPair:
    """A contact person of the master, and the same one on the other side, if it is there.

    :param key: remembers the pair: the master's id of the person, else the e-mail address.
    """

    key: str
    master: ContactPerson
    other: ContactPerson | None
    comparison: Comparison


def person_key(person: ContactPerson) -> str:
    """What a person of the master is remembered by; empty for one that cannot be told from others."""
    return person.key or comparable_email(person.email) or person.external_reference or ""


def paired(
    base: Mapping[str, Mapping[str, Agreed]],
    master: Sequence[ContactPerson],
    other: Sequence[ContactPerson],
    *,
    fields: Iterable[str],
    wipe: bool,
) -> list[PersonPair]:
    """Each person of the master beside the same one of the other side: by e-mail address, then by reference.

    One whom both sides agreed on before is known by the address of then, so that a new address makes no second person.
    A person without address, reference and id is nobody who could be found again, and is left alone.
    """
    wanted = [field for field in PERSON_FIELDS if field in set(fields)]
    free = list(other)
    pairs: list[PersonPair] = []
    for person in master:
        key = person_key(person)
        if not key or not person.is_active or any(key == pair.key for pair in pairs):
            continue
        found = _partner(person, base.get(key), free)
        if found is not None:
            free.remove(found)
        pairs.append(PersonPair(key, person, found, _compared(person, found, base.get(key), wanted, wipe=wipe)))
    return pairs


def _partner(
    person: ContactPerson, known: Mapping[str, Agreed] | None, others: Sequence[ContactPerson]
) -> ContactPerson | None:
    emails = [comparable_email(person.email)]
    if known is not None and "email" in known:
        emails.append(comparable_email(str(known["email"].other or "")))
    for email in filter(None, emails):
        for one in others:
            if comparable_email(one.email) == email:
                return one
    references = {text for text in (person.external_reference, person.key) if text}
    for one in others:
        theirs = {text for text in (one.external_reference, one.key) if text}
        if references & theirs:
            return one
    return None


def _compared(
    person: ContactPerson,
    found: ContactPerson | None,
    known: Mapping[str, Agreed] | None,
    fields: Sequence[str],
    *,
    wipe: bool,
) -> Comparison:
    theirs = person_values(found, fields) if found is not None else {}
    return compare(
        (known or {}) if found is not None else {},
        person_values(person, fields),
        theirs,
        fields=fields,
        wipe=wipe,
        same=is_same,
    )
