"""Who on the other side is whom: by earlier runs, by transfers, or by what both sides say of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.customers.pairing import Candidates
from invoice_bridge_core.documents.customer_card import CustomerStatus
from invoice_bridge_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.customers.direction import Direction
    from invoice_bridge_core.documents.customer_card import CustomerCard

_MOST_MERGES = 10


class Partners:
    """Gives each of the other side's customers to one customer of the master at most.

    :param others: the other side's customers by key; those that were read for it are added.
    :param linked: master's key → the other side's, as the ledger has it.
    :param known: the same, as transfers have chosen it.
    :param prefixes: of what a transfer notes in a contact.
    """

    def __init__(
        self,
        direction: Direction,
        others: dict[str, CustomerCard],
        *,
        linked: Mapping[str, str],
        known: Mapping[str, str],
        prefixes: tuple[str, ...],
    ) -> None:
        self._direction = direction
        self._others = others
        self._linked, self._known = linked, known
        self._candidates = Candidates(direction, others.values(), prefixes)
        self._taken = set(linked.values())

    def of(self, key: str, master: CustomerCard) -> tuple[str | None, str | None]:
        """The key of the other side's customer, or why there is none."""
        found, problem = self._found(key, master)
        if found is not None:
            self._taken.add(found)
        return found, problem

    def made(self, key: str, master: CustomerCard) -> None:
        """Note that the master's customer gets one of its own, which nobody else may become."""
        other = self._direction.other
        made = other.as_kept(master).model_copy(
            update={"key": f"new:{key}", "external_reference": other.reference_for(master)}
        )
        self._candidates.add(made)
        self._taken.add(made.key)

    def is_alone(self, other_key: str) -> bool:
        """Whether a customer of the other side is nobody's."""
        return other_key not in self._taken

    def _found(self, key: str, master: CustomerCard) -> tuple[str | None, str | None]:
        linked, known, others, taken = self._linked.get(key), self._known.get(key), self._others, self._taken
        if linked is not None:
            return self._followed(linked, taken), None
        if not master.is_active:
            return None, None
        found: str | None
        problem: str | None
        if known is not None:
            found, problem = self._followed(known, taken - {known}), None
        else:
            match = self._candidates.match(master)
            found, problem = (match.found.key if match.found is not None else None), match.problem
            if match.found is not None and match.found.status is CustomerStatus.MERGED:
                found = self._followed(match.found.key, taken)
        if found is not None and found in taken:
            here, there = self._direction.master_name, self._direction.other_name
            name = others[found].name if found in others else found
            return None, (
                f"{master.label} of {here} is '{name}' in {there}, but so is another customer of {here}. Merge the two "
                "there, or tell them apart by their numbers"
            )
        return found, problem

    def _followed(self, key: str, taken: set[str]) -> str:
        """The customer into which one was merged, by and by; the last one that nobody else is."""
        for _ in range(_MOST_MERGES):
            card = self._others.get(key)
            following = None if card is None else card.merged_to
            if following is None or following in taken:
                break
            if following not in self._others:
                try:
                    self._others[following] = self._direction.other.card(following)
                except NotFoundError:
                    break
            key = following
        return key
