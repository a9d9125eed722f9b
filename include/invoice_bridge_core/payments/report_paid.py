"""Reports one payment, once: the ledger notes that the source is about to be told, and then it is told.

A document that its source has to be told of again, because its draft became real or its number changed, is reported
first: no source takes the payment of an invoice that it does not know.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from invoice_bridge_core.connections.guard import paused_result
from invoice_bridge_core.documents import SourceState
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    HeldError,
    NotFoundError,
    RefusedError,
    UnreadableError,
    certainly_not_done,
)
from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT, PaymentClaim
from invoice_bridge_core.payments.findings import Finding, finding, for_a_person
from invoice_bridge_core.payments.what_counts import as_it_counts, is_nothing_to_pay, rest_left
from invoice_bridge_core.transfer.transfer import Transfer
from invoice_bridge_core.transfer.ways_to_say import ToSay

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession
    from invoice_bridge_core.transfer.transfer import Attempt

STALE_AFTER = dt.timedelta(hours=1)
"""A task that is cleared long after its run asks again: the payment may have been removed since."""


class PaidReport:
    """Tells a route's source, document by document, that they are paid."""

    def __init__(self, session: RouteSession, attempt: Attempt) -> None:
        self._route, self._ledger, self._guard = session.route, session.ledger, session.guard
        self._source, self._finance = session.source, session.finance
        self._attempt = attempt
        self._transfer = Transfer(session, attempt)

    def report(self, ref: DocumentRef, now: dt.datetime) -> Result:
        """Bring the source up to date with one document's payment, from wherever an earlier attempt left it.

        :param now: the moment of the attempt; aware.
        :raises TransientError: try again later; the ledger knows how far it came.
        :raises LedgerError: the ledger cannot be used.
        """
        if (pause := self._guard.pause(self._source.conn_id)) is not None:
            return paused_result(self._ledger, ref, pause)
        try:
            return self._bring_up_to_date(ref, now)
        except BridgeError as error:
            if (pause := self._guard.pause_after(error)) is None:
                raise
            return paused_result(self._ledger, ref, pause)

    def _bring_up_to_date(self, ref: DocumentRef, now: dt.datetime) -> Result:
        entry = self._entry(ref)
        if entry is None:
            return _not_booked(ref)
        reported = None
        if entry.row.state is DocumentState.BOOKED:
            reported = self._transfer.transfer(ref)
            if reported.outcome not in (Outcome.TRANSFERRED, Outcome.ALREADY_TRANSFERRED):
                return reported
        if self._is_stale(entry, now):
            if (pause := self._guard.pause(self._finance.conn_id)) is not None:
                return paused_result(self._ledger, ref, pause)
            self._ask_again(entry)
        claim = self._ledger.claim(ref, route=self._route.route, claimant=self._attempt.claimant)
        if claim is None:
            return Result(Outcome.BUSY, entry.row.label, "another run is working on this document")
        result = self._carry(claim)
        if reported is not None and reported.outcome is Outcome.TRANSFERRED and result.outcome is Outcome.NOT_PAID:
            # Its source was told of the booking, which is all that there was to tell.
            return reported
        return result

    def _carry(self, claim: Claim) -> Result:
        try:
            entry = self._entry(claim.row.ref)
            if entry is None:
                claim.release()
                return _not_booked(claim.row.ref)
            what = finding(entry, self._route)
            is_due = what is Finding.TO_REPORT and entry.row.state is DocumentState.TRANSFERRED
            if is_due and (paid_on := entry.paid_in_full_on) is not None:
                return self._report(claim, entry, paid_on)
            if entry.telling_on is not None:
                return self._find_out(claim, entry, entry.telling_on)
            claim.release()
            return _nothing_to_tell(entry, what, self._route)
        except HeldError as error:
            PaymentClaim(claim).not_told(str(error))
            return Result(Outcome.HELD, claim.row.label, str(error))
        except BridgeError:
            claim.release()
            raise

    def _entry(self, ref: DocumentRef) -> PaymentStatusRow | None:
        entry = self._ledger.payments.status(ref)
        return as_it_counts(entry, self._route) if entry is not None else None

    def _report(self, claim: Claim, entry: PaymentStatusRow, paid_on: dt.date) -> Result:
        if self._was_told(claim):
            paid_on = entry.telling_on or paid_on
        else:
            self._tell(claim, entry, paid_on)
        rest = rest_left(entry, self._route)
        PaymentClaim(claim).told(paid_on, rest or "")
        return _result(Outcome.REPORTED_PAID, entry, for_a_person(entry, self._route) or rest or "")

    def _tell(self, claim: Claim, entry: PaymentStatusRow, paid_on: dt.date) -> None:
        tried_before = claim.steps.was_tried(PAYMENT_REPORT)
        PaymentClaim(claim).telling(paid_on)
        claim.steps.intend(PAYMENT_REPORT)
        try:
            self._source.report_paid(entry.row.facts, paid_on, _payment_number(entry))
        except (RefusedError, NotFoundError) as refusal:
            if self._shows_paid(claim):
                return
            if not tried_before:
                self._note_untold(claim)
            raise HeldError(
                f"{entry.row.number} was paid on {paid_on}, but {self._source.name} refuses the report: {refusal}"
            ) from refusal
        except BridgeError as error:
            # An earlier report whose answer was lost stays tried, whatever became of this one.
            if not tried_before and certainly_not_done(error):
                self._note_untold(claim)
            raise

    def _find_out(self, claim: Claim, entry: PaymentStatusRow, telling_on: dt.date) -> Result:
        """Whether the source was told of a payment, before its answer was lost and the payment was taken back.

        :raises HeldError: the source cannot be asked.
        """
        if self._was_told(claim):
            PaymentClaim(claim).told(telling_on)
        elif claim.steps.was_tried(PAYMENT_REPORT) and not self._source.shows_reported:
            to_say = ToSay(entry.row.ref)
            raise HeldError(
                f"{self._source.name} may have been told that {entry.row.number} was paid on {telling_on}, but finance "
                f"no longer says so. Look at it in {self._source.name}, and say what is so: "
                f"{to_say.step(PAYMENT_REPORT, is_done=True)}, or {to_say.step(PAYMENT_REPORT, is_done=False)}"
            )
        else:
            self._note_untold(claim)
            claim.release()
        now = self._entry(entry.row.ref) or entry
        return _nothing_to_tell(now, finding(now, self._route), self._route)

    @staticmethod
    def _note_untold(claim: Claim) -> None:
        """Note that the source was told nothing of the payment."""
        if claim.steps.was_tried(PAYMENT_REPORT):
            claim.steps.refused(PAYMENT_REPORT)
        PaymentClaim(claim).telling(None)

    def _was_told(self, claim: Claim) -> bool:
        """Whether an attempt that stopped before it noted it has told the source."""
        if claim.steps.is_done(PAYMENT_REPORT):
            return True
        return claim.steps.was_tried(PAYMENT_REPORT) and self._shows_paid(claim)

    def _shows_paid(self, claim: Claim) -> bool:
        if not self._source.shows_reported:
            return False
        try:
            return self._source.read(claim.row.ref.source_id).state is SourceState.PAID
        except NotFoundError:
            return False
        except UnreadableError as error:
            raise HeldError(
                f"{self._source.name} may have been told that {claim.row.number} was paid, but what it shows cannot be "
                f"read: {error}"
            ) from error

    def _is_stale(self, entry: PaymentStatusRow, now: dt.datetime) -> bool:
        tells_changes = self._finance.booking_changes is not None
        return tells_changes and entry.seen_at is not None and entry.seen_at <= now - STALE_AFTER

    def _ask_again(self, entry: PaymentStatusRow) -> None:
        booking = entry.booking
        if self._finance.statuses is None:
            return
        booking_status = self._finance.statuses.by_id([booking.finance_id]).get(booking.finance_id)
        if booking_status is None:
            # Where changes are told, voided and deleted ones are shown by their ids: it is another organisation.
            raise ConfigurationError(
                f"{self._finance.name} does not know {booking.number} by its id: does the connection "
                f"{self._finance.conn_id} still reach the same organisation?"
            )
        self._ledger.payments.keep_booking_status(self._finance.conn_id, booking_status, actor=self._attempt.claimant)


def _payment_number(entry: PaymentStatusRow) -> str:
    """What finance knows the payment by; of a document that asked for none, its own number."""
    booking = entry.booking_status.booking if entry.booking_status is not None else entry.booking
    return entry.payment_number or (booking.number if is_nothing_to_pay(booking) else "")


def _not_booked(ref: DocumentRef) -> Result:
    return Result(Outcome.HELD, str(ref), "it is not booked, so it cannot be paid")


def _nothing_to_tell(entry: PaymentStatusRow, what: Finding, route: Route) -> Result:
    if what is Finding.REPORTED:
        return _result(Outcome.ALREADY_REPORTED_PAID, entry, "")
    if entry.row.state is not DocumentState.TRANSFERRED:
        return _result(Outcome.HELD, entry, f"it is {entry.row.state}: it has to be transferred first")
    if what in (Finding.OPEN, Finding.DRAFT, Finding.UNTOLD, Finding.PART_PAID):
        return _result(Outcome.NOT_PAID, entry, "nothing is paid of it" if what is Finding.OPEN else str(what))
    return _result(Outcome.HELD, entry, for_a_person(entry, route) or str(what))


def _result(outcome: Outcome, entry: PaymentStatusRow, message: str) -> Result:
    booking = entry.booking
    return Result(
        outcome,
        entry.row.label,
        message,
        finance_id=booking.finance_id,
        finance_number=booking.number,
        link=booking.link,
    )
