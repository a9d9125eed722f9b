"""Which customer of one side is which of the other, found among all of them at once by the transfer's rules."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.values import country_of
from invoice_bridge_core.documents.comparable import comparable_email
from invoice_bridge_core.documents.customer_card import CustomerCard, CustomerStatus
from invoice_bridge_core.documents.customer_matching import (
    Identifiers,
    are_namesakes,
    share_email,
    tax_likeness,
)
from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.documents.reading.emails import usable_email
from invoice_bridge_core.documents.tax_numbers import Likeness, read_tax_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from invoice_bridge_core.customers.direction import Direction


@dataclass(frozen=True)
class Match:
    """What was found for a customer.

    :param found: the one that it is; `None` where there is none, or no single one.
    :param problem: why a person has to decide.
    """

    found: CustomerCard | None = None
    problem: str | None = None


class Candidates:
    """All customers of the side that is written, by whatever could tell that one of them is the master's.

    :param own_prefixes: how the transfer's own keys of customers begin.
    """

    def __init__(self, direction: Direction, cards: Iterable[CustomerCard], own_prefixes: tuple[str, ...]) -> None:
        self._direction = direction
        self._own_prefixes = own_prefixes
        self._by_token: dict[str, list[CustomerCard]] = defaultdict(list)
        self._match = frozenset(direction.settings.match)
        for card in cards:
            self.add(card)

    def add(self, card: CustomerCard) -> None:
        """One more of them: one that is planned counts like one that is there."""
        for token in self._tokens(card, is_master=False):
            self._by_token[token].append(card)

    def match(self, master: CustomerCard) -> Match:
        """The customer of the other side that the master's is.

        :param master: as the master has it.
        """
        near: dict[str, CustomerCard] = {}
        for token in self._tokens(master, is_master=True):
            near |= {other.key: other for other in self._by_token.get(token, ())}
        others = sorted(near.values(), key=lambda other: other.key)
        put_away: list[CustomerCard] = []
        for level, is_hit in self._levels(master):
            hits = [other for other in others if is_hit(other)]
            active = [other for other in hits if other.is_active]
            if len(active) > 1:
                return Match(problem=self._several(master, active))
            if active:
                return Match(active[0])
            merged = next((other for other in hits if other.status is CustomerStatus.MERGED), None)
            if merged is not None and (level == "tax_number" or level == "name"):
                return Match(merged)
            put_away += hits if level != "name" else []
        merged = next((other for other in put_away if other.status is CustomerStatus.MERGED), None)
        if merged is not None:
            return Match(merged)
        return Match(problem=self.archived(master, put_away[0])) if put_away else Match()

    def archived(self, master: CustomerCard, other: CustomerCard) -> str:
        """What a person should know of a customer whose only match was put away."""
        return (
            f"'{other.name}' in {self._direction.other_name}, which is {master.label} of "
            f"{self._direction.master_name}, is archived: restore it there"
        )

    def _several(self, master: CustomerCard, active: list[CustomerCard]) -> str:
        names = ", ".join(f"{other.label} ({other.key})" for other in active[:5])
        return (
            f"{len(active)} customers in {self._direction.other_name} fit {master.label} of "
            f"{self._direction.master_name}: {names}. Merge them, or give the right one the tax number"
        )

    def _levels(self, master: CustomerCard) -> Iterator[tuple[str, Callable[[CustomerCard], bool]]]:
        ours = self._identifiers(master, is_master=True)

        def by_tax(other: CustomerCard) -> bool:
            return tax_likeness(ours, self._identifiers(other, is_master=False)) is Likeness.SAME

        def by_reference(other: CustomerCard) -> bool:
            return not self._references(master, is_master=True).isdisjoint(self._references(other, is_master=False))

        def by_number(other: CustomerCard) -> bool:
            theirs = self._identifiers(other, is_master=False)
            same = _folded(master.customer_number) == _folded(other.customer_number) != ""
            return same and tax_likeness(ours, theirs) is not Likeness.DIFFERENT

        def by_email(other: CustomerCard) -> bool:
            return share_email(ours, self._identifiers(other, is_master=False))

        def by_name(other: CustomerCard) -> bool:
            theirs = self._identifiers(other, is_master=False)
            return are_namesakes(ours, theirs, is_anothers=self._is_anothers(master, other))

        levels: dict[str, Callable[[CustomerCard], bool]] = {
            "tax_number": by_tax,
            "reference": by_reference,
            "customer_number": by_number,
            "email": by_email,
            "name": by_name,
        }
        for name, is_hit in levels.items():
            if name == "reference" or name in self._match:
                yield name, is_hit

    def _is_anothers(self, master: CustomerCard, other: CustomerCard) -> bool:
        source, finance = self._direction.sides(master, other)
        number = finance.external_reference or ""
        return number.startswith(self._own_prefixes) and number != self._direction.finance.reference_for(source)

    def _tokens(self, card: CustomerCard, *, is_master: bool) -> Iterator[str]:
        known = self._identifiers(card, is_master=is_master)
        yield from (f"tax:{text}" for number in known.tax_numbers for text in number.shared_texts)
        yield from (f"ref:{reference}" for reference in self._references(card, is_master=is_master))
        yield from (f"name:{name}" for name in known.comparable_names)
        if email := comparable_email(known.email):
            yield f"email:{email}"
        if number := _folded(card.customer_number):
            yield f"number:{number}"

    def _references(self, card: CustomerCard, *, is_master: bool) -> frozenset[str]:
        """By what either side names a customer of the other."""
        if is_master is self._direction.is_source_master:
            own = f"own:{self._direction.finance.reference_for(card)}"
            given = {f"id:{card.external_reference}"} if card.external_reference else set()
            return frozenset({own} | given)
        number = card.external_reference
        told = {f"own:{number}"} if number else set()
        if number and "external_reference" in self._match:
            told.add(f"id:{number}")
        return frozenset({f"id:{card.key}"} | told)

    def _identifiers(self, card: CustomerCard, *, is_master: bool) -> Identifiers:
        is_source = is_master is self._direction.is_source_master
        names = (card.name, self._direction.finance.own_name(card)) if is_source else (card.name,)
        numbers = tuple(number for number in (card.tax_number, card.organisation_number) if number)
        return _identifiers(names, card.email, numbers if is_source else numbers[:1], country_of(card))


@lru_cache(maxsize=16384)
def _identifiers(
    names: tuple[str, ...], email: str | None, numbers: tuple[str, ...], country: str | None
) -> Identifiers:
    return Identifiers(names, usable_email(email), read_tax_numbers(dict.fromkeys(numbers), country))


def _folded(number: str | None) -> str:
    return as_code(number or "").casefold()
