"""Booking documents in Xero by the fifty, and looking for as many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.hooks.xero.document_calls import (
    CREDIT_NOTES,
    INVOICES,
    LONGEST_CALL,
    MOST_BYTES,
    MOST_PER_BATCH,
    body_of,
    is_over,
)
from invoice_bridge.systems.xero.booking_answers import booking_of, create_warnings, sorted_refusal
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.errors import (
    BridgeError,
    GarbledAnswerError,
    InDoubtError,
    NeedsHumanError,
    RefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.systems.xero.find import BookingFinder
    from invoice_bridge.systems.xero.reference import XeroReference
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.errors import OutcomeUnknownError
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.routes.model import Route


class XeroBatches:
    """Books the documents of one route, fifty in a call."""

    most_members = MOST_PER_BATCH
    most_bytes = MOST_BYTES
    longest_call = LONGEST_CALL

    def __init__(self, hook: XeroHook, route: Route, reference: XeroReference, finder: BookingFinder) -> None:
        self._hook = hook
        self._route = route
        self._reference = reference
        self._finder = finder

    def kind(self, *, is_credit_note: bool) -> str:
        """The resource that the documents are created under."""
        return CREDIT_NOTES if is_credit_note else INVOICES

    def element(
        self, document: Document, contact_id: str, reference: ReferenceData, credited: Booking | None = None
    ) -> str | None:
        """The body that a single document has, as JSON."""
        return write_json(document_body(document, contact_id, self._route, self._reference.books(reference)))

    def body(self, kind: str, elements: Sequence[str]) -> bytes:
        """The elements under the resource's name."""
        return body_of(kind, elements)

    def send(
        self, kind: str, body: bytes, documents: Mapping[str, Document], *, idempotency_key: str
    ) -> dict[str, Booking | BridgeError]:
        """Create the documents: one call, sent once."""
        outcomes = self._hook.save_documents(kind, body, list(documents), idempotency_key=idempotency_key)
        told: dict[str, Booking | BridgeError] = {}
        for number, outcome in outcomes.items():
            if isinstance(outcome, RefusedError):
                told[number] = sorted_refusal(outcome)
            elif not isinstance(outcome, BridgeError):
                try:
                    booking = booking_of(outcome, self._reference.short_code)
                except GarbledAnswerError:
                    continue
                warnings = (*booking.warnings, *create_warnings(documents[number]))
                told[number] = booking.model_copy(update={"warnings": warnings})
        return told

    def is_over(self, error: OutcomeUnknownError) -> bool:
        """Whether Xero refused the batch, of which it may have saved a part."""
        return is_over(error)

    def find_by_numbers(self, numbers: Sequence[str], *, is_credit_note: bool) -> dict[str, BookingStatus]:
        """What keeps these numbers taken, 40 a call.

        :raises InDoubtError: Xero cannot be asked for one of them.
        """
        try:
            return self._finder.with_numbers(numbers, is_credit_note=is_credit_note)
        except NeedsHumanError as error:
            raise InDoubtError(str(error)) from error

    def looking(self) -> AbstractContextManager[None]:
        """In the block, what was made since a moment is listed once."""
        return self._finder.listing_once()
