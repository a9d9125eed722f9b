"""Reports and steps whose end is not known, resolved by a person, and by what the two systems say themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, SourceState
from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.errors import BridgeError, InDoubtError, NotFoundError, NotResolvedError
from invoice_bridge_core.ledger.anew import AnewClaim
from invoice_bridge_core.ledger.documents.lookups import REJECTION
from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT, PaymentClaim
from invoice_bridge_core.transfer.claimed_by_hand import claimed_by_hand
from invoice_bridge_core.transfer.report import DRAFT_REPORT, REPORT
from invoice_bridge_core.transfer.set_back import look_up
from invoice_bridge_core.transfer.ways_to_say import BY_COMMAND, WaysToSay

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger
    from invoice_bridge_core.ports import Booking, FinanceSystem, SourceSystem
    from invoice_bridge_core.routes.model import Route

_REPORTS = (REPORT, DRAFT_REPORT)
_MONEY = ("payment", "refund")
_ACTIVATION, _ALLOCATION = "activation", "allocation"
_IN_FINANCE = frozenset({*_MONEY, _ACTIVATION, _ALLOCATION})


def refuse_unless_told_by_hand(row: DocumentRow) -> None:
    """Only a booking that waits for a person can be said to be told.

    :raises NotResolvedError: it is not booked, or its report is not what it waits for.
    """
    if row.booking is None:
        raise NotResolvedError(f"{row.label} is {row.state}, and not booked: there is no booking to be told")
    if row.state not in (DocumentState.HELD, DocumentState.BOOKED, DocumentState.IN_DOUBT):
        raise NotResolvedError(f"{row.label} is {row.state}: there is nothing to resolve")


class ReportResolution:
    """Resolves what was sent for documents of one route after they were booked.

    :param by: the person who looked, as the history names them.
    :param claimant: the task or page that acts for them, where one does.
    :param ways: how they say things, for what a refusal proposes.
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
        ways: WaysToSay = BY_COMMAND,
    ) -> None:
        self._route, self._ledger, self._by = route, ledger, by
        self._claimant, self._ways = claimant, ways
        self._source, self._finance = source, finance

    def told(self, row: DocumentRow, *, i_looked: bool = False) -> str:
        """The source knows of the booking; returns what was done, in a sentence.

        :param i_looked: the person looked in the source, where we cannot.
        :raises NotResolvedError: it is not so, or cannot be checked; nothing was changed.
        """
        with self._claimed(row, f"was told to {self._source.name}", refuse_unless_told_by_hand) as claim:
            booking = claim.row.booking
            if booking is None:
                raise NotResolvedError(f"{row.label} is not booked")
            how = self._how_told(claim.row, booking, i_looked)
            self._settle_steps(claim)
            if not self._source.shows_reported:
                claim.steps.done(DRAFT_REPORT if booking.is_draft else REPORT)
            AnewClaim(claim).told_again()
            claim.transferred(f"said to be told by hand: {how}")
        return (
            f"{row.label} is booked as {booking.number}, and {self._source.name} was told: {how}. Its payment is told "
            f"by payment_status__{self._route.route}."
        )

    def step(self, row: DocumentRow, step: str, *, is_done: bool, i_looked: bool = False) -> str:
        """A step that was sent was carried out, or was not; returns what was done, in a sentence.

        :param step: as `show` names it.
        :raises NotResolvedError: it is not so, or cannot be checked; nothing was changed.
        """
        if step in _REPORTS and is_done:
            return self.told(row, i_looked=i_looked)
        word = "done" if is_done else "not done"
        said = f"has the step {step} {word}"
        with self._claimed(row, said, lambda now: self._refuse_unless_open(now, step)) as claim:
            how = self._how_done(claim.row, step, is_done=is_done, i_looked=i_looked)
            if step == PAYMENT_REPORT:
                self._payment_told(claim, is_done=is_done)
            else:
                if is_done:
                    claim.steps.done(step)
                else:
                    claim.steps.taken_back(step)
                claim.step_back(f"said that the step {step} is {word}: {how}")
        return f"{row.label}: the step {step} is {word}: {how}."

    def _settle_steps(self, claim: Claim) -> None:
        """Note what finance shows of steps whose answer was lost: nobody looks at them once the document has ended."""
        for record in self._ledger.steps(claim.row):
            if record.step not in _IN_FINANCE or record.state is not StepState.INTENDED:
                continue
            if not self._shown_by_finance(claim.row, record.step):
                raise NotResolvedError(
                    f"Whether the step {record.step} of {claim.row.number} was carried out in {self._finance.name} is "
                    f"not known. Look there, and say {self._ways.step(record.step, is_done=True)} or "
                    f"{self._ways.step(record.step, is_done=False)} first"
                )
            claim.steps.done(record.step)

    def _claimed(
        self, row: DocumentRow, said: str, check: Callable[[DocumentRow], None]
    ) -> AbstractContextManager[Claim]:
        return claimed_by_hand(
            row,
            said,
            route=self._route,
            ledger=self._ledger,
            finance_conn=self._finance.conn_id,
            by=self._by,
            check=check,
            claimant=self._claimant,
        )

    def _refuse_unless_open(self, row: DocumentRow, step: str) -> None:
        records = {record.step: record for record in self._ledger.steps(row)}
        record = records.get(step)
        if record is None:
            known = ", ".join(records) or "none"
            raise NotResolvedError(f"{row.label} has no step {step!r}; its steps are: {known}")
        if record.state is StepState.DONE:
            raise NotResolvedError(f"{row.label}: the step {step} is done: there is nothing to resolve")
        if step == REJECTION:
            raise NotResolvedError(f"Whether {row.label} was rejected, {self._source.name} says itself: clear its task")

    def _how_told(self, row: DocumentRow, booking: Booking, i_looked: bool) -> str:
        name = self._source.name
        try:
            document = self._source.read(row.ref.source_id)
        except NotFoundError as error:
            if not self._source.shows_reported:
                return f"{name} no longer offers it"
            return self._believed(i_looked, f"{name} does not know it", error)
        except BridgeError as error:
            return self._believed(i_looked, f"{name} could not be asked", error)
        reference = f" with reference {document.source_reference}" if document.source_reference else ""
        if document.state in (SourceState.PROCESSED, SourceState.PAID):
            return f"{name} says {document.state}{reference}"
        wanted = booking.finance_id if self._source.shows_reported else booking.number
        raise NotResolvedError(
            f"{name} says that {row.number} is {document.state}{reference}, so it was not told of {booking.number}. "
            f"Report it there with the reference {wanted}, and say {self._ways.told} again"
        )

    def _how_done(self, row: DocumentRow, step: str, *, is_done: bool, i_looked: bool) -> str:
        """What shows that the step was carried out, or was not; a person's word where nothing does."""
        if step in (PAYMENT_REPORT, *_REPORTS):
            shown = self._shown_by_source(row, step)
            where = self._source.name
        else:
            shown = self._shown_by_finance(row, step)
            where = self._finance.name
        if shown is None:
            return self._believed(i_looked, f"{where} does not show it", None)
        if shown is not is_done:
            word = "done" if shown else "not done"
            raise NotResolvedError(f"{where} shows that the step {step} of {row.number} was {word}")
        return f"{where} shows it"

    def _shown_by_source(self, row: DocumentRow, step: str) -> bool | None:
        if not self._source.shows_reported:
            return None
        try:
            state = self._source.read(row.ref.source_id).state
        except BridgeError:
            return None
        return state is SourceState.PAID if step == PAYMENT_REPORT else state is not SourceState.WAITING

    def _shown_by_finance(self, row: DocumentRow, step: str) -> bool | None:
        if row.booking is None:
            return None
        is_credit_note = row.facts.kind is DocumentKind.CREDIT_NOTE
        try:
            status = look_up(self._finance, row.booking, is_credit_note=is_credit_note)
        except InDoubtError:
            return None
        if status is None or status.is_gone:
            return None
        if step == _ACTIVATION:
            # A word of the finance system that nobody knows proves nothing.
            return True if not status.booking.is_draft and status.booking.status == "ACTIVATED" else None
        if self._finance.booking_changes is None:
            return None
        if step in _MONEY or step == _ALLOCATION:
            return status.is_paid_in_full or status.paid > 0
        return None

    def _believed(self, i_looked: bool, why: str, error: BridgeError | None) -> str:
        if not i_looked:
            raise NotResolvedError(f"{why}. Look there; if it is so, {self._ways.i_looked}") from error
        return f"{why}, {self._by} looked"

    def _payment_told(self, claim: Claim, *, is_done: bool) -> None:
        entry = self._ledger.payments.status(claim.row.ref)
        paid_on = None if entry is None else entry.telling_on or entry.paid_in_full_on
        if not is_done:
            claim.steps.taken_back(PAYMENT_REPORT)
            PaymentClaim(claim).telling(None)
            claim.step_back(f"{self._by} says that its source was not told of the payment")
            return
        if paid_on is None:
            raise NotResolvedError(f"{self._finance.name} does not say that {claim.row.number} is paid")
        PaymentClaim(claim).told(paid_on)
