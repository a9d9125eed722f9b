"""A document put back into its source's queue by a person, after its booking was seen to be gone.

The source is asked first, then finance, and only what both allow is sent. A look that failed shows nothing. What
becomes of the document then is told in `docs/set_back.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import SourceState
from invoice_bridge_core.errors import (
    BridgeError,
    LedgerError,
    NotFoundError,
    NotResolvedError,
    TransientError,
    certainly_not_done,
)
from invoice_bridge_core.ledger.anew import REQUEUE, AnewClaim
from invoice_bridge_core.transfer.claimed_by_hand import claimed_by_hand
from invoice_bridge_core.transfer.gone import GoneLook
from invoice_bridge_core.transfer.ways_to_say import ToSay

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.ports.source import Requeue
    from invoice_bridge_core.routes.model import Route

LONGEST_REASON = 500


def stated_reason(text: str) -> str:
    """A person's reason, in one line.

    :raises NotResolvedError: there is none, or it cannot be kept.
    """
    reason = " ".join(text.split())
    if not reason or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise NotResolvedError(f"Why? Give the reason in at most {LONGEST_REASON} letters with --reason TEXT")
    return reason


class Requeueing:
    """Puts documents of one route back into their source's queue.

    :param by: the person who wants it, as the history names them.
    :param claimant: the task that acts for them, where one does; its later tries take over from its dead ones.
    """

    def __init__(
        self,
        *,
        route: Route,
        source: SourceSystem,
        finance: FinanceSystem,
        ledger: Ledger,
        by: str,
        claimant: str | None = None,
    ) -> None:
        self._route, self._ledger, self._by = route, ledger, by
        self._source, self._finance, self._claimant = source, finance, claimant

    def requeue(self, row: DocumentRow, reason: str) -> str:
        """Put it back, unless it waits there already; returns what was done and what comes next.

        Safe to repeat: what an earlier attempt has done is seen in the source, and not sent again.

        :param reason: why, as the history keeps it.
        :raises NotResolvedError: a rule forbids it, or it cannot be checked; or the answer was lost, which it says.
        """
        requeue = self._source.requeue
        if requeue is None:
            raise NotResolvedError(
                f"{self._source.name} has no call that puts a document back. Let {row.label} be handed out again in "
                f"{self._source.name} by hand; the next run of {self._dag} then takes it up"
            )
        with claimed_by_hand(
            row,
            f"has to be put back: {reason}",
            route=self._route,
            ledger=self._ledger,
            finance_conn=self._finance.conn_id,
            by=self._by,
            check=_refuse_while_unknown,
            claimant=self._claimant,
        ) as claim:
            return self._put_back(claim, requeue, reason)

    def _put_back(self, claim: Claim, requeue: Requeue, reason: str) -> str:
        document = self._read(claim.row)
        waits = document.state is SourceState.WAITING
        is_under_way = claim.steps.was_tried(REQUEUE) and not claim.steps.is_done(REQUEUE)
        if waits and claim.row.booking is None and not is_under_way:
            raise NotResolvedError(
                f"{claim.row.label} waits in {self._source.name} already: there is nothing to put back. "
                f"{_its_reason(claim.row)}"
            )
        if not waits and (why := requeue.forbidden(document)) is not None:
            raise NotResolvedError(why)
        if (why := self._why_nobody_takes_it(document)) is not None:
            raise NotResolvedError(why)
        look = GoneLook(self._finance, claim.row, document)
        gone = look.what_is_gone()
        keeps_number = look.keeps_number()
        if not waits:
            self._send(claim, requeue)
        elif is_under_way:
            claim.steps.done(REQUEUE)
        done = "found it waiting" if waits else "put it back"
        note = f"{self._by} {done} in {self._source.name}: {reason} ({gone})"
        number = self._finance.bookings.booking_number(document)
        return self._noted(claim, note, gone, number, keeps_number=keeps_number)

    def _why_nobody_takes_it(self, document: Document) -> str | None:
        """Why the route would leave it in the queue; once its booking is forgotten, nothing makes it finish it."""
        name, start_date = self._route.route, self._route.source.start_date
        if not self._route.selects(document.office_id, document.project_id):
            return (
                f"{document.number} belongs to office {document.office_id or '(none)'} and project "
                f"{document.project_id or '(none)'}, which route {name} does not take any more: it would wait in "
                f"{self._source.name} for nobody. Let the route take them first"
            )
        if start_date is not None and document.invoice_date is not None and document.invoice_date < start_date:
            return (
                f"{document.number} is dated {document.invoice_date}, before the start_date {start_date} of route "
                f"{name}: it would wait in {self._source.name} for nobody. Set an earlier start_date first"
            )
        return None

    def _noted(self, claim: Claim, note: str, gone: str, number: str, *, keeps_number: bool) -> str:
        row = claim.row
        label, waits = row.label, f"waits in {self._source.name} again: {gone}"
        if row.booking is None:
            AnewClaim(claim).requeued(note)
        elif not keeps_number:
            AnewClaim(claim).forget_booking(note)
        else:
            claim.step_back(note)
        if not keeps_number:
            return f"{label} {waits}. The next run of {self._dag} books it as {number}."
        to_say = ToSay(row.ref)
        return (
            f"{label} {waits}. {self._finance.name} keeps the number {number} of what was voided, so the next run of "
            f"{self._dag} holds the document. Book it there by hand under another number, and after that run say "
            f"{to_say.booked_as('NUMBER', has_mark=False)}. Or set another number_prefix in the route, and after that "
            f"run say {to_say.not_booked}"
        )

    def _send(self, claim: Claim, requeue: Requeue) -> None:
        """Send it, and believe what the source shows afterwards rather than any answer but a plain yes."""
        tried_before = claim.steps.was_tried(REQUEUE) and not claim.steps.is_done(REQUEUE)
        claim.steps.reopen(REQUEUE)
        claim.steps.intend(REQUEUE)
        try:
            requeue.put_back(claim.row.ref.source_id)
        except LedgerError:
            raise
        except BridgeError as error:
            self._find_out(claim, error, tried_before=tried_before)
        claim.steps.done(REQUEUE)

    def _find_out(self, claim: Claim, error: BridgeError, *, tried_before: bool) -> None:
        """Do nothing where it waits after all.

        :raises NotResolvedError: it does not, or nobody could look.
        """
        row, name = claim.row, self._source.name
        try:
            state = self._source.read(row.ref.source_id).state
        except LedgerError:
            raise
        except BridgeError as failed:
            if certainly_not_done(error) and not tried_before:
                claim.steps.refused(REQUEUE)
            raise NotResolvedError(
                f"Whether {row.label} was put back is not known: {error}. {name} could not be asked since: {failed}. "
                "Say it again: it is looked at before anything is sent",
                may_pass=True,
            ) from error
        if state is SourceState.WAITING:
            return
        if certainly_not_done(error):
            if not tried_before:
                claim.steps.refused(REQUEUE)
            raise NotResolvedError(
                f"{row.label} was not put back: {error}. {name} says that it is {state}",
                may_pass=isinstance(error, TransientError),
            ) from error
        raise NotResolvedError(
            f"{row.label} may not have been put back: {error}. {name} still says that it is {state}. Say it again: it "
            "is looked at before anything is sent",
            may_pass=True,
        ) from error

    def _read(self, row: DocumentRow) -> Document:
        name = self._source.name
        try:
            return self._source.read(row.ref.source_id)
        except NotFoundError as error:
            raise NotResolvedError(
                f"{name} no longer knows {row.label}, so there is nothing to put back. Have it made anew in {name}"
            ) from error
        except BridgeError as error:
            raise NotResolvedError(
                f"{name} could not be asked about {row.label}, so nothing was sent: {error}",
                may_pass=isinstance(error, TransientError),
            ) from error

    @property
    def _dag(self) -> str:
        return f"invoice_transfer__{self._route.route}"


def _refuse_while_unknown(row: DocumentRow) -> None:
    if row.booking is None and row.intent_token is not None:
        raise NotResolvedError(
            f"{row.label} may be booked as {row.intent_number}: that has to be known first. Look there, and say "
            f"{ToSay(row.ref).not_booked}, or {ToSay(row.ref).booked_as('NUMBER')}"
        )


def _its_reason(row: DocumentRow) -> str:
    return f"It is {row.state}: {row.reason}" if row.reason else "The next run takes it up"
