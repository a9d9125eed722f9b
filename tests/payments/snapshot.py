"""A moment of a world, to go back to: what the sandbox holds and what the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.database.tables import SCHEMA, metadata

if TYPE_CHECKING:
    from tests.world import World

_TABLES = [table.name for table in metadata.sorted_tables]


class Snapshot:
    """The world as it is now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows = [(table, table.rows()) for table in world.sandbox.store.tables]
        copies = (f"CREATE TABLE kept.{name} AS TABLE {SCHEMA}.{name}" for name in _TABLES)
        self._execute("DROP SCHEMA IF EXISTS kept CASCADE", "CREATE SCHEMA kept", *copies)

    def restore(self) -> None:
        """Go back; whoever comes next is a process of its own."""
        world = self._world
        for table, rows in self._rows:
            table.clear()
            for row in rows:
                table.put(row)
        world.sandbox.faults.clear()
        world.sandbox.clock.reset()
        world.sandbox.traffic.reset()
        everything = ", ".join(f"{SCHEMA}.{name}" for name in _TABLES)
        back = (f"INSERT INTO {SCHEMA}.{name} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{name}" for name in _TABLES)
        self._execute(f"TRUNCATE {everything}", *back)
        new_process(world)

    def _execute(self, *statements: str) -> None:
        with self._world.ledger.transaction() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))


def new_process(world: World) -> None:
    """Leave behind what a dead process had open."""
    world.ledger.close()
    world.ledger = Ledger.connect(world.ledger_url)


def leases_run_out(world: World) -> None:
    """Time passes for the leases of the dead."""
    with world.ledger.transaction() as connection:
        for table in ("documents", "sales"):
            over = f"UPDATE {SCHEMA}.{table} SET lease_until = now() - interval '1 second'"
            connection.execute(sa.text(f"{over} WHERE lease_token IS NOT NULL"))


def pauses_run_out(world: World) -> None:
    """Time passes until the connections may be called again."""
    with world.ledger.transaction() as connection:
        connection.execute(sa.text(f"UPDATE {SCHEMA}.connections SET closed_until = NULL, closed_reason = NULL"))
