"""Booking documents, and finding them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.ports.records import Booking, ReferenceData


class Bookings(Protocol):
    """Books documents. `reference` is what the system's `ReferenceReader` read, or empty where it has none."""

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        """All that this system would refuse in the document, found without asking it."""

    def booking_number(self, document: Document) -> str:
        """The number that the document will have in this system."""

    def marker(self, document: Document) -> str | None:
        """What is written into the booking so that it is recognised as ours; `None` where there is no place for it."""

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What keeps this number taken, ours or not, voided or not. A failed look-up raises.

        :raises InDoubtError: it cannot be asked for the number.
        """

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What the system has under this id, whatever a person gives for one; voided and deleted ones too.

        :raises InDoubtError: it cannot be asked for an id.
        """

    def payload(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> dict[str, Any]:
        """The body that `create` sends, for a dry run to show."""

    def create(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        """Book the document: one write, never repeated in here.

        :param credited: the booking of the invoice that a credit note refers to.
        :raises OutcomeUnknownError: it may have been booked.
        :raises RefusedError: it was definitely not booked.
        """


class CreditedInvoices(Protocol):
    """Makes the booking of a credit note refer to that of its invoice."""

    def refers_to_credited(self, credit_note: Document) -> bool:
        """Whether the credit note's booking refers to its invoice's, so that it cannot be booked before that one."""

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that a credit note refers to, when it was booked by somebody else."""
