"""Invoices as Quiddly prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.settings import QuiddlySettings
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.routes.model import Route


class QuiddlyFiles:
    """The PDFs of invoices, fetched from the path that the route gives."""

    def __init__(self, hook: QuiddlyHook, route: Route) -> None:
        self._hook = hook
        self._route_name = route.route
        self._path = route.finance_as(QuiddlySettings).invoice_pdf_path

    def pdf(self, booking: Booking) -> bytes:
        """The invoice as a PDF; one call.

        :raises ConfigurationError: the route has no path for it.
        """
        if self._path is None:
            raise ConfigurationError(
                f"Route {self._route_name} has no invoice_pdf_path, so the PDF of {booking.number} cannot be fetched"
            )
        return self._hook.invoice_pdf(booking.finance_id, self._path)
