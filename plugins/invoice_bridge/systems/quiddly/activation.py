"""Activating an invoice: it goes out to its debtor once and cannot be called back (seed 003)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.booking_answers import awaits_activation, is_activated, with_status
from invoice_bridge_core.errors import BridgeError, NeedsHumanError, NotFoundError, RefusedError, certainly_not_done

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice
    from invoice_bridge.systems.quiddly.settings import QuiddlySettings
    from invoice_bridge_core.ports import Booking, Steps

ACTIVATION = "activation"
"""The ledger's name for the step."""


class Activation:
    """Activates invoices; where an earlier attempt may have done it, Quiddly is asked first."""

    def __init__(self, hook: QuiddlyHook, settings: QuiddlySettings) -> None:
        self._hook = hook
        self._settings = settings

    def activate(self, booking: Booking, steps: Steps) -> Booking:
        """The booking, activated by this attempt or an earlier one.

        :raises NeedsHumanError: it may have been activated, and nothing here can tell.
        :raises RefusedError: Quiddly did definitely not activate it.
        """
        if steps.is_done(ACTIVATION) or is_activated(booking.status):
            return with_status(booking, booking.status)
        if steps.was_tried(ACTIVATION):
            status = self._status(booking)
            # An attempt was sent, so any later state is its doing.
            if not awaits_activation(status):
                steps.done(ACTIVATION)
                return with_status(booking, status)
            steps.not_found(ACTIVATION)
        elif not awaits_activation(booking.status) and self._is_proven(booking):
            return with_status(booking, None)
        return with_status(booking, self._send(booking, steps))

    def _is_proven(self, booking: Booking) -> bool:
        """Whether an invoice whose status is an unknown word has gone out by now, though no attempt of ours was sent.

        :raises NeedsHumanError: the word is still unknown: it may come before activation or after it.
        """
        status = self._status(booking) if self._can_look else booking.status
        if is_activated(status) or awaits_activation(status):
            return is_activated(status)
        raise NeedsHumanError(
            f"Quiddly gives {booking.number} the status {status}, which does not say whether it is activated. Look in "
            "Quiddly, and activate it by hand if it is not"
        )

    def _send(self, booking: Booking, steps: Steps) -> str | None:
        from invoice_bridge.hooks.quiddly.hook import ConflictError

        steps.intend(ACTIVATION)
        try:
            status = self._hook.activate_invoice(booking.finance_id).status
        except ConflictError as conflict:
            status = self._status_after(conflict, booking, steps)
        except BridgeError as error:
            if certainly_not_done(error):
                steps.refused(ACTIVATION)
            raise
        steps.done(ACTIVATION)
        return status

    def _status_after(self, conflict: RefusedError, booking: Booking, steps: Steps) -> str | None:
        """The status after a 409: the invoice itself shows whether it is activated already or something is in the way.

        :raises NeedsHumanError: the route has no path to read it.
        """
        if not self._can_look:
            # This call sent nothing out, so that a later one may be tried.
            steps.refused(ACTIVATION)
            raise NeedsHumanError(
                f"{conflict}. Whether {booking.number} is activated cannot be looked up, because the route has no "
                "invoice_path. Look in Quiddly, and set invoice_path in the route"
            ) from conflict
        status = self._status(booking)
        if awaits_activation(status):
            steps.refused(ACTIVATION)
            raise conflict
        return status

    @property
    def _can_look(self) -> bool:
        return self._settings.invoice_path is not None or self._settings.invoice_search_path is not None

    def _status(self, booking: Booking) -> str | None:
        found = self._read(booking)
        if found.status is None:
            raise NeedsHumanError(f"Quiddly does not say whether {booking.number} is activated: look in Quiddly")
        return found.status

    def _read(self, booking: Booking) -> QuiddlyInvoice:
        settings = self._settings
        if settings.invoice_path is not None:
            return self._hook.invoice(booking.finance_id, settings.invoice_path)
        if settings.invoice_search_path is None:
            raise NeedsHumanError(
                f"{booking.number} is created in Quiddly, and may be activated. The route has no invoice_path to look "
                "it up. Look in Quiddly, and activate it by hand if it is not"
            )
        for found in self._hook.invoices_numbered(booking.number, settings.invoice_search_path):
            if found.invoice_id == booking.finance_id:
                return found
        raise NotFoundError(f"Quiddly no longer has invoice {booking.number}")
