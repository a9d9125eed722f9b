"""Locks between tasks on different machines: PostgreSQL's advisory locks."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.ledger.database.database import sql_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger.database.database import Database

LOCK_SECONDS = 90
"""How long a task waits for another one that makes the same contact or renews the same token."""

_LOCK_NOT_AVAILABLE = "55P03"
_KEPT_AT_MOST = "15min"


@contextmanager
def locked(database: Database, keys: tuple[str, ...], seconds: int) -> Iterator[None]:
    """Take a lock on each of the keys, on a connection of its own, until the block ends or the process dies.

    The order is the same for everybody, so two tasks that need several keys cannot wait for each other.

    :param seconds: how long to wait for each key.
    :raises TransientError: when somebody else kept one of them all that time.
    """
    with database.transaction() as connection:
        connection.execute(
            sa.text(
                "SELECT set_config('lock_timeout', :wait, true), set_config('statement_timeout', '0', true),"
                " set_config('idle_in_transaction_session_timeout', :kept, true)"
            ),
            {"wait": f"{seconds}s", "kept": _KEPT_AT_MOST},
        )
        for number, key in sorted((lock_number(key), key) for key in set(keys)):
            _take(connection, number, key, seconds)
        yield


def lock_number(key: str) -> int:
    """The 64-bit number, the same on every machine, that PostgreSQL knows the key's lock by."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)


def _take(connection: sa.Connection, number: int, key: str, seconds: int) -> None:
    try:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.cast(number, sa.BigInteger))))
    except DBAPIError as error:
        if sql_state(error) != _LOCK_NOT_AVAILABLE:
            raise
        raise TransientError(f"{key} is busy: another task has worked on it for more than {seconds} seconds") from error
