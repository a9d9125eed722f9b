"""Booking documents in Xero, and finding them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import booking_number, marked_link, marker_of, printed_mark
from invoice_bridge.systems.xero.booking_answers import booking_of, create_warnings, sorted_refusal
from invoice_bridge.systems.xero.checks import xero_problems
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.errors import (
    GarbledAnswerError,
    InDoubtError,
    NeedsHumanError,
    OutcomeUnknownError,
    RefusedError,
)

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.systems.xero.find import BookingFinder
    from invoice_bridge.systems.xero.reference import XeroReference
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route


class XeroBookings:
    """Books the documents of one route: one call each."""

    def __init__(self, hook: XeroHook, route: Route, reference: XeroReference, finder: BookingFinder) -> None:
        self._hook = hook
        self._route = route
        self._reference = reference
        self._finder = finder

    def problems(self, document: Document, reference: ReferenceData) -> list[Problem]:
        """All that Xero would refuse in the document, found without asking it."""
        return xero_problems(document, self._route, self._reference.books(reference))

    def booking_number(self, document: Document) -> str:
        """The document's number behind the route's prefix."""
        return booking_number(document.number, self._route)

    def marker(self, document: Document) -> str | None:
        """What stands in the `Url` of an invoice, else what the route prints: a credit note has no link."""
        if not document.is_credit_note and marked_link(document, self._route) is not None:
            return marker_of(document)
        return printed_mark(document, self._route)

    def find_by_number(self, number: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What keeps the number taken, drafts and voided ones too; a deleted draft keeps none.

        :raises InDoubtError: Xero cannot be asked for such a number.
        """
        try:
            return self._finder.with_number(number, is_credit_note=is_credit_note)
        except NeedsHumanError as error:
            raise InDoubtError(str(error)) from error

    def find_by_id(self, finance_id: str, *, is_credit_note: bool) -> BookingStatus | None:
        """What Xero has under the id, in any status; nothing for a text that is not an id of Xero's."""
        return self._finder.with_id(finance_id, is_credit_note=is_credit_note)

    def payload(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> dict[str, Any]:
        """The body that `create` sends."""
        return document_body(document, contact_id, self._route, self._reference.books(reference))

    def create(
        self,
        document: Document,
        contact_id: str,
        reference: ReferenceData,
        credited: Booking | None = None,
        *,
        idempotency_key: str,
    ) -> Booking:
        """Book the document: one call.

        :raises OutcomeUnknownError: it may have been booked.
        :raises NumberTakenError: the number exists.
        :raises ContactUnusableError: the contact was archived or merged.
        :raises RefusedError: it was definitely not booked.
        """
        body = self.payload(document, contact_id, reference)
        create = self._hook.create_credit_note if document.is_credit_note else self._hook.create_invoice
        try:
            booking = booking_of(create(body, idempotency_key=idempotency_key), self._reference.short_code)
        except GarbledAnswerError as error:
            raise OutcomeUnknownError(f"{error}; whether it was booked is not known") from error
        except RefusedError as error:
            raise sorted_refusal(error) from error
        warnings = create_warnings(document)
        return booking.model_copy(update={"warnings": (*booking.warnings, *warnings)})
