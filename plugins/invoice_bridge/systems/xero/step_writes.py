"""Writes that follow a booking: noted before they are sent and after their answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import BridgeError, certainly_not_done

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.errors import RefusedError
    from invoice_bridge_core.ports import Booking, Steps


def send_step(step: str, steps: Steps, send: Callable[[str], str | None]) -> None:
    """Send one write under its step's idempotency key; `send` returns the id of what was made."""
    key = steps.intend(step)
    try:
        finance_id = send(key)
    except BridgeError as error:
        if certainly_not_done(error):
            steps.refused(step)
        raise
    steps.done(step, finance_id)


def not_there(step: str, steps: Steps) -> None:
    """Note that a step which may have been sent was not found: it gets another idempotency key.

    For 6 minutes Xero answers the old key with the old answer, be it a 500 or a payment deleted since.

    :raises TransientError: it may still arrive.
    """
    steps.not_found(step)


def exceeds_outstanding(error: RefusedError) -> bool:
    """Whether Xero refused because less is open than was sent."""
    return any("exceeds" in reason.casefold() for reason in error.reasons)


def paid_in_full(booking: Booking) -> Booking:
    """The booking as Xero shows it once nothing of it is open."""
    return booking.model_copy(update={"status": "PAID"})


def warned(booking: Booking, warning: str) -> Booking:
    """The booking with one more warning, which stands once however often the step is repeated."""
    return booking.model_copy(update={"warnings": tuple(dict.fromkeys((*booking.warnings, warning)))})
