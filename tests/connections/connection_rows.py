"""What the ledger knows of connections, read and changed by tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.connections.health import ConnectionHealth, records_of
from invoice_bridge_core.ledger.database.tables import connections

if TYPE_CHECKING:
    from tests.world import World


def record(world: World, conn_id: str = "xero_default") -> ConnectionHealth:
    with world.ledger.transaction() as connection:
        return records_of(connection, [conn_id])[conn_id]


def change(world: World, conn_id: str = "xero_default", **values: Any) -> None:
    with world.ledger.transaction() as connection:
        connection.execute(sa.update(connections).where(connections.c.conn_id == conn_id).values(**values))


def hours_ago(hours: float) -> sa.ColumnElement[Any]:
    return sa.text(f"now() - interval '{hours} hours'")  # type: ignore[return-value]
