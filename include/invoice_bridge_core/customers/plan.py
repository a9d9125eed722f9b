"""What a run would change: both sides compared, customer by customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.direction import Direction
from invoice_bridge_core.customers.pair import compare_pair
from invoice_bridge_core.customers.pairing import Candidates
from invoice_bridge_core.customers.reading import read_both
from invoice_bridge_core.documents.customer_card import CustomerStatus
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.errors import NotFoundError
from invoice_bridge_core.ledger import KnownContact
from invoice_bridge_core.ledger.contacts import fold
from invoice_bridge_core.ledger.customers.customer_ledger import PlannedRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.customers.reading import BothSides
    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from invoice_bridge_core.transfer.route_session import RouteSession

_MOST_MERGES = 10
_SENT_BY_TRANSFERS = frozenset({"name", "tax_number", "email", "phone", "invoice_address"})


@dataclass(frozen=True)
class TableRow:
    """One line of the table: what becomes of one field of one customer."""

    customer: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Plan:
    """What a run found.

    :param table: what it would change.
    :param rows: every customer of either side.
    """

    direction: Direction
    rows: Sequence[PlannedRow] = ()
    table: Sequence[TableRow] = ()
    states: Counter[CustomerState] = field(default_factory=Counter)

    @property
    def open_questions(self) -> list[tuple[str, str]]:
        """The customers that a person has to decide on, and why."""
        return [
            (row.label, row.reason or "")
            for row in self.rows
            if row.state in (CustomerState.HELD, CustomerState.CONFLICT)
        ]


class CustomerPlanner:
    """Compares the customers of one route."""

    def __init__(self, session: RouteSession) -> None:
        self._session = session
        self._route = session.route
        self._direction = Direction.of(session.route, session.source, session.finance)
        self._conns = (session.source.conn_id, session.finance.conn_id)
        self._taken: set[str] = set()
        self._is_full = False

    @property
    def _cursor(self) -> str:
        return f"customers of {self._route.route}"

    def plan(self, *, dry_run: bool) -> Plan:
        """Read both sides, compare, and keep what is wanted; a dry run keeps nothing.

        :raises ConfigurationError: the route's systems have no customers to be kept in step.
        """
        ledger = self._session.ledger.customers
        both = read_both(
            self._direction, ledger, self._conns, self._route.route, cursor=self._cursor, keeps=not dry_run
        )
        self._is_full = both.is_full
        rows = list(self._planned(both))
        if not dry_run:
            self._remember(rows)
            changed = (row for row in rows if _is_news(row))
            ledger.keep(
                *self._conns,
                self._route.route,
                changed,
                cursor=self._cursor,
                began=both.began,
                changed_until=both.changed_until,
                is_full=both.is_full,
            )
        table = [
            TableRow(row.label, *change) for row in rows if row.state is CustomerState.WANTED for change in row.changes
        ]
        return Plan(self._direction, rows, table, Counter(row.state for row in rows))

    def _planned(self, both: BothSides) -> Iterator[PlannedRow]:
        direction = self._direction
        masters, others = (both.source, both.finance) if direction.is_source_master else (both.finance, both.source)
        by_master, by_other = _indexed(direction, both.rows)
        linked = {row_key: key for row_key, row in by_master.items() if (key := _other_key(direction, row)) is not None}
        taken = set(linked.values())
        self._taken = {fold(card.name) for card in both.finance.values() if card.is_active}
        known = self._known_contacts(both)
        prefixes = (f"{self._conns[0]}:customer:", "booker:")
        candidates = Candidates(direction, others.values(), prefixes)
        for key in sorted(masters, key=_natural):
            master, row = masters[key], by_master.get(key)
            other_key, problem = self._partner(key, master, linked.get(key), known.get(key), others, candidates, taken)
            drops = None
            if other_key is not None and other_key != linked.get(key):
                owner = by_other.get(other_key)
                drops = (
                    owner if owner is not None and owner is not row and _master_key(direction, owner) is None else None
                )
                taken.add(other_key)
            other = others.get(other_key) if other_key is not None else None
            planned = self._compared(master, other, row, problem)
            if other is None and planned.state is CustomerState.WANTED:
                made = direction.other.as_kept(master).model_copy(
                    update={"key": f"new:{key}", "external_reference": direction.other.reference_for(master)}
                )
                candidates.add(made)
                taken.add(made.key)
            yield replace(
                planned, known=row, drops=drops, source_is_new=planned.source_key in both.read, label=master.label
            )
        for key in sorted(others, key=_natural):
            if key not in taken:
                yield self._alone(others[key], by_other.get(key), both)

    def _partner(
        self,
        key: str,
        master: CustomerCard,
        linked: str | None,
        known: str | None,
        others: dict[str, CustomerCard],
        candidates: Candidates,
        taken: set[str],
    ) -> tuple[str | None, str | None]:
        """The key of the other side's customer, or why there is none."""
        if linked is not None:
            return self._followed(linked, others, taken), None
        if not master.is_active:
            return None, None
        found: str | None
        problem: str | None
        if known is not None:
            found, problem = self._followed(known, others, taken - {known}), None
        else:
            match = candidates.match(master)
            found, problem = (match.found.key if match.found is not None else None), match.problem
            if match.found is not None and match.found.status is CustomerStatus.MERGED:
                found = self._followed(match.found.key, others, taken)
        if found is not None and found in taken:
            here, there = self._direction.master_name, self._direction.other_name
            name = others[found].name if found in others else found
            return None, (
                f"{master.label} of {here} is '{name}' in {there}, but so is another customer of {here}. Merge the two "
                "there, or tell them apart by their numbers"
            )
        return found, problem

    def _followed(self, key: str, others: dict[str, CustomerCard], taken: set[str]) -> str:
        """The customer into which one was merged, by and by; the last one that nobody else is."""
        for _ in range(_MOST_MERGES):
            card = others.get(key)
            following = None if card is None else card.merged_to
            if following is None or following in taken:
                break
            if following not in others:
                try:
                    others[following] = self._direction.other.card(following)
                except NotFoundError:
                    break
            key = following
        return key

    def _compared(
        self, master: CustomerCard, other: CustomerCard | None, row: CustomerRow | None, problem: str | None
    ) -> PlannedRow:
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
            base=planned.base if other is not None and _was_linked(direction, row, other) else {},
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

    def _alone(self, other: CustomerCard, row: CustomerRow | None, both: BothSides) -> PlannedRow:
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
            source_is_new=source is not None and source.key in both.read,
        )

    def _known_contacts(self, both: BothSides) -> dict[str, str]:
        """Master's key → the other side's, of the contacts that transfers have chosen."""
        finance = self._session.finance
        chosen = self._session.ledger.contacts.all_known(finance.conn_id, f"{self._conns[0]}:customer:")
        keys = {finance.contacts.identity(card.party).key: key for key, card in both.source.items()} if chosen else {}
        found = {keys[own]: contact.contact_id for own, contact in chosen.items() if own in keys}
        if self._direction.is_source_master:
            return {key: contact_id for key, contact_id in found.items() if contact_id in both.finance}
        sources: dict[str, list[str]] = {}
        for key, contact_id in found.items():
            sources.setdefault(contact_id, []).append(key)
        return {contact_id: keys[0] for contact_id, keys in sources.items() if len(keys) == 1}

    def _remember(self, rows: Sequence[PlannedRow]) -> None:
        """Let the transfer know which contact is whose, where it has chosen none."""
        finance, contacts = self._session.finance, self._session.ledger.contacts
        chosen = contacts.all_known(finance.conn_id, f"{self._conns[0]}:customer:")
        for row in rows:
            if row.source is None or row.finance is None or row.state is CustomerState.HELD:
                continue
            identity = finance.contacts.identity(row.source.party)
            if identity.key in chosen:
                continue
            fingerprint = known_fingerprint(self._direction, identity.fingerprint, row.state)
            known = KnownContact(row.finance.key, fingerprint, row.finance.name)
            if row.finance.external_reference == self._direction.finance.reference_for(row.source):
                contacts.remember(finance.conn_id, identity.key, known)
            else:
                contacts.remember_if_free(finance.conn_id, identity.key, known)


def known_fingerprint(direction: Direction, fingerprint: str, state: CustomerState) -> str:
    """By what the transfer knows a customer's data: its own fingerprint where the sync has sent all of it.

    With another one, the transfer looks once whether the contact says the same.
    """
    is_sent = state is CustomerState.IN_STEP and set(direction.fields) >= _SENT_BY_TRANSFERS
    return fingerprint if is_sent and direction.is_source_master else f"not sent: {fingerprint}"


def _indexed(
    direction: Direction, rows: Sequence[CustomerRow]
) -> tuple[dict[str, CustomerRow], dict[str, CustomerRow]]:
    by_master = {key: row for row in rows if (key := _master_key(direction, row)) is not None}
    by_other = {key: row for row in rows if (key := _other_key(direction, row)) is not None}
    return by_master, by_other


def _master_key(direction: Direction, row: CustomerRow) -> str | None:
    return row.source_key if direction.is_source_master else row.finance_id


def _other_key(direction: Direction, row: CustomerRow) -> str | None:
    return row.finance_id if direction.is_source_master else row.source_key


def _was_refused(row: CustomerRow, changes: Sequence[tuple[str, str, str]]) -> bool:
    return row.state is CustomerState.HELD and bool(row.changes) and row.changes == tuple(changes)


def _was_linked(direction: Direction, row: CustomerRow | None, other: CustomerCard) -> bool:
    return row is not None and _other_key(direction, row) is not None


def _is_news(row: PlannedRow) -> bool:
    """Whether the ledger has to keep anything of it."""
    known = row.known
    if known is None or row.drops is not None or row.source_is_new:
        return True
    before = (
        known.source_key, known.finance_id, known.state, known.reason, known.source, known.finance, known.base,
        known.changes,
    )  # fmt: skip
    return before != (
        row.source_key, row.finance_id, row.state, row.reason, row.source, row.finance, row.base, row.changes
    ) or any(known.persons.get(key) != base for key, base in row.persons.items())  # fmt: skip


def _natural(key: str) -> tuple[int, str]:
    return (len(key), key)
