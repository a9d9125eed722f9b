"""Moves one document, once.

Every step is safe to repeat. Before a write is sent, the ledger notes that it will be; after it, what came of it.
An attempt that finds an intent without an end looks in the finance system before it does anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.connections.guard import paused_result
from invoice_bridge_core.documents import Document, SourceState
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    HeldError,
    InDoubtError,
    NotFoundError,
    RefusedError,
    TransientError,
    UnreadableError,
    WakesOn,
)
from invoice_bridge_core.ledger.anew import AnewClaim
from invoice_bridge_core.ledger.documents.lookups import REJECTION
from invoice_bridge_core.ports import Booking
from invoice_bridge_core.transfer.all_checks import all_problems, why_not_ours
from invoice_bridge_core.transfer.attempt_ends import earlier_end, label_of, result_of
from invoice_bridge_core.transfer.booked_ahead import NOT_AHEAD, booked_ahead
from invoice_bridge_core.transfer.booked_total import BookedTotal
from invoice_bridge_core.transfer.booking_step import BookingStep
from invoice_bridge_core.transfer.contact_step import ContactStep
from invoice_bridge_core.transfer.credit_notes import credited_booking
from invoice_bridge_core.transfer.item_step import ItemStep
from invoice_bridge_core.transfer.kept_read import KeptReads, was_sent
from invoice_bridge_core.transfer.recheck import credited_state, fingerprint_of, left_for
from invoice_bridge_core.transfer.reference import reference_data
from invoice_bridge_core.transfer.rejections import Rejecting, rejection_message, rejections_for
from invoice_bridge_core.transfer.renumbered import RenumberedBookings
from invoice_bridge_core.transfer.report import (
    BookedAttachments,
    held_message,
    report_again,
    report_transferred,
    told_booking,
)
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory, offered_again_key
from invoice_bridge_core.transfer.set_back import standing_booking, take_up_again, told_again_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.ledger import Claim, DocumentRow
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.transfer.booked_ahead import BookedAhead
    from invoice_bridge_core.transfer.route_session import RouteSession


@dataclass(frozen=True)
class Attempt:
    """Who tries, and within which run.

    :param claimant: this mapped task of this run; its later tries take over the lease of its dead ones.
    :param run_key: names the run and how often it was cleared; reference data is read once per key.
    """

    claimant: str
    run_key: str


class Transfer:
    """Moves single documents of one route."""

    def __init__(self, session: RouteSession, attempt: Attempt) -> None:
        self._route, self._ledger, self._guard = session.route, session.ledger, session.guard
        self._source, self._finance = session.source, session.finance
        self._attempt = attempt
        self._kept_reads = KeptReads(session, attempt.run_key)
        self._rejecting = Rejecting(session.route, session.ledger, session.source)
        self._contacts = ContactStep(session.finance, session.ledger)
        self._totals = BookedTotal(session.finance, session.route.policy.total_tolerance)
        self._booking = BookingStep(
            session.finance,
            self._contacts,
            ItemStep(session.finance, session.ledger),
            RenumberedBookings(session.finance, session.ledger, self._contacts, session.route.policy.total_tolerance),
            session.route.policy.total_tolerance,
        )

    def transfer(self, ref: DocumentRef) -> Result:
        """Carry one document to its end, from wherever an earlier attempt left it.

        :raises TransientError: try again later; the ledger knows how far it came.
        :raises LedgerError: the ledger cannot be used.
        """
        if (pause := self._guard.pause()) is not None:
            return paused_result(self._ledger, ref, pause)
        kept = self._kept_reads.take(ref)
        claim = self._ledger.claim(
            ref,
            route=self._route.route,
            claimant=self._attempt.claimant,
            finance_conn=self._finance.conn_id,
        )
        if claim is None:
            return Result(Outcome.BUSY, label_of(ref, self._ledger.row(ref)), "another run is working on this document")
        if (ended := earlier_end(claim.row)) is not None and not self._is_offered_again(claim):
            claim.release()
            return ended
        reason = claim.row.reason if claim.row.state is DocumentState.HELD else None
        ahead = booked_ahead(claim, self._ledger, self._attempt.run_key)
        kept_document = self._kept_reads.usable(kept, claim, is_booked_ahead=ahead.is_booked)
        result = self._carry(claim, kept_document, ahead)
        if reason is not None and result.outcome is Outcome.TRANSFERRED:
            self._ledger.wake_alike(self._route.route, reason)
        return result

    def _is_offered_again(self, claim: Claim) -> bool:
        """Whether the run's queue found that the source offers what has ended, and the source still does."""
        listed = LedgerRunMemory(self._ledger, self._attempt.run_key).kept(offered_again_key(self._route.route))
        if claim.row.ref.source_id not in (listed or ()):
            return False
        try:
            return take_up_again(claim, self._source)
        except TransientError:
            # Nothing was noted, so the next run that lists it asks again.
            claim.release()
            raise

    def _carry(self, claim: Claim, kept: Document | None = None, ahead: BookedAhead = NOT_AHEAD) -> Result:
        """Carry the document as far as it comes.

        :param kept: the document as an earlier step of the run has read it; used to book it, and for no other end.
        :param ahead: what the run's own batch did with it.
        """
        label = claim.row.label
        # Taken before anything is read or decided, so that what changes meanwhile makes it worth another look.
        entry = claim.row.facts.entry_fingerprint
        waits_for: Callable[[], str] | None = None
        try:
            waits_for = self._fingerprint(claim.row, entry)
            self._forbid_elsewhere(claim)
            document = kept or self._read(claim)
            if isinstance(document, Booking):
                return self._tell_again(claim, document)
            claim.note_document(document)
            waits_for = self._fingerprint(claim.row, entry)
            label = document.label
            return self._move(claim, document, ahead, is_kept=kept is not None)
        except InDoubtError as error:
            claim.in_doubt(str(error), self._waiting(error, waits_for))
            return result_of(Outcome.IN_DOUBT, claim, label, str(error))
        except (HeldError, UnreadableError, NotFoundError, RefusedError) as error:
            if kept is not None and not was_sent(claim):
                return self._carry(claim, ahead=ahead)
            # Nothing that a queue sees tells that a person has brought the two sides of a booking together.
            is_for_a_person = claim.row.booking is not None and WakesOn.PERSON in error.wakes_on
            return self._leave(claim, label, error, None if is_for_a_person else self._waiting(error, waits_for))
        except BridgeError as error:
            return self._stumbled(claim, label, error, waits_for)

    def _leave(self, claim: Claim, label: str, error: BridgeError, waits_for: str | None) -> Result:
        """Held; in doubt where an earlier attempt may have booked it, and this one could not look."""
        row = claim.row
        reason = str(error)
        if row.intent_token is None or row.booking is not None:
            claim.held(reason, waits_for)
            return result_of(Outcome.HELD, claim, label, reason)
        reason = f"It may be booked as {row.intent_number} in {self._finance.name}. It stopped because: {reason}"
        claim.in_doubt(reason, waits_for)
        return result_of(Outcome.IN_DOUBT, claim, label, reason)

    def _stumbled(self, claim: Claim, label: str, error: BridgeError, waits_for: Callable[[], str] | None) -> Result:
        """What becomes of the document after an outage, a limit or a wrong setting."""
        if (pause := self._guard.pause_after(error)) is not None:
            claim.release(str(error))
            return paused_result(self._ledger, claim.row.ref, pause)
        if isinstance(error, ConfigurationError):
            claim.held(str(error), self._waiting(error, waits_for))
            return result_of(Outcome.HELD, claim, label, str(error))
        claim.release(str(error))
        raise error

    def _forbid_elsewhere(self, claim: Claim) -> None:
        row = claim.row
        if row.booking is not None and row.finance_conn != self._finance.conn_id:
            raise HeldError(
                f"{row.label} is booked as {row.booking.number} through connection {row.finance_conn}, but route "
                f"{self._route.route} books through {self._finance.conn_id}. Only a route into {row.finance_conn} can "
                "finish it",
                wakes_on={WakesOn.ROUTE},
            )

    def _read(self, claim: Claim) -> Document | Booking:
        """The document; its booking when the source no longer shows it, because it was told of that."""
        try:
            return self._source.read(claim.row.ref.source_id)
        except NotFoundError as error:
            if (booking := told_booking(claim, self._source, self._finance.name, error)) is None:
                raise
            return booking

    def _tell_again(self, claim: Claim, booking: Booking) -> Result:
        standing = self._standing(claim, booking, None)
        if standing != booking:
            claim.update_booking(standing)
        report_again(claim, self._source, standing, BookedAttachments(self._finance, standing))
        return self._told(claim, claim.row.label, standing)

    def _standing(self, claim: Claim, booking: Booking, document: Document | None) -> Booking:
        tolerance = self._route.policy.total_tolerance
        return standing_booking(claim, booking, self._source, self._finance, document, tolerance)

    def _told(self, claim: Claim, label: str, booking: Booking) -> Result:
        """The end of a document whose source was just told of its booking."""
        notes = list(booking.warnings)
        anew = AnewClaim(claim)
        if anew.is_set_back:
            notes.insert(0, told_again_text(self._source, self._finance, booking))
            anew.told_again()
        note = "; ".join(notes)
        claim.transferred(note)
        return result_of(Outcome.TRANSFERRED, claim, label, note)

    def _move(self, claim: Claim, document: Document, ahead: BookedAhead, *, is_kept: bool) -> Result:
        known = claim.row.booking
        if ahead.is_booked and self._finance.reference is not None:
            # What follows the booking may need accounts, and nobody looks at them any more.
            self._finance.reference.use(self._reference)
        if known is not None and AnewClaim(claim).is_set_back:
            known = self._standing(claim, known, document)
        booking = known or self._booking.recovered(claim, document, self._reference)
        credited = credited_booking(document, booking, self._finance, self._ledger)
        if booking is None:
            booked = self._booked(claim, document, credited, ahead, is_kept=is_kept)
            if isinstance(booked, Result):
                return booked
            booking = booked
        is_old = known is not None and not ahead.is_booked
        booking = self._totals.checked(claim, document, booking, is_old=is_old)
        finished = self._finished(claim, document, booking, credited)
        if is_old and not AnewClaim(claim).is_set_back:
            # An earlier attempt booked it, and somebody may have deleted or changed it since.
            self._standing(claim, finished, document)
        if finished != claim.row.booking:
            claim.update_booking(finished)
        report_transferred(claim, self._source, document, finished, BookedAttachments(self._finance, finished))
        return self._told(claim, document.label, finished)

    def _booked(
        self, claim: Claim, document: Document, credited: Booking | None, ahead: BookedAhead, *, is_kept: bool
    ) -> Booking | Result:
        """Book what is not booked yet; how it ended where nothing is to be booked."""
        if document.state is not SourceState.WAITING:
            return self._closed_elsewhere(claim, document)
        if (reason := why_not_ours(document, self._route)) is not None:
            raise HeldError(reason, wakes_on={WakesOn.ROUTE, WakesOn.ENTRY})
        problems = self._problems(document)
        if problems and is_kept:
            # Its author may have mended it since; only a document as it is now is told to be wrong.
            raise HeldError(held_message(self._source, document, problems))
        if problems and (rejections := rejections_for(self._source, document, problems)) is not None:
            message = rejection_message(problems)
            self._rejecting.reject(claim, rejections, document, message)
            return result_of(Outcome.REJECTED, claim, document.label, message)
        if problems:
            wakes_on = frozenset().union(*(problem.wakes_on for problem in problems))
            raise HeldError(held_message(self._source, document, problems), wakes_on=wakes_on)
        return self._booking.book(claim, document, credited, self._reference, ahead.refusal)

    def _finished(self, claim: Claim, document: Document, booking: Booking, credited: Booking | None) -> Booking:
        follow_ups = self._finance.follow_ups
        return booking if follow_ups is None else follow_ups.finish(document, booking, credited, claim.steps)

    def _closed_elsewhere(self, claim: Claim, document: Document) -> Result:
        if document.state is SourceState.FAILED and claim.steps.was_tried(REJECTION):
            # The row's own reason is what the attempt stumbled over, not what its author was told.
            problems = self._problems(document)
            reason = (
                rejection_message(problems)
                if problems
                else "rejected by an earlier attempt, which stopped before it noted why"
            )
            if not claim.steps.is_done(REJECTION):
                claim.steps.done(REJECTION)
            claim.rejected(reason)
            return result_of(Outcome.REJECTED, claim, document.label, reason)
        reference = f" with reference {document.source_reference}" if document.source_reference else ""
        raise HeldError(
            f"{self._source.name} says {document.state}{reference}, but this package did not book it. "
            "Somebody dealt with it in another way, so it is left alone",
            wakes_on={WakesOn.ENTRY, WakesOn.PERSON},
        )

    def _problems(self, document: Document) -> list[Problem]:
        return all_problems(document, self._route, self._source, self._finance, self._reference)

    @cached_property
    def _reference(self) -> ReferenceData:
        return reference_data(self._finance, self._ledger, self._attempt.run_key)

    @cached_property
    def _route_fingerprint(self) -> str:
        return self._route.fingerprint

    def _fingerprint(self, row: DocumentRow, entry: str | None) -> Callable[[], str]:
        """What the document would wait for as things stand now; put together where it has to wait at all."""
        credited = credited_state(row, self._ledger)
        reference = self._reference.fingerprint
        return lambda: fingerprint_of(self._route_fingerprint, reference, entry, credited)

    def _waiting(self, error: BridgeError, fingerprint: Callable[[], str] | None) -> str | None:
        return left_for(error, fingerprint and fingerprint(), lambda: self._guard.connections)
