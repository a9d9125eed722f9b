"""What passes between a process and the ledger's database, counted at both ends; none of its rows is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg2
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

_COUNTED_BY_THE_SERVER = "SELECT xact_commit, sessions FROM pg_stat_database WHERE datname = current_database()"


def count_ledger(counts: Counter[str]) -> None:
    """Count statements, transactions and connects of this process from now on."""

    def add(what: str) -> Callable[..., None]:
        def heard(*_: Any) -> None:
            counts[what] += 1

        return heard

    sa.event.listen(sa.Engine, "before_cursor_execute", add("statements"))
    sa.event.listen(sa.Engine, "commit", add("commits"))
    sa.event.listen(sa.Engine, "rollback", add("rollbacks"))
    sa.event.listen(sa.Pool, "connect", add("connects"))


def counted_by_server(url: str) -> tuple[int, int]:
    """Transactions and connects of the ledger's database since its start, this look included."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(_COUNTED_BY_THE_SERVER)
        transactions, sessions = cursor.fetchone() or (0, 0)
        return int(transactions), int(sessions)


def by_the_driver_alone(url: str) -> Any:
    """A connection to the ledger's database as no code of ours makes it, for tables of the benchmark's own.

    :param url: as Airflow's connection gives it.
    """
    return psycopg2.connect(url.replace("postgres://", "postgresql://", 1))
