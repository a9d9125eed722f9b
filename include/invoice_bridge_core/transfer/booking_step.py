"""Booking a document once: what was intended is looked for in the finance system before it is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invoice_bridge_core.errors import (
    BridgeError,
    ContactUnusableError,
    HeldError,
    InDoubtError,
    NumberTakenError,
    RefusedError,
    WakesOn,
    certainly_not_done,
)
from invoice_bridge_core.transfer.recheck import seen_under_number
from invoice_bridge_core.transfer.recognition import Recognition
from invoice_bridge_core.transfer.ways_to_say import BOOKED_AS, NOT_BOOKED, what_you_can_do

if TYPE_CHECKING:
    from decimal import Decimal

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ledger.documents.batches import Refusal
    from invoice_bridge_core.ports import Booking, FinanceSystem, ReferenceData
    from invoice_bridge_core.transfer.contact_step import ContactStep
    from invoice_bridge_core.transfer.item_step import ItemStep
    from invoice_bridge_core.transfer.renumbered import RenumberedBookings

NEW_CONTACT: Final = "(new contact)"
"""Stands for the id of a contact that is not made yet, in a body that is only looked at."""


class BookingStep:
    """Books documents of one route.

    :param tolerance: how far a booking's total may differ from its document's, in the document's currency.
    """

    def __init__(
        self,
        finance: FinanceSystem,
        contacts: ContactStep,
        items: ItemStep,
        renumbered: RenumberedBookings,
        tolerance: Decimal,
    ) -> None:
        self._finance = finance
        self._renumbered = renumbered
        self._contacts = contacts
        self._items = items
        self._recognition = Recognition(finance, contacts, tolerance)

    def book(
        self,
        claim: Claim,
        document: Document,
        credited: Booking | None,
        reference: ReferenceData,
        refusal: Refusal | None = None,
    ) -> Booking:
        """Book a document of which nothing was intended, or of which `recovered` found nothing.

        :param credited: the booking of the invoice that a credit note refers to.
        :param refusal: what finance has just said to the same document in a batch; it is not asked again.
        :raises HeldError: it has no customer, or its number is another document's.
        :raises BridgeError: as of the finance system's `create`; the claim knows whether it may have been booked.
        """
        if document.party is None:
            raise HeldError(f"{document.number} has no customer", wakes_on={WakesOn.ENTRY})
        # Before anything is written: what has no body makes no item and no contact either.
        self._finance.bookings.payload(document, NEW_CONTACT, reference, credited)
        if refusal is not None and refusal.payload_hash == document.payload_hash:
            raise RefusedError(refusal.text, reasons=refusal.reasons)
        self._items.ensure(document)
        contact_id = self._contacts.contact_id(document.party)
        try:
            return self._create(claim, document, contact_id, credited, reference)
        except ContactUnusableError:
            # The contact was archived or merged since it was remembered; it was refused, so nothing was booked.
            other_id = self._contacts.other_than(contact_id, document.party)
            return self._create(claim, document, other_id, credited, reference)

    def recovered(self, claim: Claim, document: Document, reference: ReferenceData) -> Booking | None:
        """What an earlier attempt booked without learning of it; `None` when it certainly booked nothing.

        Looked for by its number, and then, since a person may have changed that, by all else.

        :raises InDoubtError: something is there, but it is not what was sent.
        :raises TransientError: nothing is there, but what was sent may still arrive.
        """
        if claim.row.intent_token is None:
            return None
        number = self._finance.bookings.booking_number(document)
        if claim.row.intent_number != number:
            raise InDoubtError(
                f"{document.number} may be booked as {claim.row.intent_number}, but today it would be {number}: its "
                "own number, or the route's number_prefix, has changed since. Set that back until this document is "
                f"done, or look for {claim.row.intent_number} in {self._finance.name} and say what is so. "
                f"{what_you_can_do(claim.row.ref)}"
            )
        found = self._find_by_number(claim, document, number, reference, may_be_ours=True)
        if found is not None:
            return found
        claim.forbid_in_flight()
        if (renumbered := self._renumbered.find(claim, document, reference)) is not None:
            claim.booked(renumbered)
            return renumbered
        claim.not_found()
        return None

    def _find_by_number(
        self, claim: Claim, document: Document, number: str, reference: ReferenceData, *, may_be_ours: bool
    ) -> Booking | None:
        """What finance has under the number, noted as the document's booking.

        :param may_be_ours: whether a write without an answer may have made it. Where nothing of ours can be there, only
            our mark shows that it is.
        """
        booking_status = self._finance.bookings.find_by_number(number, is_credit_note=document.is_credit_note)
        if booking_status is None:
            return None
        found = booking_status.booking
        if booking_status.is_gone:
            raise InDoubtError(
                f"{found.number} is voided in {self._finance.name} and keeps its number, so this document cannot be "
                f"booked under it. Book it there by hand under another number, and say “{BOOKED_AS}”; or set another "
                f"number_prefix, and say “{NOT_BOOKED}”. {what_you_can_do(document.number)}",
                seen=seen_under_number(booking_status),
            )
        difference = self._recognition.difference(claim.row, document, found, reference, may_be_ours=may_be_ours)
        if difference is not None:
            raise InDoubtError(
                f"{found.number} is already in {self._finance.name}, but it is not what was sent: {difference}. "
                f"Compare the two. {what_you_can_do(document.number)}",
                seen=seen_under_number(booking_status),
            )
        claim.booked(found)
        return found

    def _create(
        self, claim: Claim, document: Document, contact_id: str, credited: Booking | None, reference: ReferenceData
    ) -> Booking:
        number = self._finance.bookings.booking_number(document)
        token = claim.intend(number, document.payload_hash, contact_id)
        try:
            booking = self._finance.bookings.create(document, contact_id, reference, credited, idempotency_key=token)
        except NumberTakenError as error:
            # What was said not to be processed was sent again, and perhaps it was processed after all.
            may_be_ours = error.is_of_a_repeated_call
            found = self._find_by_number(claim, document, number, reference, may_be_ours=may_be_ours)
            if found is None:
                claim.withdraw_intent(str(error))
                reason = f"{error}; but no document with this number can be found there"
                raise HeldError(reason, wakes_on={WakesOn.NUMBER}) from error
            return found
        except BridgeError as error:
            if certainly_not_done(error):
                claim.withdraw_intent(str(error))
            raise
        if warnings := self._contacts.take_warnings():
            booking = booking.model_copy(update={"warnings": (*booking.warnings, *warnings)})
        claim.booked(booking)
        return booking
