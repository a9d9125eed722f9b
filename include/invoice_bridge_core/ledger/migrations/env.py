"""Runs migrations on the connection that `invoice_bridge_core.ledger.database.schema` hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import context

from invoice_bridge_core.ledger.database.tables import SCHEMA, metadata

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def run(connection: Connection) -> None:
    # CREATE SCHEMA IF NOT EXISTS asks for the right to create one even when it is there already.
    if not sa.inspect(connection).has_schema(SCHEMA):
        connection.execute(sa.schema.CreateSchema(SCHEMA))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
