"""One customer on both sides: what the other side has to change, and where a person has to decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.comparison import Agreed, Change, Conflict, compare
from invoice_bridge_core.customers.persons import PersonPair, paired
from invoice_bridge_core.customers.values import Value, country_of, is_same, person_values, shown, values_of
from invoice_bridge_core.documents.customer_card import ContactPerson, CustomerCard
from invoice_bridge_core.ports.customers import PersonWrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.customers.direction import Direction
    from invoice_bridge_core.ledger.customers.customer_rows import Json

Rows = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PairComparison:
    """What the comparison of one customer came to.

    :param wanted: the master's card, as the other side would keep it.
    :param base: field → what both sides agree on already, as the ledger keeps it; likewise `persons_base`.
    """

    wanted: CustomerCard
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    persons: tuple[PersonWrite, ...] = ()
    person_rows: Rows = ()
    base: Json = field(default_factory=dict)
    persons_base: dict[str, Json] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that change."""
        return tuple(change.field for change in self.changes)

    @property
    def rows(self) -> Rows:
        """Field, from and to, as people read them."""
        return (*(change.as_row for change in self.changes), *self.person_rows)

    @property
    def intent(self) -> Json:
        """What is about to be written, as the ledger keeps it: field → the value."""
        return {change.field: change.new for change in self.changes}

    def conflict_text(self, direction: Direction) -> str:
        """Both sides of every field that was changed on both."""
        told = [
            f"{one.field}: {direction.master_name} says '{shown(one.master)}', {direction.other_name} says "
            f"'{shown(one.other)}', and it was '{shown(one.base)}' when they agreed"
            for one in self.conflicts
        ]
        return f"Changed on both sides. {'. '.join(told)}. Make both sides say the same"


def compare_pair(
    direction: Direction,
    master: CustomerCard,
    other: CustomerCard | None,
    *,
    base: Json,
    persons: Mapping[str, Json],
    intent: Json | None = None,
    name: str | None = None,
) -> PairComparison:
    """Compare a customer three ways.

    :param other: `None` where the customer is to be made.
    :param intent: what an earlier attempt may have written, so that finding it there is no change by somebody else.
    :param name: the name that it gets where its own is taken.
    """
    wanted = direction.other.as_kept(master)
    if name is not None:
        wanted = wanted.model_copy(update={"name": name})
    there = other or CustomerCard()
    plain = [one for one in direction.fields if one != "contact_persons"]
    agreed = _with_intent(direction.agreed(base), intent, values_of(there, plain)) if other is not None else {}
    comparison = compare(
        agreed,
        values_of(wanted, plain),
        values_of(there, plain),
        fields=plain,
        wipe=direction.settings.wipe,
        same=partial(_same, direction, master, there),
        unchanged=is_same,
    )
    pairs = _persons(direction, wanted, there, persons) if "contact_persons" in direction.fields else []
    gets_email = other is None or there.email or any(one.field == "email" and one.new for one in comparison.changes)
    if direction.other.persons_need_email and not gets_email:
        pairs = [pair for pair in pairs if pair.other is not None]
    return PairComparison(
        wanted=wanted,
        changes=comparison.changes,
        conflicts=(*comparison.conflicts, *(_named(one, pair) for pair in pairs for one in pair.comparison.conflicts)),
        persons=tuple(_write(pair) for pair in pairs if pair.comparison.changes),
        person_rows=tuple(_person_row(pair, change) for pair in pairs for change in pair.comparison.changes),
        base=direction.as_base(dict(comparison.agreed or {})),
        persons_base={
            pair.key: direction.as_base(dict(pair.comparison.agreed or {})) for pair in pairs if pair.other is not None
        },
    )


def settled(
    direction: Direction,
    master: CustomerCard,
    other: CustomerCard,
    before: PairComparison,
    old_persons: Mapping[str, Json],
) -> tuple[Json, dict[str, Json], Rows]:
    """What both sides agree on after a write, whatever the other side made of it, and what it did not take.

    :param other: the other side's card after the write.
    :return: base, the contact persons' bases, and the fields that stayed as they were.
    """
    plain = [one for one in direction.fields if one != "contact_persons"]
    ours, theirs = values_of(before.wanted, plain), values_of(other, plain)
    same = partial(_same, direction, master, other)
    written = set(before.fields)
    agreed = direction.agreed(before.base)
    agreed |= {name: Agreed(ours[name], theirs[name]) for name in plain if name in written}
    pairs = _persons(direction, before.wanted, other, old_persons) if before.persons else []
    persons = {
        pair.key: direction.as_base(
            {
                name: Agreed(value, person_values(pair.other)[name])
                for name, value in person_values(pair.master).items()
                if name in direction.person_fields
            }
        )
        for pair in pairs
        if pair.other is not None
    }
    refused = tuple(
        change.as_row for change in before.changes if not same(change.field, ours[change.field], theirs[change.field])
    )
    return direction.as_base(agreed), {**before.persons_base, **persons}, refused


def _persons(
    direction: Direction, wanted: CustomerCard, there: CustomerCard, persons: Mapping[str, Json]
) -> list[PersonPair]:
    known = {key: direction.agreed(base) for key, base in persons.items()}
    pairs = paired(
        known,
        wanted.contact_persons,
        there.contact_persons,
        fields=direction.person_fields,
        wipe=direction.settings.wipe,
    )
    most = direction.other.most_persons
    if most is None:
        return pairs
    room = most - len(there.contact_persons)
    new = [pair for pair in pairs if pair.other is None]
    return [pair for pair in pairs if pair.other is not None or new.index(pair) < room]


def _with_intent(agreed: dict[str, Agreed], intent: Json | None, there: Mapping[str, Value]) -> dict[str, Agreed]:
    """What was written by an attempt whose end nobody noted is what both sides agreed on, where it is there."""
    found = {
        name: Agreed(value, there[name])
        for name, value in (intent or {}).items()
        if name in there and is_same(name, value, there[name])
    }
    return {**agreed, **found}


def _same(direction: Direction, master: CustomerCard, other: CustomerCard, name: str, one: Value, two: Value) -> bool:
    if name == "name" and two is not None:
        source, finance = direction.sides(master, other)
        if finance.name == direction.finance.own_name(source):
            return True
    return is_same(name, one, two, countries=(country_of(master), country_of(other)))


def _write(pair: PersonPair) -> PersonWrite:
    return PersonWrite(pair.master, pair.other, tuple(change.field for change in pair.comparison.changes))


def _person_label(person: ContactPerson) -> str:
    return f"contact person {person.name}"


def _person_row(pair: PersonPair, change: Change) -> tuple[str, str, str]:
    name, old, new = change.as_row
    return (f"{_person_label(pair.master)}: {name}", old, new)


def _named(conflict: Conflict, pair: PersonPair) -> Conflict:
    return Conflict(f"{_person_label(pair.master)}: {conflict.field}", conflict.base, conflict.master, conflict.other)
