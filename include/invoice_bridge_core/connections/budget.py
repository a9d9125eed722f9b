"""What is left of a connection's day, and for whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.connections.health import ConnectionHealth

LAST_PART = 5
"""The day's last fifth belongs to the transfers."""
BELIEVED = dt.timedelta(hours=1)
"""How long a reading of the day's budget is believed; after that, a call that can wait is made and reads it again."""
NOTED_AGAIN_AFTER = dt.timedelta(minutes=10)
"""How old a noted reading may become while the newest differs little."""
STEPS = 50
"""Parts of a day. A reading that differs from the noted one by at least one part is written to the ledger."""


def is_in_last_fifth(record: ConnectionHealth) -> bool:
    """Whether so little is left of the connection's day that calls which can wait have to wait."""
    return _is_recent(record, BELIEVED) and _is_last_part(record.day_left, record.day_size)


def is_worth_noting(record: ConnectionHealth | None, left: int) -> bool:
    """Whether the reading is new, old, a step away from the noted one, or on the other side of the last fifth."""
    if record is None or record.day_left is None or record.day_size is None:
        return True
    if not _is_recent(record, NOTED_AGAIN_AFTER):
        return True
    if _is_last_part(left, record.day_size) != _is_last_part(record.day_left, record.day_size):
        return True
    return abs(left - record.day_left) >= max(record.day_size // STEPS, 1)


def _is_recent(record: ConnectionHealth, age: dt.timedelta) -> bool:
    return record.day_left_at is not None and record.day_left_at > record.now - age


def _is_last_part(left: int | None, size: int | None) -> bool:
    return left is not None and size is not None and left * LAST_PART <= size
