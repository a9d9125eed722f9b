"""What becomes of one customer: its two sides compared, or only one where the other has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.pair import compare_pair
from invoice_bridge_core.documents.customer_card import CustomerStatus
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.ledger.contacts import fold
from invoice_bridge_core.ledger.customers.customer_ledger import PlannedRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.customers.direction import Direction
    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow


class PairPlanner:
    """Decides customer by customer, and knows which names are given away meanwhile.

    :param taken: the names of contacts that are in use, folded.
    :param is_full: whether both sides were read in full: then what was refused is tried again.
    """

    def __init__(self, direction: Direction, taken: set[str], *, is_full: bool) -> None:
        self._direction = direction
        self._taken = taken
        self._is_full = is_full

    def compared(
        self, master: CustomerCard, other: CustomerCard | None, row: CustomerRow | None, problem: str | None
    ) -> PlannedRow:
        """What a run would change of a customer that the master has.

        :param other: its partner on the other side; `None` where it has none.
        :param problem: why a person has to say which one it is.
        """
        direction = self._direction
        source, finance = (master, other) if direction.is_source_master else (other, master)
        planned = PlannedRow(
            source_key=None if source is None else source.key,
            finance_id=None if finance is None else finance.key,
            label=master.label,
            source=source,
            finance=finance,
            state=CustomerState.ALONE,
            base={} if row is None else row.base,
        )
        if problem is not None:
            return replace(planned, state=CustomerState.HELD, reason=problem)
        if not master.is_active or not master.is_customer:
            state, reason = self._put_away(master, other)
            return replace(planned, state=state, reason=reason)
        if other is None and not direction.settings.create:
            return replace(planned, reason=f"only in {direction.master_name}; the route makes no customers")
        if other is not None and not other.is_active:
            return replace(planned, state=CustomerState.HELD, reason=self._unusable(master, other))
        return self._with_changes(planned, master, other, row)

    def _with_changes(
        self, planned: PlannedRow, master: CustomerCard, other: CustomerCard | None, row: CustomerRow | None
    ) -> PlannedRow:
        direction = self._direction
        name = self._free_name(master) if other is None else self._kept_name(master, other)
        comparison = compare_pair(
            direction,
            master,
            other,
            base=planned.base if other is not None and _was_linked(direction, row) else {},
            persons={} if row is None else row.persons,
            intent=None if row is None else row.intent,
            name=name,
        )
        planned = replace(planned, base=comparison.base, persons=comparison.persons_base)
        if comparison.conflicts:
            reason = comparison.conflict_text(direction)
            return replace(planned, state=CustomerState.CONFLICT, reason=reason, base={} if row is None else row.base)
        if row is not None and not self._is_full and _was_refused(row, comparison.rows):
            # The very same was refused; with the daily reading of everything it is tried again.
            return replace(planned, state=row.state, reason=row.reason, changes=row.changes)
        if comparison.rows or other is None:
            return replace(planned, state=CustomerState.WANTED, changes=comparison.rows)
        return replace(planned, state=CustomerState.IN_STEP, reason=None)

    def alone(self, other: CustomerCard, row: CustomerRow | None) -> PlannedRow:
        """A customer that only the other side has."""
        source, finance = (None, other) if self._direction.is_source_master else (other, None)
        return PlannedRow(
            source_key=None if source is None else source.key,
            finance_id=None if finance is None else finance.key,
            label=other.label,
            source=source,
            finance=finance,
            state=CustomerState.ALONE,
            reason=f"only in {self._direction.other_name}, and {self._direction.master_name} is the master",
            known=row,
        )

    def _free_name(self, master: CustomerCard) -> str | None:
        """The name that a customer gets in finance where its own is taken already; `None` where it is free."""
        if not self._direction.is_source_master:
            return None
        kept = self._direction.other.as_kept(master)
        name = kept.name if fold(kept.name) not in self._taken else self._direction.other.own_name(master)
        self._taken.add(fold(name))
        return None if name == kept.name else name

    def _kept_name(self, master: CustomerCard, other: CustomerCard) -> str | None:
        """The name that a contact keeps, where the customer's is another contact's; `None` where it may change."""
        if not self._direction.is_source_master:
            return None
        wanted = fold(self._direction.other.as_kept(master).name)
        if wanted == fold(other.name):
            return None
        if wanted in self._taken:
            return other.name
        self._taken.add(wanted)
        return None

    def _put_away(self, master: CustomerCard, other: CustomerCard | None) -> tuple[CustomerState, str]:
        here, there = self._direction.master_name, self._direction.other_name
        if not master.is_customer:
            return CustomerState.ALONE, f"bought from, not sold to, in {here}"
        what = {CustomerStatus.GONE: "no longer there", CustomerStatus.MERGED: "merged into another one"}
        how = what.get(master.status, "put away")
        if other is None:
            return CustomerState.ALONE, f"{how} in {here}, so it is made nowhere"
        return CustomerState.IN_STEP, f"{how} in {here}: left as it is in {there}"

    def _unusable(self, master: CustomerCard, other: CustomerCard) -> str:
        there = self._direction.other_name
        if other.status is CustomerStatus.GONE:
            return f"{master.label} is no longer in {there}, where it was {other.key}: look what became of it"
        if other.status is CustomerStatus.MERGED:
            return (
                f"'{other.name}' in {there}, which is {master.label}, was merged into one that is another customer's "
                "or cannot be used: look at both"
            )
        return f"'{other.name}' in {there}, which is {master.label}, is archived: restore it there"


def _was_refused(row: CustomerRow, changes: Sequence[tuple[str, str, str]]) -> bool:
    return row.state is CustomerState.HELD and bool(row.changes) and row.changes == tuple(changes)


def _was_linked(direction: Direction, row: CustomerRow | None) -> bool:
    return row is not None and direction.other_key(row) is not None
