"""The rows of customers, as the ledger shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.documents.customer_card import CustomerCard
from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.ledger.database.customer_tables import customer_links, customer_persons
from invoice_bridge_core.ledger.database.tables import NOW

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

Json = dict[str, Any]


@dataclass(frozen=True)
class CustomerRow:
    """What the ledger knows of one customer of a route's two systems.

    :param base: field → what master and other side said when they agreed last.
    :param persons: the same of each contact person, by the master's key.
    :param changes: what is wanted; `written` what was written last: field, from, to.
    :param intent: what is being written, whose end was not noted; `None` when nothing is.
    :param is_leased: whether a task works on it now.
    """

    id: int
    route: str
    source_key: str | None
    finance_id: str | None
    label: str
    source: CustomerCard | None
    finance: CustomerCard | None
    state: CustomerState
    reason: str | None
    base: Json = field(default_factory=dict)
    persons: dict[str, Json] = field(default_factory=dict)
    changes: tuple[tuple[str, str, str], ...] = ()
    written: tuple[tuple[str, str, str], ...] = ()
    written_at: dt.datetime | None = None
    intent: Json | None = None
    intent_at: dt.datetime | None = None
    is_leased: bool = False
    source_read_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


def find(
    connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None, oldest: bool = False
) -> list[CustomerRow]:
    """The rows that meet the conditions.

    :param oldest: those first that are wanted longest.
    """
    is_leased = sa.func.coalesce(customer_links.c.lease_until > NOW, sa.false()).label("is_leased")
    order = (customer_links.c.wanted_at, customer_links.c.id) if oldest else (customer_links.c.id,)
    query = sa.select(customer_links, is_leased).where(*conditions).order_by(*order).limit(limit)
    records = connection.execute(query).mappings().all()
    persons = persons_of(connection, conditions)
    return [row_of(record, persons.get(record["id"], {})) for record in records]


def persons_of(connection: sa.Connection, conditions: Iterable[sa.ColumnElement[bool]]) -> dict[int, dict[str, Json]]:
    """The contact persons of the customers that meet the conditions, by the customer's row."""
    query = (
        sa.select(customer_persons.c.link_id, customer_persons.c.person_key, customer_persons.c.base)
        .join(customer_links, customer_links.c.id == customer_persons.c.link_id)
        .where(*conditions)
    )
    found: dict[int, dict[str, Json]] = {}
    for link_id, key, base in connection.execute(query):
        found.setdefault(link_id, {})[key] = base
    return found


def row_of(record: Mapping[str, Any] | sa.RowMapping, persons: dict[str, Json]) -> CustomerRow:
    """A record of the table as a row."""
    return CustomerRow(
        id=record["id"],
        route=record["route"],
        source_key=record["source_key"],
        finance_id=record["finance_id"],
        label=record["label"],
        source=_card(record["source_card"]),
        finance=_card(record["finance_card"]),
        state=CustomerState(record["state"]),
        reason=record["reason"],
        base=record["base"],
        persons=persons,
        changes=tuple((name, old, new) for name, old, new in record["changes"]),
        written=tuple((name, old, new) for name, old, new in record["written"]),
        written_at=record["written_at"],
        intent=record["intent"],
        intent_at=record["intent_at"],
        is_leased=bool(record.get("is_leased")),
        source_read_at=record["source_read_at"],
        updated_at=record["updated_at"],
    )


def of_pair(source_conn: str, finance_conn: str) -> sa.ColumnElement[bool]:
    """The customers of two connections."""
    return (customer_links.c.source_conn == source_conn) & (customer_links.c.finance_conn == finance_conn)


def with_ids(ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The customers of these rows."""
    return customer_links.c.id.in_(ids)


def _card(values: Json | None) -> CustomerCard | None:
    return None if values is None else CustomerCard.model_validate(values)
