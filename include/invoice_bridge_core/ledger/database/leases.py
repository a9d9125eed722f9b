"""Leases on rows of any table with the columns for them: one task at a time, and a fence against those that lost it.

Each lease has a token of its own, and a write with any other token fails. So an attempt that was taken for dead, and is
not, cannot write any longer. The token says who may write; the time only says when others may take the lease.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.many_rows import as_rows
from invoice_bridge_core.ledger.database.tables import NOW

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_token": None, "lease_until": None}
"""The columns of a row that nobody works on."""
NEW_TOKEN = sa.bindparam("new_lease_token", type_=sa.Text())
"""The token that `lease_of` makes, in a statement of `taking_free`."""
_AFTER_SECONDS = NOW + sa.bindparam("lease_seconds", type_=sa.Interval())
_KINDS_OF_WRITES = 200


@dataclass(frozen=True)
class LeasedWrite:
    """A change of one leased row, which prolongs its lease.

    :param token: the lease's, as it was taken.
    :param seconds: how long the lease runs afterwards, where the values do not say otherwise.
    """

    row_id: int
    token: str
    seconds: int
    values: Mapping[str, Any]


def locked_record(
    connection: sa.Connection, table: sa.Table, *conditions: sa.ColumnElement[bool]
) -> sa.RowMapping | None:
    """The row, locked until the transaction ends, with `is_leased` beside its columns; `None` when there is none."""
    is_leased = sa.func.coalesce(table.c.lease_until > NOW, sa.false()).label("is_leased")
    query = sa.select(table, is_leased).where(*conditions).with_for_update(key_share=True)
    return connection.execute(query).mappings().one_or_none()


def taking_free(table: sa.Table, *conditions: sa.ColumnElement[bool], **values: Any) -> sa.Update:
    """Takes the lease of a row that nobody has; it is made once, and sent with the parameters of `lease_of`.

    :param conditions: which row; with parameters whose names are no column's.
    :param values: what else is written of it.
    """
    owner = sa.bindparam("new_lease_owner", type_=sa.Text())
    return (
        sa.update(table)
        .where(*conditions, table.c.lease_owner.is_(None))
        .values({"lease_owner": owner, "lease_token": NEW_TOKEN, "lease_until": _AFTER_SECONDS, **values})
        .returning(table)
    )


def lease_of(owner: str, seconds: int) -> dict[str, Any]:
    """The parameters of `taking_free`."""
    return {
        "new_lease_owner": owner,
        "new_lease_token": uuid.uuid4().hex,
        "lease_seconds": dt.timedelta(seconds=seconds),
    }


def take(
    connection: sa.Connection, table: sa.Table, record: sa.RowMapping, owner: str, seconds: int, **values: Any
) -> sa.RowMapping | None:
    """Take the lease of a row that `locked_record` gave; `None` while somebody else has it.

    The same owner gets its lease again: that is a new try of a task whose last try died.

    :param values: what else is written of it.
    """
    if record["is_leased"] and record["lease_owner"] != owner:
        return None
    taken = connection.execute(
        sa.update(table).where(table.c.id == record["id"]).values({**_lease(owner, seconds), **values}).returning(table)
    )
    return taken.mappings().one()


def write(
    connection: sa.Connection, table: sa.Table, row_id: int, token: str, seconds: int, values: Mapping[str, Any]
) -> sa.RowMapping | None:
    """Change a leased row and prolong its lease; `None` when the lease is lost.

    :param token: the lease's, as it was taken: a row that was let go has none.
    :param values: no expressions but `NOW`.
    """
    nows = tuple(name for name, value in values.items() if value is NOW)
    given = {f"new_{name}": value for name, value in values.items() if name not in nows}
    lease = {"row_id": row_id, "given_token": token, "lease_seconds": dt.timedelta(seconds=seconds)}
    return connection.execute(_writing_row(table, tuple(values), nows), {**lease, **given}).mappings().one_or_none()


@lru_cache(_KINDS_OF_WRITES)
def _writing_row(table: sa.Table, names: tuple[str, ...], nows: tuple[str, ...]) -> sa.Update:
    """Writes these columns of a leased row, some of them the present time.

    SQLAlchemy takes longer to make a statement than the server to carry it out, so each kind is made once.
    """
    columns = {name: NOW if name in nows else sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row_id"), table.c.lease_token == sa.bindparam("given_token"))
        .values({"lease_until": _AFTER_SECONDS, **columns})
        .returning(table)
    )


def write_many(connection: sa.Connection, table: sa.Table, writes: Collection[LeasedWrite]) -> dict[int, sa.RowMapping]:
    """Change many leased rows, all that change alike by one statement; the rows by their ids.

    Those whose lease is lost are missing. A row comes once at most.
    """
    alike: dict[object, list[LeasedWrite]] = defaultdict(list)
    for one in writes:
        alike[_way(table, one)].append(one)
    statements = [_writing(table, group) for group in alike.values()]
    return {record["id"]: record for each in statements for record in connection.execute(each).mappings()}


def _way(table: sa.Table, one: LeasedWrite) -> object:
    """The same of rows that one statement can change."""
    values = sorted(one.values.items())
    return one.seconds, tuple((name, _in_common(table.c[name], value)) for name, value in values)


_OF_ITS_ROW = object()
"""Of a value that may differ from row to row."""


def _in_common(column: sa.Column[Any], value: object) -> object:
    """What all rows of a statement share of a value: expressions, lists, which do not fit into a list, and leases."""
    if isinstance(value, sa.ClauseElement):
        return id(value)
    if isinstance(column.type, sa.ARRAY):
        return tuple(value) if isinstance(value, list) else value
    return value if column.name in NO_LEASE else _OF_ITS_ROW


def _writing(table: sa.Table, alike: Sequence[LeasedWrite]) -> sa.Update:
    first = alike[0]
    own = [name for name, value in first.values.items() if _in_common(table.c[name], value) is _OF_ITS_ROW]
    rows = [{"id": one.row_id, "lease_token": one.token, **{name: one.values[name] for name in own}} for one in alike]
    given = as_rows(table, rows).subquery("given")
    return (
        sa.update(table)
        .where(table.c.id == given.c.id, table.c.lease_token == given.c.lease_token)
        .values(
            {"lease_until": _seconds_from_now(first.seconds), **first.values, **{name: given.c[name] for name in own}}
        )
        .returning(table)
    )


def _lease(owner: str, seconds: int) -> dict[str, Any]:
    return {"lease_owner": owner, "lease_token": uuid.uuid4().hex, "lease_until": _seconds_from_now(seconds)}


def _seconds_from_now(seconds: int) -> sa.ColumnElement[dt.datetime]:
    return NOW + sa.literal(dt.timedelta(seconds=seconds))
