"""A write that got no answer may arrive a little later. Until then, not finding it proves nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.ledger.database.tables import NOW

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.documents.lease import LeasedRow

IN_FLIGHT = dt.timedelta(seconds=30)
"""How long a request may take to arrive after its sender was killed or lost its connection.

It is as long as an answer is waited for. A sender that waited in vain has already waited that long.
"""


BATCH_IN_FLIGHT = dt.timedelta(seconds=120)
"""The same of a batch, whose answer is waited for longer: fifty documents take longer than one."""


def forbid_in_flight(leased: LeasedRow, what: str, sent_at: dt.datetime, in_flight: dt.timedelta = IN_FLIGHT) -> None:
    """Take "not found" for "not done" only when nothing can arrive any longer; the database's clock says when.

    :param in_flight: how long it may take to arrive.
    :raises TransientError: it may still arrive; says after how long to look again.
    """
    now = leased.read(lambda connection, _: connection.scalar(sa.select(NOW)))
    if now is not None:
        forbid_early_look(f"{what} of {leased.row.label}", sent_at, now, in_flight)


def forbid_early_look(what: str, sent_at: dt.datetime, now: dt.datetime, in_flight: dt.timedelta = IN_FLIGHT) -> None:
    """The same of anything that was sent.

    :param now: by the clock that has set `sent_at`.
    :param in_flight: how long it may take to arrive.
    :raises TransientError: it may still arrive; says after how long to look again.
    """
    if (left := sent_at + in_flight - now) <= dt.timedelta(0):
        return
    raise TransientError(
        f"{what} was sent a moment ago, got no answer, and is not there yet. It may still arrive: look for it again "
        f"{in_flight.seconds} seconds after it was sent, before sending it again",
        retry_after=left,
    )
