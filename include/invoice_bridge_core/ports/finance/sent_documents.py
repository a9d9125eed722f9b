"""Telling what was sent by us from what a stranger made, where a booking carries no mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.ports.records import Booking, ReferenceData


@dataclass(frozen=True)
class Lookalike:
    """A booking under whatever number, compared with what was sent. Number, contact, currency and total are not.

    What cannot be compared counts as the same.

    :param difference: why it is not, or not certainly, what was sent; `None` when nothing speaks against it.
    :param has_same_lines: whether each line says the same.
    :param has_same_day: whether its date is the same.
    """

    status: BookingStatus
    difference: str | None
    has_same_lines: bool
    has_same_day: bool


class SentDocuments(Protocol):
    """Compares a booking with what was sent, field by field."""

    def difference(
        self, document: Document, found: Booking, contact_id: str, reference: ReferenceData, intended_at: dt.datetime
    ) -> str | None:
        """Why the booking cannot be what was sent, as `its date is …`; `None` when nothing speaks against it.

        Number, currency and total are compared by the caller. At most one call.

        :param contact_id: the contact that it was sent for.
        :param intended_at: when it was noted that it would be sent, by the ledger's clock.
        """

    def lookalikes(
        self, document: Document, contact_id: str, reference: ReferenceData, intended_at: dt.datetime
    ) -> Sequence[Lookalike]:
        """Every booking that may have been made of the document since, whatever number a person gave it.

        Those of other documents are among them. Asked only where a create has no known end, so many calls are allowed.

        :raises InDoubtError: the system cannot be asked for them, or does not show all of them.
        """

    def made_since(self, intended_at: dt.datetime, *, is_credit_note: bool) -> Sequence[BookingStatus]:
        """The same bookings, compared with nothing.

        :raises InDoubtError: as of `lookalikes`.
        """
