"""The ledger's part for customers: what both sides have, what is wanted, and who works on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.ledger.customers import customer_rows
from invoice_bridge_core.ledger.customers.customer_claim import CustomerClaim, keep_persons
from invoice_bridge_core.ledger.database import leases
from invoice_bridge_core.ledger.database.customer_tables import customer_links
from invoice_bridge_core.ledger.database.tables import INSTANT, NOW, cursors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from invoice_bridge_core.documents.customer_card import CustomerCard
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow, Json
    from invoice_bridge_core.ledger.database.database import Database

LEASE_SECONDS = 300
_AT_A_TIME = 200


@dataclass(frozen=True)
class PlannedRow:
    """A customer as a plan leaves it.

    :param known: its row before; `None` for a new one.
    :param drops: the row of the other side's customer that becomes part of this one.
    :param source_is_new: whether the source was read just now; likewise `finance_is_new`.
    """

    source_key: str | None
    finance_id: str | None
    label: str
    source: CustomerCard | None
    finance: CustomerCard | None
    state: CustomerState
    reason: str | None = None
    base: Json = field(default_factory=dict)
    persons: Mapping[str, Json] = field(default_factory=dict)
    changes: tuple[tuple[str, str, str], ...] = ()
    known: CustomerRow | None = None
    drops: CustomerRow | None = None
    source_is_new: bool = False


class CustomerLedger:
    """The customers of one ledger. All methods raise `LedgerError` when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, source_conn: str, finance_conn: str) -> list[CustomerRow]:
        """All customers of two connections."""
        with self._database.transaction() as connection:
            return customer_rows.find(connection, customer_rows.of_pair(source_conn, finance_conn))

    def with_ids(self, ids: Collection[int]) -> dict[int, CustomerRow]:
        """The customers of these rows."""
        with self._database.transaction() as connection:
            return {row.id: row for row in customer_rows.find(connection, customer_rows.with_ids(ids))}

    def wanted(self, source_conn: str, finance_conn: str, limit: int | None = None) -> list[CustomerRow]:
        """The customers with news, those first that wait longest."""
        is_wanted = customer_links.c.state == CustomerState.WANTED
        with self._database.transaction() as connection:
            ours = customer_rows.of_pair(source_conn, finance_conn)
            return customer_rows.find(connection, ours, is_wanted, limit=limit, oldest=True)

    def count_of_route(self, route: str) -> dict[CustomerState, int]:
        """How many customers of a route stand how."""
        query = (
            sa.select(customer_links.c.state, sa.func.count())
            .where(customer_links.c.route == route)
            .group_by(customer_links.c.state)
        )
        with self._database.transaction() as connection:
            return {CustomerState(state): count for state, count in connection.execute(query)}

    def now(self) -> dt.datetime:
        """The database's own time."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(NOW)).scalar_one()

    def cursor(self, name: str) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The last change that was read, by the finance system's clock, and when everything was read last."""
        with self._database.transaction() as connection:
            record = connection.execute(sa.select(cursors).where(cursors.c.name == name)).mappings().one_or_none()
        if record is None:
            return (None, None)
        text = record["cursor"]
        return (dt.datetime.fromisoformat(text) if text else None, record["asked_at"])

    def note_read(self, source_conn: str, finance_conn: str, route: str, cards: Sequence[CustomerCard]) -> None:
        """Keep cards of the source as they come, so that a reading that stops half-way is not begun anew."""
        statement = insert(customer_links)
        statement = statement.on_conflict_do_update(
            index_elements=["source_conn", "finance_conn", "source_key"],
            index_where=customer_links.c.source_key.is_not(None),
            set_={"source_card": statement.excluded.source_card, "source_read_at": NOW},
        )
        values = [
            {
                "source_conn": source_conn,
                "finance_conn": finance_conn,
                "route": route,
                "source_key": card.key,
                "label": card.label,
                "source_card": card.as_json(),
                "state": CustomerState.ALONE,
            }
            for card in cards
        ]
        with self._database.transaction() as connection:
            connection.execute(statement.values(source_read_at=NOW), values)

    def keep(
        self,
        source_conn: str,
        finance_conn: str,
        route: str,
        planned: Iterable[PlannedRow],
        *,
        cursor: str,
        began: dt.datetime,
        changed_until: dt.datetime | None,
        is_full: bool,
    ) -> None:
        """Keep a plan, then move the cursor. Rows that a task works on, or has changed meanwhile, stay as they are.

        :param began: when the reading began.
        :param changed_until: the last change that it has seen, by the finance system's clock.
        """
        waiting = list(planned)
        for start in range(0, len(waiting), _AT_A_TIME):
            with self._database.transaction() as connection:
                for row in waiting[start : start + _AT_A_TIME]:
                    _keep(connection, source_conn, finance_conn, route, row)
        seen = {} if changed_until is None else {"cursor": changed_until.isoformat()}
        moved = {"polled_at": began, **seen, **({"asked_at": began} if is_full else {})}
        statement = insert(cursors).values(name=cursor, **moved)
        with self._database.transaction() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=moved))

    def claim(self, link_id: int, claimant: str, *, seconds: int = LEASE_SECONDS) -> CustomerClaim | None:
        """Take one customer; `None` while another task works on it, or when it is gone."""
        with self._database.transaction() as connection:
            record = leases.locked_record(connection, customer_links, customer_links.c.id == link_id)
            taken = None if record is None else leases.take(connection, customer_links, record, claimant, seconds)
            if taken is None:
                return None
            persons = customer_rows.persons_of(connection, [customer_links.c.id == link_id])
        return CustomerClaim(self._database, taken, seconds, persons.get(link_id, {}))


def _keep(connection: sa.Connection, source_conn: str, finance_conn: str, route: str, row: PlannedRow) -> None:
    values: dict[str, Any] = {
        "route": route,
        "source_key": row.source_key,
        "finance_id": row.finance_id,
        "label": row.label,
        "source_card": None if row.source is None else row.source.as_json(),
        "finance_card": None if row.finance is None else row.finance.as_json(),
        "base": row.base,
        "state": row.state,
        "reason": row.reason,
        "changes": [list(change) for change in row.changes],
        "updated_at": NOW,
    }
    if row.source_is_new:
        values["source_read_at"] = NOW
    is_wanted = row.state is CustomerState.WANTED
    wanted_at = sa.func.coalesce(customer_links.c.wanted_at, NOW) if is_wanted else sa.null()
    if row.drops is not None and not _dropped(connection, row.drops):
        return
    if row.known is None:
        new = insert(customer_links).values(
            source_conn=source_conn, finance_conn=finance_conn, wanted_at=NOW if is_wanted else None, **values
        )
        link_id = connection.scalar(new.on_conflict_do_nothing().returning(customer_links.c.id))
    else:
        changed = (
            sa.update(customer_links)
            .where(customer_links.c.id == row.known.id, *_untouched(row.known))
            .values(**values, wanted_at=sa.cast(wanted_at, INSTANT))
            .returning(customer_links.c.id)
        )
        link_id = connection.scalar(changed)
    if link_id is not None and row.persons:
        keep_persons(connection, link_id, row.persons)


def _dropped(connection: sa.Connection, row: CustomerRow) -> bool:
    gone = (
        sa.delete(customer_links).where(customer_links.c.id == row.id, *_untouched(row)).returning(customer_links.c.id)
    )
    return connection.scalar(gone) is not None


def _untouched(row: CustomerRow) -> tuple[sa.ColumnElement[bool], ...]:
    is_free = sa.func.coalesce(customer_links.c.lease_until < NOW, sa.true())
    return (is_free, customer_links.c.updated_at == row.updated_at)
