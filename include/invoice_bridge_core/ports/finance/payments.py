"""The two ways in which finance systems tell of payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.ports.booking_status import PaymentChanges, ReceivedPayment


class BookingChanges(Protocol):
    """Tells which bookings changed since the last poll, and how they stand now, whatever changed them."""

    def changes(self, cursor: str | None, since: dt.datetime) -> PaymentChanges:
        """What changed since the last poll: every page of it.

        :param cursor: what the last poll returned; `None` at the first one.
        :param since: how far back the first poll goes; aware.
        """

    def payment_numbers(self, finance_ids: Sequence[str]) -> dict[str, str]:
        """What finance calls the last payment, or else the credit note, of each booking paid in full. Few calls."""


class ReceivedPayments(Protocol):
    """Hands out single payments, and the same ones again until they are acknowledged."""

    def waiting(self) -> Sequence[ReceivedPayment]:
        """Every payment that waits, of whoever's invoices: every page of them, and nothing is marked."""

    def acknowledge(self, payment: ReceivedPayment, external_id: str) -> None:
        """Tell finance that the payment is stored here, so that it is no longer handed out. Safe to repeat.

        :param external_id: our own name for what was paid.
        """
