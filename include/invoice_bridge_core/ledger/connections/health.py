"""What the systems said of our connections to them, shared by all tasks: the day's budget, closings, refusals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.ledger.connections.fingerprints import is_hash_of, is_outdated, salted_hash
from invoice_bridge_core.ledger.database.tables import NOW, connections

if TYPE_CHECKING:
    from collections.abc import Collection

    from invoice_bridge_core.ledger.connections.fingerprints import Keys

SIZE_KEPT = dt.timedelta(days=7)
"""How long the largest budget that was seen counts as the day's size; a connection may move to a smaller tier."""
ANNOUNCED_AGAIN_AFTER = dt.timedelta(hours=24)
"""The same credentials, refused on and off, are announced once in this time."""

_NEAR_THE_TOP = 0.9


@dataclass(frozen=True)
class ConnectionHealth:
    """What one connection told last. All instants are the database's, `now` among them.

    :param system: the system's name as people write it.
    :param day_left: calls that the newest answer left of the day; `None` while no answer told.
    :param day_size: the most that was left of a day lately.
    :param closed_until: until when the system wants no calls.
    :param refused_at: since when the credentials are refused; `None` while they work.
    :param refused_last_at: when they were last found refused.
    :param refused_run: the run that has to announce it.
    :param refused_credentials: a salted hash that tells whether they have changed since, and nothing else.
    """

    conn_id: str
    system: str
    day_left: int | None
    day_left_at: dt.datetime | None
    day_size: int | None
    closed_until: dt.datetime | None
    closed_reason: str | None
    refused_at: dt.datetime | None
    refused_last_at: dt.datetime | None
    refused_reason: str | None
    refused_run: str | None
    refused_credentials: str | None
    now: dt.datetime

    @classmethod
    def from_record(cls, record: sa.RowMapping) -> Self:
        """A row of the table `connections`, with the time of its reading."""
        return cls(**{name: record[name] for name in cls.__dataclass_fields__})

    @property
    def opens_at(self) -> dt.datetime | None:
        """When calls are wanted again, where the system wants none now; `None` while it is not closed."""
        return self.closed_until if self.closed_until is not None and self.closed_until > self.now else None

    @property
    def is_closed(self) -> bool:
        """Whether the system wants no calls now."""
        return self.opens_at is not None


_OF_CONNECTIONS = sa.select(connections, NOW.label("now")).where(
    connections.c.conn_id.in_(sa.bindparam("conn_ids", expanding=True))
)


def records_of(connection: sa.Connection, conn_ids: Collection[str]) -> dict[str, ConnectionHealth]:
    """What these connections told last; one query."""
    records = connection.execute(_OF_CONNECTIONS, {"conn_ids": list(conn_ids)}).mappings()
    return {record["conn_id"]: ConnectionHealth.from_record(record) for record in records}


def note_day(connection: sa.Connection, conn_id: str, system: str, left: int) -> None:
    """Note how many calls are left of the day, and how many a day has when that is news; one statement."""
    known = connections.c.day_size
    is_old = sa.func.coalesce(connections.c.day_size_at < NOW - sa.literal(SIZE_KEPT), sa.true())
    is_top = left >= sa.func.coalesce(known, 0) * _NEAR_THE_TOP
    _upsert(
        connection,
        conn_id,
        system,
        made={"day_left": left, "day_left_at": NOW, "day_size": left, "day_size_at": NOW},
        changed={
            "day_left": left,
            "day_left_at": NOW,
            "day_size": sa.case((is_old, left), (is_top, sa.func.greatest(left, known)), else_=known),
            "day_size_at": sa.case((sa.or_(is_old, is_top), NOW), else_=connections.c.day_size_at),
        },
    )


def close(connection: sa.Connection, conn_id: str, system: str, reason: str, wait: dt.timedelta | None) -> None:
    """Note that the system wants no calls for so long; without a time, until the next midnight in UTC."""
    until = (
        sa.func.date_trunc("day", NOW) + sa.literal(dt.timedelta(days=1)) if wait is None else NOW + sa.literal(wait)
    )
    values = {"closed_until": until, "closed_reason": reason}
    _upsert(connection, conn_id, system, made=values, changed=values)


def reopen(connection: sa.Connection, conn_id: str) -> bool:
    """Forget that the connection is closed or refused; whether there was anything to forget."""
    was_shut = sa.or_(connections.c.closed_until > NOW, connections.c.refused_at.is_not(None))
    opened = connection.execute(
        sa.update(connections)
        .where(connections.c.conn_id == conn_id, was_shut)
        .values(closed_until=None, closed_reason=None, refused_at=None)
    )
    return opened.rowcount > 0


def refuse(
    connection: sa.Connection, conn_id: str, system: str, reason: str, *, run: str, credentials: str, keys: Keys = ()
) -> None:
    """Note that the system does not accept the credentials, and which run has to say so, if it has to be said again.

    :param credentials: the connection's own, of which only a salted hash is kept.
    :param keys: secrets that are not in the ledger, for that hash.
    """
    connection.execute(insert(connections).values(conn_id=conn_id, system=system).on_conflict_do_nothing())
    query = sa.select(connections).where(connections.c.conn_id == conn_id).with_for_update()
    known = connection.execute(query).mappings().one()
    is_same = is_hash_of(known["refused_credentials"], credentials, keys)
    values: dict[str, Any] = {"system": system, "refused_last_at": NOW}
    if not is_same or is_outdated(known["refused_credentials"], keys):
        values["refused_credentials"] = salted_hash(credentials, keys)
    if known["refused_at"] is None or not is_same:
        values |= {"refused_at": NOW, "refused_reason": reason}
        if not (is_same and _was_announced_lately(connection, conn_id)):
            values |= {"refused_run": run, "refused_announced_at": NOW}
    connection.execute(sa.update(connections).where(connections.c.conn_id == conn_id).values(values))


def accept(connection: sa.Connection, conn_id: str) -> None:
    """Note that the credentials work again."""
    connection.execute(sa.update(connections).where(connections.c.conn_id == conn_id).values(refused_at=None))


def _was_announced_lately(connection: sa.Connection, conn_id: str) -> bool:
    lately = connections.c.refused_announced_at > NOW - sa.literal(ANNOUNCED_AGAIN_AFTER)
    return bool(connection.scalar(sa.select(lately).where(connections.c.conn_id == conn_id)))


def _upsert(
    connection: sa.Connection, conn_id: str, system: str, *, made: dict[str, Any], changed: dict[str, Any]
) -> None:
    statement = insert(connections).values(conn_id=conn_id, system=system, **made)
    connection.execute(statement.on_conflict_do_update(index_elements=["conn_id"], set_={"system": system, **changed}))
