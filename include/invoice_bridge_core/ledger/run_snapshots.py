"""Snapshots of what a finance system says of itself, shared by all tasks of a run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database import schema
from invoice_bridge_core.ledger.database.locks import locked
from invoice_bridge_core.ledger.database.tables import NOW, reference_data
from invoice_bridge_core.ports import ReferenceData

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from invoice_bridge_core.ledger.database.database import Database

KEPT = dt.timedelta(days=7)
"""How long a snapshot is kept."""

_WAIT_SECONDS = 180

_IS_OF_RUN = sa.and_(
    reference_data.c.finance_conn.in_(sa.bindparam("names", expanding=True)),
    reference_data.c.run_key == sa.bindparam("of_run"),
)
_OF_RUN = sa.select(reference_data).where(_IS_OF_RUN)
_BEGINNING = sa.select(schema.VERSION_TABLE.c.version_num, reference_data).select_from(
    schema.VERSION_TABLE.outerjoin(reference_data, _IS_OF_RUN)
)


def read_once(database: Database, finance_conn: str, run_key: str, read: Callable[[], ReferenceData]) -> ReferenceData:
    """The run's snapshot; made by the first task that asks, while the others wait for it.

    The body comes back as JSON keeps it, for the task that made it too: amounts as `Decimal` or text, no tuples.

    :raises TransientError: another task has been reading it for too long.
    """
    snapshot = kept(database, finance_conn, run_key)
    if snapshot is not None:
        return snapshot
    with locked(database, (f"reference data of {finance_conn}",), _WAIT_SECONDS):
        return kept(database, finance_conn, run_key) or _store(database, finance_conn, run_key, read())


def recent(database: Database, finance_conn: str, age: dt.timedelta) -> ReferenceData | None:
    """The newest snapshot of whatever run, when it is not older than this."""
    query = (
        sa.select(reference_data)
        .where(reference_data.c.finance_conn == finance_conn, reference_data.c.read_at >= NOW - sa.literal(age))
        .order_by(reference_data.c.read_at.desc())
        .limit(1)
    )
    return _first(database, query)


def kept(database: Database, finance_conn: str, run_key: str) -> ReferenceData | None:
    """The run's snapshot, if one was made."""
    return kept_of(database, run_key, [finance_conn]).get(finance_conn)


def kept_of(database: Database, run_key: str, names: Collection[str]) -> dict[str, ReferenceData]:
    """Those of these snapshots that the run has made; one query, however many they are."""
    with database.look() as connection:
        records = connection.execute(_OF_RUN, {"names": list(names), "of_run": run_key}).mappings().all()
    return {record["finance_conn"]: _snapshot(record) for record in records}


def begun(database: Database, run_key: str, names: Collection[str]) -> dict[str, ReferenceData] | None:
    """The same, asked together with the ledger's version; `None` where that is not this release's.

    A task begins with both questions, and each costs it a millisecond.
    """
    try:
        with database.look() as connection:
            records = connection.execute(_BEGINNING, {"names": list(names), "of_run": run_key}).mappings().all()
    except LedgerError as error:
        if error.sql_state in schema.OTHER_TABLES:
            return None
        raise
    if [record["version_num"] for record in records[:1]] != [schema.HEAD]:
        return None
    return {record["finance_conn"]: _snapshot(record) for record in records if record["finance_conn"] is not None}


def _first(database: Database, query: sa.Select[tuple[object, ...]]) -> ReferenceData | None:
    with database.look() as connection:
        record = connection.execute(query).mappings().one_or_none()
    return _snapshot(record) if record else None


def _snapshot(record: sa.RowMapping) -> ReferenceData:
    return ReferenceData(body=record["body"], fingerprint=record["fingerprint"])


def _store(database: Database, finance_conn: str, run_key: str, snapshot: ReferenceData) -> ReferenceData:
    statement = (
        insert(reference_data)
        .values(
            finance_conn=finance_conn,
            run_key=run_key,
            body=snapshot.model_dump(mode="json")["body"],
            fingerprint=snapshot.fingerprint,
            read_at=NOW,
        )
        .returning(reference_data)
    )
    with database.transaction() as connection:
        connection.execute(sa.delete(reference_data).where(reference_data.c.read_at < NOW - sa.literal(KEPT)))
        record = connection.execute(statement).mappings().one()
    return _snapshot(record)
