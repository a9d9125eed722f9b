"""A document in doubt, a report or a step, resolved by what a person says and what the two systems show."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.desk.acts.act import Choice, Input, OfferedAct
from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.ledger.anew import REQUEUE, SET_BACK
from invoice_bridge_core.ledger.documents.lookups import REJECTION
from invoice_bridge_core.transfer.resolution import Resolution
from invoice_bridge_core.transfer.resolution_of_reports import ReportResolution
from invoice_bridge_core.transfer.ways_to_say import (
    BOOKED_AS,
    BY_BUTTON,
    I_LOOKED,
    NO_MARK,
    NOT_BOOKED,
    STEP_DONE,
    STEP_NOT_DONE,
    TOLD,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from invoice_bridge_core.desk.acts.act import Deed, Known
    from invoice_bridge_core.transfer.route_session import RouteSession

_LOOKED = Input("i_looked", I_LOOKED, "flag")
_OWN_ACTS = frozenset({REJECTION, REQUEUE, SET_BACK})
"""Steps that no person carries out by hand: another act is about them."""


class BookedAs:
    """It is booked under a number or id."""

    name: ClassVar[str] = "booked_as"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what was sent and not found, and of what is held after it was booked."""
        row = known.row
        if not _is_open(known):
            return None
        number = row.booking.number if row.booking is not None else row.intent_number
        return OfferedAct(
            self.name,
            BOOKED_AS,
            f"Under which number or id is {row.label} booked? {number} was expected. The finance system is asked, and "
            "currency, total and mark have to fit. What somebody made there by hand has no mark: say so by its button.",
            (
                Input("booking", "Number or id in the finance system", "text", required=True),
                Input("despite_missing_mark", NO_MARK, "flag", is_button=True),
                _LOOKED,
            ),
        )

    def carry_out(self, deed: Deed) -> str:
        """Have it checked and noted."""
        with deed.open_session() as session:
            return _resolution(deed, session).booked_as(
                deed.row,
                deed.said["booking"],
                despite_missing_mark=deed.said["despite_missing_mark"],
                i_looked=deed.said["i_looked"],
            )


class NotBooked:
    """It is not booked, or not any more."""

    name: ClassVar[str] = "not_booked"

    def offered(self, known: Known) -> OfferedAct | None:
        """As of `BookedAs`."""
        row = known.row
        if not _is_open(known):
            return None
        number = row.booking.number if row.booking is not None else row.intent_number
        return OfferedAct(
            self.name,
            NOT_BOOKED,
            f"Is {number} not in the finance system, or is it voided there? It is asked. Where that is so, the next "
            f"run books {row.label} again.",
            (_LOOKED,),
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Have it checked and noted."""
        with deed.open_session() as session:
            return _resolution(deed, session).not_booked(deed.row, i_looked=deed.said["i_looked"])


class Told:
    """Its source knows of the booking, whoever told it."""

    name: ClassVar[str] = "told"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of what is booked and did not come to its end."""
        row = known.row
        waits = row.state in (DocumentState.HELD, DocumentState.BOOKED, DocumentState.IN_DOUBT)
        if row.booking is None or not waits:
            return None
        return OfferedAct(
            self.name,
            TOLD,
            f"Does the source of {row.label} know that it is booked as {row.booking.number}? The source is asked. "
            "Nothing more is sent to it then.",
            (_LOOKED,),
            of_many=True,
        )

    def carry_out(self, deed: Deed) -> str:
        """Have it checked and noted."""
        with deed.open_session() as session:
            return _reports(deed, session).told(deed.row, i_looked=deed.said["i_looked"])


class StepDone:
    """A step that was sent was carried out."""

    name: ClassVar[str] = "step_done"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of steps whose end is not known, or that were refused and may have been done by hand."""
        return _of_step(
            known,
            (StepState.INTENDED, StepState.REFUSED),
            OfferedAct(
                self.name,
                STEP_DONE,
                f"Which step of {known.row.label} was carried out? The systems are asked where they show it. It is not "
                "sent again.",
            ),
        )

    def carry_out(self, deed: Deed) -> str:
        """Have it checked and noted."""
        return _step(deed, is_done=True)


class StepNotDone:
    """A step that was sent was not carried out."""

    name: ClassVar[str] = "step_not_done"

    def offered(self, known: Known) -> OfferedAct | None:
        """Of steps whose end is not known."""
        return _of_step(
            known,
            (StepState.INTENDED,),
            OfferedAct(
                self.name,
                STEP_NOT_DONE,
                f"Which step of {known.row.label} was not carried out? The systems are asked where they show it. It is "
                "sent again then.",
            ),
        )

    def carry_out(self, deed: Deed) -> str:
        """Have it checked and noted."""
        return _step(deed, is_done=False)


def _is_open(known: Known) -> bool:
    row = known.row
    if row.booking is not None:
        return row.state is DocumentState.HELD
    return row.intent_token is not None and row.state in (DocumentState.IN_DOUBT, DocumentState.HELD)


def _of_step(known: Known, states: Collection[StepState], act: OfferedAct) -> OfferedAct | None:
    names = [one.step for one in known.steps if one.state in states and one.step not in _OWN_ACTS]
    if known.row.booking is None or not names:
        return None
    choices = tuple(Choice(name, name) for name in names)
    return OfferedAct(
        act.name, act.label, act.question, (Input("step", "Step", "choice", required=True, choices=choices), _LOOKED)
    )


def _step(deed: Deed, *, is_done: bool) -> str:
    with deed.open_session() as session:
        resolution = _reports(deed, session)
        return resolution.step(deed.row, deed.said["step"], is_done=is_done, i_looked=deed.said["i_looked"])


def _resolution(deed: Deed, session: RouteSession) -> Resolution:
    return Resolution(
        route=session.route,
        finance=session.finance,
        ledger=deed.ledger,
        by=deed.by,
        claimant=deed.claimant,
        ways=BY_BUTTON,
    )


def _reports(deed: Deed, session: RouteSession) -> ReportResolution:
    return ReportResolution(
        route=session.route,
        source=session.source,
        finance=session.finance,
        ledger=deed.ledger,
        by=deed.by,
        claimant=deed.claimant,
        ways=BY_BUTTON,
    )
