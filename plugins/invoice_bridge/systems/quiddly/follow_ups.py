"""What follows an invoice in Quiddly: its activation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.activation import Activation
from invoice_bridge.systems.quiddly.booking_answers import completed, warned
from invoice_bridge.systems.quiddly.settings import QuiddlySettings

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, Steps
    from invoice_bridge_core.routes.model import Route


class QuiddlyFollowUps:
    """One call per document, where the route wants invoices activated."""

    def __init__(self, hook: QuiddlyHook, route: Route) -> None:
        settings = route.finance_as(QuiddlySettings)
        self._route = route
        self._activation = Activation(hook, settings) if settings.activate else None

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """Activate the invoice where the route wants it. Card money cannot be booked, which the booking says.

        :raises RefusedError: Quiddly did definitely not activate it.
        """
        booking = warned(completed(booking, document, self._route), document)
        return booking if self._activation is None else self._activation.activate(booking, steps)
