"""The writes that follow a booking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports.records import Booking


class Steps(Protocol):
    """The ledger's memory of the writes that follow a booking; each is noted before and after it is sent."""

    def is_done(self, step: str) -> bool:
        """Whether the step was carried out and noted."""

    def was_tried(self, step: str) -> bool:
        """Whether the step may have been carried out: it is done, or its end was never noted. Look before sending."""

    def intend(self, step: str) -> str:
        """Note that the step is about to be sent; returns its idempotency key, the same until it is refused."""

    def done(self, step: str, finance_id: str | None = None) -> None:
        """Note that the step was carried out."""

    def refused(self, step: str) -> None:
        """Note that the finance system definitely did not carry it out."""

    def not_found(self, step: str) -> None:
        """Note that it was looked for and was not carried out.

        :raises TransientError: it was sent so short a time ago that it may still arrive.
        """


class FollowUps(Protocol):
    """Carries out what belongs to a booking besides: payment, refund, allocation, activation."""

    def finish(self, document: Document, booking: Booking, credited: Booking | None, steps: Steps) -> Booking:
        """The booking as it is after that. Looks before it acts; what cannot be done stands in its warnings.

        :param credited: the booking of the invoice that a credit note refers to.
        :raises RefusedError: the finance system definitely did not carry it out.
        """
