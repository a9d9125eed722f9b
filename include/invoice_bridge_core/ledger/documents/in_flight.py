"""What was sent and not answered may arrive a while later: that it is not there proves nothing before then."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.ledger.database.tables import NOW

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.documents.lease import LeasedRow

IN_FLIGHT = dt.timedelta(seconds=30)
"""How long a request may take to be carried out whose sender was killed or saw its connection break.

As long as an answer is waited for; a sender that waited in vain has waited as long already.
"""


def forbid_in_flight(leased: LeasedRow, what: str, sent_at: dt.datetime) -> None:
    """Take "not found" for "not done" only when nothing can arrive any more; the database's clock says when.

    :raises TransientError: it may arrive yet; says after how long to look again.
    """
    now = leased.read(lambda connection, _: connection.scalar(sa.select(NOW)))
    if now is None or (left := sent_at + IN_FLIGHT - now) <= dt.timedelta(0):
        return
    raise TransientError(
        f"{what} of {leased.row.label} was sent a moment ago without an answer and is not there: it may arrive yet, so "
        f"it has to be looked for again, {IN_FLIGHT.seconds} seconds after it was sent, before it is sent again",
        retry_after=left,
    )
