"""The calls that a connection may make, shared by all tasks.

Each of a connection's slots holds one call at a time, and is free again so many seconds after the call's answer. So in
any window of that length the system meets at most as many calls as there are slots, however long each was under way.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.ledger.database.tables import NOW, call_slots

LONGEST_CALL = dt.timedelta(seconds=45)
"""After so long a slot whose task died is free again; longer than the time-outs of one call."""

_TODAY = sa.cast(sa.func.timezone("UTC", NOW), sa.Date)


@dataclass(frozen=True)
class Slot:
    """A slot that was taken, or how long it takes until the next one is free.

    :param number: `None` when none is free.
    :param wait: seconds until the first of those that are taken is free; 0 when that is now.
    :param calls_today: calls that were handed out today, this one among them.
    """

    number: int | None
    wait: float
    calls_today: int


def take(connection: sa.Connection, conn_id: str, slots: int, per_day: int | None) -> Slot:
    """Take a slot that is free and not being taken by somebody else; none once the day's calls are used up."""
    made = connection.execute(_figures(conn_id, slots)).one()
    if made.slots < slots:
        _make(connection, conn_id, slots)
    calls = int(made.calls_today or 0)
    if per_day is not None and calls >= per_day:
        return Slot(None, 0.0, calls)
    free = (
        sa.select(call_slots.c.slot)
        .where(call_slots.c.conn_id == conn_id, call_slots.c.slot < slots, call_slots.c.free_at <= NOW)
        .order_by(call_slots.c.free_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = connection.scalar(
        sa.update(call_slots)
        .where(call_slots.c.conn_id == conn_id, call_slots.c.slot == free)
        .values(
            free_at=NOW + sa.literal(LONGEST_CALL),
            calls=sa.case((call_slots.c.day == _TODAY, call_slots.c.calls + 1), else_=1),
            day=_TODAY,
        )
        .returning(call_slots.c.slot)
    )
    if taken is not None:
        return Slot(taken, 0.0, calls + 1)
    return Slot(None, max(float(made.wait or 0), 0.0), calls)


def give_back(connection: sa.Connection, conn_id: str, slot: int, rest: dt.timedelta) -> None:
    """The slot's call was answered; the next one may begin after so long."""
    connection.execute(
        sa.update(call_slots)
        .where(call_slots.c.conn_id == conn_id, call_slots.c.slot == slot)
        .values(free_at=NOW + sa.literal(rest))
    )


def _figures(conn_id: str, slots: int) -> sa.Select[Any]:
    ours = call_slots.c.slot < slots
    return sa.select(
        sa.func.count().filter(ours).label("slots"),
        sa.func.sum(call_slots.c.calls).filter(call_slots.c.day == _TODAY).label("calls_today"),
        sa.func.extract("epoch", sa.func.min(call_slots.c.free_at).filter(ours) - NOW).label("wait"),
    ).where(call_slots.c.conn_id == conn_id)


def _make(connection: sa.Connection, conn_id: str, slots: int) -> None:
    rows = [{"conn_id": conn_id, "slot": slot} for slot in range(slots)]
    connection.execute(insert(call_slots).values(rows).on_conflict_do_nothing())
