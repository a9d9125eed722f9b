"""What a person changed in bookings after they were reported: taken over, and told to their source again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.payments.payment_claim import PaymentClaim
from invoice_bridge_core.payments.unfinished import changed_bookings
from invoice_bridge_core.transfer.report import REPORT

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.transfer.route_session import RouteSession

_TAKEN_OVER = ("number", "status", "due_date", "is_draft")


class TakeOver:
    """Takes over what was changed in the bookings of one route.

    :param actor: who does it, for the history.
    """

    def __init__(self, session: RouteSession, actor: str) -> None:
        self._route, self._ledger = session.route, session.ledger
        self._source, self._finance = session.source, session.finance
        self._actor = actor

    def take_over_changes(self) -> None:
        """Note what a person changed in bookings; where the source was told otherwise, it has to be told again."""
        for entry in changed_bookings(self._ledger, self._route):
            if entry.row.state is DocumentState.TRANSFERRED and (now := _changed_booking(entry)) is not None:
                self._take_over(entry, now)

    def _take_over(self, entry: PaymentStatusRow, now: Booking) -> None:
        # Who was told of the payment takes no other number any more.
        has_to_be_told = self._source.follows_drafts and entry.told_on is None
        refused = self._why_not_taken(entry.booking, now) if has_to_be_told else None
        if refused is not None and entry.reason == refused:
            return
        claim = self._ledger.claim(entry.row.ref, route=self._route.route, claimant=self._actor)
        if claim is None:
            return
        if refused is not None:
            PaymentClaim(claim).not_told(refused)
            return
        # The claim's row is newer than the list: another run may have been faster.
        known = claim.row.booking
        if claim.row.state is not DocumentState.TRANSFERRED or known is None or not _differs(known, now):
            claim.release()
            return
        booking = known.model_copy(update={name: getattr(now, name) for name in _TAKEN_OVER})
        if not has_to_be_told:
            claim.update_booking(booking)
            claim.release()
        elif known.is_draft:
            claim.became_real(booking)
        else:
            claim.steps.reopen(REPORT)
            claim.renumbered(booking)

    def _why_not_taken(self, known: Booking, now: Booking) -> str | None:
        """Why the source would not take the number that a person gave the booking; a route's prefix is no cure."""
        rules = self._source.number_rules
        if rules is None or (fault := rules.number_fault(now.number)) is None:
            return None
        return (
            f"{known.number} was renumbered in {self._finance.name}. {fault}. Give it another number in "
            f"{self._finance.name}; until then {self._source.name} knows it under the old one"
        )


def _changed_booking(entry: PaymentStatusRow) -> Booking | None:
    """The booking as a person has changed it since the ledger acted upon it; `None` when nobody has."""
    booking_status = entry.booking_status
    if booking_status is None or booking_status.is_gone:
        return None
    return booking_status.booking if _differs(entry.booking, booking_status.booking) else None


def _differs(known: Booking, now: Booking) -> bool:
    """Whether a draft became real, or a real invoice got another number; a draft's number means nothing yet."""
    return not now.is_draft and (known.is_draft or known.number != now.number)
