"""Booked documents as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from invoice_bridge_core.ports.records import Booking


class Files(Protocol):
    """Gives out booked documents as files."""

    def pdf(self, booking: Booking) -> bytes:
        """The booked document as a PDF.

        :raises ConfigurationError: the route does not say where to fetch it.
        :raises NotFoundError: the finance system does not have the document.
        """
