"""What was set back, deleted or voided, taken up again; and what goes back into its source's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.desk.acts.act import Input, OfferedAct
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError, TransientError
from invoice_bridge_core.transfer.requeue import Requeueing, stated_reason
from invoice_bridge_core.transfer.set_back import ENDED, take_up_again

if TYPE_CHECKING:
    from invoice_bridge_core.desk.acts.act import Deed, Known

PUT_BACK = "Put it back into its queue"


class TakeUpAgain:
    """It had come to its end, and its source offers it again."""

    name: ClassVar[str] = "take_up_again"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what has ended."""
        if known.row.state not in ENDED:
            return None
        return OfferedAct(
            self.name,
            "Take it up again",
            f"Does the source offer {known.row.label} again? It is asked. Where it does, the next run takes it up: "
            "what is still booked is told again, and what is gone waits for you with the reason.",
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Ask the source, and note it."""
        row = deed.row
        with deed.open_session() as session:
            route, name = session.route.route, session.source.name
            claim = deed.ledger.claim(
                row.ref, route=route, claimant=deed.claimant, finance_conn=session.finance.conn_id
            )
            if claim is None:
                raise NotResolvedError(f"{row.label} is being worked on by another task: try again after that")
            try:
                is_offered = claim.row.state in ENDED and take_up_again(claim, session.source)
            except TransientError as error:
                claim.step_back(f"{deed.by} wanted it taken up again: {error}")
                raise NotResolvedError(
                    f"{name} could not be asked about {row.label}, so nothing was changed: {error}"
                ) from error
            if not is_offered:
                claim.step_back(f"{deed.by} wanted it taken up again; refused: {name} does not offer it")
                raise NotResolvedError(
                    f"{name} does not offer {row.label}, so there is nothing to take up. If it is to be booked again, "
                    f"void or delete its booking, and say “{PUT_BACK}”"
                )
            claim.step_back(f"{deed.by} takes it up again: {name} offers it")
        return f"{name} offers {row.label} again. The next run of invoice_transfer__{route} takes it up."


class Requeue:
    """It goes back into its source's queue, because its booking is gone."""

    name: ClassVar[str] = "requeue"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what has ended and is no credit note, which no source takes back."""
        row = known.row
        status = known.payment.booking_status if known.payment is not None else None
        is_gone = status is not None and status.is_gone
        if row.facts.kind is DocumentKind.CREDIT_NOTE or not (row.state in ENDED or _waits_gone(known, is_gone)):
            return None
        was = f" Its booking {row.booking.number} was seen to be gone." if is_gone and row.booking is not None else ""
        return OfferedAct(
            self.name,
            PUT_BACK,
            f"Put {row.label} back into the queue of its source, so that it is booked again?{was} Both systems are "
            "asked first: its booking has to be voided or deleted, and it may not be paid.",
            (Input("reason", "Why", "reason", required=True),),
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """By what the command does."""
        with deed.open_session() as session:
            requeueing = Requeueing(
                route=session.route,
                source=session.source,
                finance=session.finance,
                ledger=deed.ledger,
                by=deed.by,
                claimant=deed.claimant,
            )
            return requeueing.requeue(deed.row, stated_reason(deed.said["reason"]))


def _waits_gone(known: Known, is_gone: bool) -> bool:
    return is_gone and known.row.state is DocumentState.HELD
