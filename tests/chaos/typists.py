"""A person who types one of our numbers into Xero while it is being booked: whoever comes first has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.chaos.acts import TypesNumber
from tests.chaos.documents import BOOKED, CARD, INVOICE, TAKEN

if TYPE_CHECKING:
    from tests.chaos.documents import Paper
    from tests.chaos.journeys import Journey
    from tests.chaos.state import State
    from tests.chaos.world import ChaosWorld


def typing_into(world: ChaosWorld) -> TypesNumber | None:
    """What the person does in the journey that is played: the last number that she may take; `None`: there is none."""
    assert world.journey is not None
    papers = may_be_taken(world.journey)
    return TypesNumber(papers[-1].expected.number) if papers else None


def may_be_taken(journey: Journey) -> list[Paper]:
    """Documents whose number may become somebody else's: no credit note is set off against them."""
    credited = {paper.expected.credits for paper in journey.papers}
    return [
        paper
        for paper in journey.papers
        if paper.expected.end == BOOKED
        and paper.expected.kind in (INVOICE, CARD)
        and paper.expected.number not in credited
    ]


def as_typed(journey: Journey, state: State) -> Journey:
    """The journey as it has to end, now that some numbers are somebody else's."""
    if not state.typed:
        return journey
    papers = tuple(
        replace(paper, expected=replace(paper.expected, end=TAKEN)) if paper.expected.number in state.typed else paper
        for paper in journey.papers
    )
    return replace(journey, papers=papers)
