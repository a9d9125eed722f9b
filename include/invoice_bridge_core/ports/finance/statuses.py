"""Asking how bookings stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.ports.booking_status import BookingStatus


class BookingStatuses(Protocol):
    """Tells how single bookings stand."""

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus]:
        """How these bookings stand now, by id; what is no longer there is left out. Few calls.

        :raises ConfigurationError: it knows so few of them that it must have been asked in the wrong place.
        """


class DatedBookings(Protocol):
    """Lists the bookings of a few days."""

    def dated(self, since: dt.date, until: dt.date) -> Sequence[BookingStatus]:
        """All bookings with a date from `since` up to and without `until`, ours and others', gone ones too."""
