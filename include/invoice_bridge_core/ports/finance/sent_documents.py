"""Telling what was sent by us from what a stranger made, where a booking carries no mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports.records import Booking, ReferenceData


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
