"""Looking for an invoice in Quiddly by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.booking_answers import booking_found
from invoice_bridge_core.errors import GarbledAnswerError

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.routes.model import Route


class NumberSearch:
    """Finds invoices and credits, which share their numbers.

    :param path: the route's `invoice_search_path`.
    """

    def __init__(self, hook: QuiddlyHook, route: Route, path: str) -> None:
        self._hook = hook
        self._route = route
        self._path = path
        self._seen: dict[str, QuiddlyInvoice] = {}

    def numbered(self, number: str) -> Booking | None:
        """What has the number, ours or not; one call.

        :raises GarbledAnswerError: Quiddly answers with something that cannot be told apart.
        """
        found = self._hook.invoices_numbered(number, self._path)
        if any(each.number is None for each in found):
            raise GarbledAnswerError(f"Quiddly answered the look-up of {number} with invoices that have no number")
        match = next((each for each in found if str(each.number).casefold() == number.casefold()), None)
        if match is None:
            return None
        self._seen[match.invoice_id] = match
        return booking_found(match, self._route)

    def seen(self, finance_id: str) -> QuiddlyInvoice | None:
        """What the last look-up showed under the id."""
        return self._seen.get(finance_id)
