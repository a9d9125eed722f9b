"""What a run would change: both sides compared, customer by customer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from invoice_bridge_core.customers.direction import Direction
from invoice_bridge_core.customers.pair_planner import PairPlanner
from invoice_bridge_core.customers.partners import Partners
from invoice_bridge_core.customers.reading import read_both
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.ledger import KnownContact
from invoice_bridge_core.ledger.contacts import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.customers.reading import BothSides
    from invoice_bridge_core.ledger.customers.customer_ledger import PlannedRow
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from invoice_bridge_core.transfer.route_session import RouteSession

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
        by_master = {key: row for row in both.rows if (key := direction.master_key(row)) is not None}
        by_other = {key: row for row in both.rows if (key := direction.other_key(row)) is not None}
        linked = {key: there for key, row in by_master.items() if (there := direction.other_key(row)) is not None}
        pairs = PairPlanner(
            direction, {fold(card.name) for card in both.finance.values() if card.is_active}, is_full=both.is_full
        )
        prefixes = (f"{self._conns[0]}:customer:", "booker:")
        known = self._known_contacts(both)
        partners = Partners(direction, others, linked=linked, known=known, prefixes=prefixes)
        for key in sorted(masters, key=_natural):
            master, row = masters[key], by_master.get(key)
            other_key, problem = partners.of(key, master)
            other = others.get(other_key) if other_key is not None else None
            planned = pairs.compared(master, other, row, problem)
            if other is None and planned.state is CustomerState.WANTED:
                partners.made(key, master)
            yield replace(
                planned,
                known=row,
                drops=_dropped(direction, row, by_other.get(other_key or "")) if other_key != linked.get(key) else None,
                source_is_new=planned.source_key in both.read,
                label=master.label,
            )
        for key in sorted(others, key=_natural):
            if partners.is_alone(key):
                alone = pairs.alone(others[key], by_other.get(key))
                yield replace(alone, source_is_new=alone.source_key in both.read)

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


def _dropped(direction: Direction, row: CustomerRow | None, owner: CustomerRow | None) -> CustomerRow | None:
    """The row of a customer that was alone on the other side, and is this one's now."""
    return owner if owner is not None and owner is not row and direction.master_key(owner) is None else None


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
