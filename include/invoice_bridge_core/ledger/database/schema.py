"""Bringing the ledger's tables up to date when a task connects."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database import prepared_indexes
from invoice_bridge_core.ledger.database.locks import lock_number
from invoice_bridge_core.ledger.database.tables import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config

    from invoice_bridge_core.ledger.database.database import Database

HEAD = "0019"
"""The newest migration. Kept here so that a task that finds it applied need not import Alembic."""

MIGRATIONS = Path(__file__).parents[1] / "migrations"

_WAIT_SECONDS = 600.0
"""How long a task waits for another one that makes the tables, or the indexes of a large ledger."""
_LOOK_SECONDS = 0.2

VERSION_TABLE = sa.table("alembic_version", sa.column("version_num", sa.Text), schema=SCHEMA)

_VERSION = sa.select(VERSION_TABLE.c.version_num)

_NO_TABLE = ("42P01", "3F000")
"""There is no such table, or no such schema."""
OTHER_TABLES = (*_NO_TABLE, "42703")
"""The same, or there is no such column: the ledger is empty, or another release's."""

# Alembic keeps the migration that is running in module-wide variables.
_one_at_a_time = threading.Lock()


def bring_up_to_date(database: Database) -> None:
    """Apply the migrations that are missing; does nothing, and costs one query, when there are none.

    :raises LedgerError: when the ledger cannot be reached, or was made by a newer release than this one.
    """
    if version(database) != HEAD:
        _upgrade(database)


def migration_config() -> Config:
    """Alembic's settings, without an ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def version(database: Database) -> str | None:
    """The migration that was applied last; `None` in a database that has no ledger."""
    try:
        with database.look() as connection:
            return connection.scalar(_VERSION)
    except LedgerError as error:
        if error.sql_state in _NO_TABLE:
            return None
        raise


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.util import CommandError

    from invoice_bridge_core.ledger.database.open_work_indexes import ALL_INDEXES

    config = migration_config()
    with _one_at_a_time, _turn(database):
        prepared_indexes.prepare(database, version(database), ALL_INDEXES)
        with database.transaction() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '120s'"))
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise LedgerError(
                    f"The ledger at {database.name} was made by another release of this package ({error}); "
                    "install that release or a newer one"
                ) from error


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """One process at a time. Nobody waits inside a statement: an index that is made beside others waits for those.

    :raises LedgerError: another process has been at it for too long.
    """
    number = sa.cast(lock_number("ledger migrations"), sa.BigInteger)
    until = time.monotonic() + _WAIT_SECONDS
    with database.transaction() as connection:
        connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        while not connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))):
            if time.monotonic() > until:
                raise LedgerError(
                    f"The ledger at {database.name} is being brought up to date by another process; try again"
                )
            time.sleep(_LOOK_SECONDS)
        yield
