"""Whether finance made the document's total of what was sent, before any money moves or anybody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount, round_half_up
from invoice_bridge_core.errors import HeldError, InDoubtError, WakesOn
from invoice_bridge_core.transfer.ways_to_say import what_you_can_do

if TYPE_CHECKING:
    from decimal import Decimal

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ports import Booking, FinanceSystem


class BookedTotal:
    """Compares what was booked with the document.

    :param tolerance: a difference up to this is said and goes on, unless it is card money, in the document's currency.
    """

    def __init__(self, finance: FinanceSystem, tolerance: Decimal) -> None:
        self._finance = finance
        self._tolerance = tolerance

    def checked(self, claim: Claim, document: Document, booking: Booking, *, is_old: bool) -> Booking:
        """The booking, when its total is the document's; one that was put right in finance is noted as it is now.

        :param is_old: an earlier attempt booked it, so that somebody may have changed it since.
        :raises HeldError: the totals differ, and a person has to put one right.
        """
        wanted = round_half_up(document.total_incl_vat)
        if round_half_up(booking.total) == wanted:
            return booking
        if is_old:
            booking = self._as_it_is_now(claim, document, booking)
        gap = abs(booking.total - wanted)
        if gap == 0:
            return booking
        if gap > self._tolerance or document.is_card_payment or document.is_card_refund:
            raise self._differs(document, booking, wanted)
        warning = self._sentence(document, booking, wanted)
        return booking.model_copy(update={"warnings": tuple(dict.fromkeys((*booking.warnings, warning)))})

    def _as_it_is_now(self, claim: Claim, document: Document, booking: Booking) -> Booking:
        try:
            found = self._finance.bookings.find_by_id(booking.finance_id, is_credit_note=document.is_credit_note)
        except InDoubtError:
            return booking  # finance cannot be asked, so what the ledger knows is all there is
        if found is None or found.is_gone:
            raise HeldError(
                f"{booking.number} was booked in {self._finance.name} with another total than {document.number} has, "
                f"and is voided or deleted there now. {what_you_can_do(document.number)}",
                wakes_on={WakesOn.PERSON},
            )
        now = found.booking.model_copy(update={"warnings": booking.warnings})
        claim.update_booking(now)
        return now

    def _differs(self, document: Document, booking: Booking, wanted: Decimal) -> HeldError:
        return HeldError(
            f"{self._sentence(document, booking, wanted)}. No payment was booked and nothing was reported. A tax rate "
            f"or an account that {self._finance.name} has for the contact or the item may have replaced the ones of "
            f"the route. Correct {booking.number} in {self._finance.name} until its total is {format_amount(wanted)}, "
            f"and the next run goes on with it. If it cannot be corrected, void it there. "
            f"{what_you_can_do(document.number)}",
            wakes_on={WakesOn.PERSON},
        )

    def _sentence(self, document: Document, booking: Booking, wanted: Decimal) -> str:
        return (
            f"{booking.number} is booked in {self._finance.name} with {format_amount(booking.total)} "
            f"{booking.currency}, but the total of {document.number} is {format_amount(wanted)}"
        )
