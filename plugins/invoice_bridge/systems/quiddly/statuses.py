"""How single invoices stand in Quiddly."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.booking_answers import awaits_activation, status_found
from invoice_bridge_core.errors import ConfigurationError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice
    from invoice_bridge.systems.quiddly.find import InvoiceList
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)


class QuiddlyStatuses:
    """Asks for single invoices; what is paid of them Quiddly does not say there.

    :param path: the route's `invoice_path`.
    :param invoices: lists all invoices; `None` where the route has no path for it.
    """

    def __init__(self, hook: QuiddlyHook, route: Route, path: str, invoices: InvoiceList | None) -> None:
        self._invoices = invoices
        self._hook = hook
        self._route = route
        self._path = path

    def by_id(self, finance_ids: Sequence[str]) -> dict[str, BookingStatus]:
        """The invoices that Quiddly has under these ids, one call each; two more where it knows none of several.

        :raises ConfigurationError: Quiddly knows none of several, and nothing shows that they were deleted.
        """
        return {finance_id: status for finance_id, (_, status) in self.found(finance_ids).items()}

    def found(self, finance_ids: Sequence[str]) -> dict[str, tuple[QuiddlyInvoice, BookingStatus]]:
        """The same, each beside what Quiddly shows of it."""
        known: dict[str, tuple[QuiddlyInvoice, BookingStatus]] = {}
        for finance_id in finance_ids:
            try:
                found = self._hook.invoice(finance_id, self._path)
                status = status_found(found, self._route)
            except NotFoundError:
                continue
            booking = status.booking
            if booking.is_draft and not awaits_activation(booking.status):
                log.warning("Quiddly says %s of %s, which does not tell whether it is activated: it counts as a draft",
                            booking.status, booking.number)  # fmt: skip
            known[finance_id] = found, status
        if not known and len(finance_ids) > 1 and not self._are_deleted(finance_ids):
            # A path that leads nowhere answers the same, and they would be given up for good.
            raise ConfigurationError(
                f"Quiddly knows none of the {len(finance_ids)} invoices that were asked for by id, {finance_ids[0]} "
                "among them; check the route's invoice_path, and invoice_list_path, which shows whether they were "
                "deleted"
            )
        return known

    def _are_deleted(self, finance_ids: Sequence[str]) -> bool:
        """Whether Quiddly's own list shows that invoices are gone which the path does not find.

        The list has none, or the path finds one that is listed.
        """
        if self._invoices is None:
            return False
        try:
            listed = [each.invoice_id for each in self._invoices.first_page()]
            if set(listed) & set(finance_ids):
                return False
            if listed:
                self._hook.invoice(listed[0], self._path)
        except (ConfigurationError, NotFoundError, RefusedError):
            return False
        return True
