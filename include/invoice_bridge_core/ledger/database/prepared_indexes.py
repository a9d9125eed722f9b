"""Indexes that are made before their migration, so that a ledger in use is never locked for as long as they take.

`CREATE INDEX CONCURRENTLY` keeps nobody from writing, and runs in no transaction; a migration runs in one, so that it
happens as a whole or not at all. So what can be made beforehand is made beforehand, and the migration finds it there.
What fails here is left to the migration, which then takes the lock.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from invoice_bridge_core.ledger.database.tables import SCHEMA, documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.ledger.database.database import Database

log = logging.getLogger(__name__)

FROM_VERSION = "0014"
"""From this version on the tables have every column that the indexes need."""

WORTH_IT = 10_000
"""The lock on a ledger with fewer documents lasts for milliseconds."""

_SETTINGS = ("lock_timeout = '60s'", "statement_timeout = 0")
"""Those who are reading or writing are waited for; each of them is done in seconds."""


def prepare(database: Database, version: str | None, indexes: Mapping[str, str]) -> None:
    """Make these indexes, where the ledger is large, and new enough to have their columns.

    :param indexes: each by its name, with what it is made of.
    """
    if version is None or version < FROM_VERSION:
        return
    with database.outside_transactions() as connection:
        if not _is_large(connection):
            return
        for setting in _SETTINGS:
            connection.execute(sa.text(f"SET {setting}"))
        for name, made_of in indexes.items():
            _drop_half_made(connection, name)
            try:
                connection.execute(sa.text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {made_of}"))
            except DBAPIError as error:
                log.warning("The index %s is left to the migration: %s", name, type(error.orig).__name__)
                _drop_half_made(connection, name)


def _is_large(connection: sa.Connection) -> bool:
    some = sa.select(documents.c.id).limit(WORTH_IT).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(some)) == WORTH_IT


def _drop_half_made(connection: sa.Connection, name: str) -> None:
    """Remove what an attempt that died left: an index of this name that nothing uses."""
    is_half_made = sa.text(
        "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_namespace ON pg_namespace.oid ="
        " relnamespace WHERE nspname = :schema AND relname = :name AND NOT indisvalid"
    )
    if connection.scalar(is_half_made, {"schema": SCHEMA, "name": name}) is not None:
        connection.execute(sa.text(f"DROP INDEX CONCURRENTLY IF EXISTS {SCHEMA}.{name}"))
