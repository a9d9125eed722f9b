"""Which contact person of one side is which of the other, and what has to become of them. Nobody is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.comparison import Agreed, Comparison, compare
from invoice_bridge_core.customers.values import PERSON_FIELDS, is_same, person_values
from invoice_bridge_core.documents.comparable import comparable_email

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
    """Each person of the master beside the same one of the other side: by e-mail address, by reference, then by name.

    One whom both sides agreed on before is known by the address and name of then, so that a new one makes no second
    person. A name alone tells who somebody is only where an address is missing.
    A person without address, reference and id is nobody who could be found again, and is left alone.
    """
    wanted = [field for field in PERSON_FIELDS if field in set(fields)]
    ours: dict[str, ContactPerson] = {}
    for person in master:
        if person.is_active and (key := person_key(person)):
            ours.setdefault(key, person)
    found = _partners(base, ours, other)
    return [
        PersonPair(key, person, found.get(key), _compared(person, found.get(key), base.get(key), wanted, wipe=wipe))
        for key, person in ours.items()
    ]


def _partners(
    base: Mapping[str, Mapping[str, Agreed]], ours: Mapping[str, ContactPerson], others: Sequence[ContactPerson]
) -> dict[str, ContactPerson]:
    """Key → the same person on the other side. The surest sign is looked for among all of them first."""
    free = list(others)
    found: dict[str, ContactPerson] = {}
    for is_same_person, must_be_clear in _SIGNS:
        for key, person in ours.items():
            if key in found:
                continue
            known = base.get(key, {})
            hits = [one for one in free if is_same_person(person, one, known)]
            is_clear = len({comparable_email(one.email) for one in hits}) == 1
            if hits and (is_clear or not must_be_clear):
                found[key] = hits[0]
                free = [one for one in free if one is not hits[0]]
    return found


def _by_email_and_name(person: ContactPerson, one: ContactPerson, known: Mapping[str, Agreed]) -> bool:
    return _by_email(person, one, known) and _same_name(person, one)


def _by_email(person: ContactPerson, one: ContactPerson, _: Mapping[str, Agreed]) -> bool:
    return bool(email := comparable_email(person.email)) and comparable_email(one.email) == email


def _by_known_email(_: ContactPerson, one: ContactPerson, known: Mapping[str, Agreed]) -> bool:
    return bool(email := comparable_email(_known(known, "email"))) and comparable_email(one.email) == email


def _by_reference(person: ContactPerson, one: ContactPerson, _: Mapping[str, Agreed]) -> bool:
    ours, theirs = ({text for text in (each.external_reference, each.key) if text} for each in (person, one))
    return not ours.isdisjoint(theirs)


def _by_known_name(_: ContactPerson, one: ContactPerson, known: Mapping[str, Agreed]) -> bool:
    if comparable_email(_known(known, "email")):
        return False
    then = _folded(_known(known, "first_name"), _known(known, "last_name"))
    return then != "" and then == _name(one)


def _by_name_alone(person: ContactPerson, one: ContactPerson, _: Mapping[str, Agreed]) -> bool:
    has_email = comparable_email(person.email) or comparable_email(one.email)
    return not has_email and _same_name(person, one)


def _by_name(person: ContactPerson, one: ContactPerson, _: Mapping[str, Agreed]) -> bool:
    both_have_email = comparable_email(person.email) and comparable_email(one.email)
    return not both_have_email and _same_name(person, one)


_SIGNS: tuple[tuple[Callable[[ContactPerson, ContactPerson, Mapping[str, Agreed]], bool], bool], ...] = (
    (_by_email_and_name, False),
    (_by_email, False),
    (_by_known_email, False),
    (_by_reference, False),
    (_by_known_name, False),
    (_by_name_alone, False),
    (_by_name, True),
)
"""What tells that two are one person, and whether it tells nothing where it fits several; the surest first.

Several whom nothing tells apart count as one.
"""


def _same_name(person: ContactPerson, one: ContactPerson) -> bool:
    """Whether both are called the same, however the name is split, and still will be once it is split the same way."""
    stays = (one.first_name and not person.first_name) or (one.last_name and not person.last_name)
    return not stays and _name(person) == _name(one) != ""


def _name(person: ContactPerson) -> str:
    return _folded(person.first_name, person.last_name)


def _folded(*names: str | None) -> str:
    return " ".join(" ".join(name or "" for name in names).split()).casefold()


def _known(known: Mapping[str, Agreed], field: str) -> str | None:
    """What the other side said of a field when both agreed."""
    value = known[field].other if field in known else None
    return None if value is None else str(value)


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
