"""Looking for the members of a batch of which nobody knows what became: many numbers in one call.

What is found is recognised by the rules of single documents. What those rules leave to a person keeps its intent, so
that its own task says why. Only what is certainly not there is free again.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import InDoubtError
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.documents.in_flight import BATCH_IN_FLIGHT
from invoice_bridge_core.ledger.documents.many_changes import Change
from invoice_bridge_core.transfer.contact_step import ContactStep
from invoice_bridge_core.transfer.recognition import Recognition
from invoice_bridge_core.transfer.renumbered import RenumberedBookings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.ports.finance.batches import BookingBatches
    from invoice_bridge_core.transfer.ahead.member import Member
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)


class Looking:
    """Finds out what became of members of batches of one route.

    :param actor: the task, as the history names it.
    :param sleep: waits so many seconds.
    """

    def __init__(
        self,
        session: RouteSession,
        batches: BookingBatches,
        reference: ReferenceData,
        *,
        actor: str,
        sleep: Callable[[float], None],
    ) -> None:
        self._ledger, self._finance = session.ledger, session.finance
        self._batches = batches
        self._reference = reference
        self._actor = actor
        self._sleep = sleep
        tolerance = session.route.policy.total_tolerance
        contacts = ContactStep(session.finance, session.ledger)
        self._recognition = Recognition(session.finance, contacts, tolerance)
        self._renumbered = RenumberedBookings(session.finance, session.ledger, contacts, tolerance)

    def absent(self, members: Sequence[Member], batch_id: int, *, is_over: bool) -> list[Member]:
        """Those that are certainly not booked, their intents withdrawn; what was found is noted and let go.

        :param is_over: whether finance has ended its work on the batch. What got no answer may arrive for a while, and
            a person may give what arrived another number.
        :raises BridgeError: nobody could look; nothing is concluded then.
        """
        missing = self._not_found(members, batch_id)
        if missing and not is_over:
            self._wait_until_arrived(missing)
            missing = self._not_renumbered(self._not_found(missing, batch_id), batch_id)
        note = f"not booked: looked for it after batch {batch_id}: not there"
        left = self._ledger.batches.change(
            [Change(member.claim, member.claim.withdrawal(), note) for member in missing], actor=self._actor
        )
        return [member for member in missing if member.claim not in left]

    def _not_found(self, members: Sequence[Member], batch_id: int) -> list[Member]:
        """Those whose numbers nothing has."""
        is_credit_note = members[0].document.is_credit_note
        found = self._batches.find_by_numbers([member.number for member in members], is_credit_note=is_credit_note)
        self._adopt([(member, found[member.number]) for member in members if member.number in found], batch_id)
        return [member for member in members if member.number not in found]

    def _adopt(self, found: Sequence[tuple[Member, BookingStatus]], batch_id: int) -> None:
        ours = [(member, status.booking) for member, status in found if self._is_ours(member, status)]
        self._note_found(ours, batch_id)

    def _note_found(self, found: Sequence[tuple[Member, Booking]], batch_id: int) -> None:
        changes = [
            Change(
                member.claim,
                {**member.claim.as_booked(booking), **NO_LEASE, "batch_id": batch_id},
                f"booked as {booking.number}, found after batch {batch_id}",
            )
            for member, booking in found
        ]
        if changes:
            self._ledger.batches.change(changes, actor=self._actor)

    def _is_ours(self, member: Member, status: BookingStatus) -> bool:
        if status.is_gone:
            return False
        row, document = member.claim.row, member.document
        difference = self._recognition.difference(row, document, status.booking, self._reference, may_be_ours=True)
        if difference is not None:
            log.warning("%s is left to its own task: %s", document.label, difference)
        return difference is None

    def _not_renumbered(self, members: Sequence[Member], batch_id: int) -> list[Member]:
        """Those that have no other number either."""
        absent, found = [], []
        with self._batches.looking():
            for member in members:
                try:
                    booking = self._renumbered.find(member.claim, member.document, self._reference)
                except InDoubtError as error:
                    log.warning("%s is left to its own task: %s", member.document.label, error)
                    continue
                if booking is None:
                    absent.append(member)
                else:
                    found.append((member, booking))
        self._note_found(found, batch_id)
        return absent

    def _wait_until_arrived(self, members: Sequence[Member]) -> None:
        sent_at = max((at for member in members if (at := member.claim.row.intent_at) is not None), default=None)
        if sent_at is None:
            return
        left = sent_at + BATCH_IN_FLIGHT - self._ledger.batches.now()
        if left > dt.timedelta(0):
            log.info("%d documents may still arrive: looked for again in %d seconds", len(members), left.seconds)
            self._sleep(left.total_seconds())
