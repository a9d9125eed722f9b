"""Documents whose customer changes between a lost answer and the look: a person compares them, and says what is so.

Without a mark only what was sent tells a document from one that somebody typed, and the ledger keeps no more of it
than its fingerprint. Such a document is in doubt by rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.transfer.resolution import Resolution
from tests.chaos.acts import InTurn
from tests.chaos.customer_acts import ChangesCustomer
from tests.chaos.keepers import number_of
from tests.chaos.state import state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.acts import Act
    from tests.chaos.journeys import Journey
    from tests.chaos.world import ChaosWorld

_CHANGED = "has changed in its source since it was sent"


def said_what_is_booked(world: ChaosWorld, journey: Journey) -> bool:
    """Resolve each such document whose booking is there once, as a person does; whether there was any."""
    changed = {act.number for act in _single(journey.acts) if isinstance(act, ChangesCustomer) and act.in_documents}
    said = False
    for paper in journey.papers:
        row = world.ledger.row(world.ref(paper.expected.source_id))
        if number_of(paper) not in changed or row is None or row.state is not DocumentState.IN_DOUBT:
            continue
        state = world.played.ask(state_of, journey.route.finance.system, journey.route.source.system)
        booked = [each.finance_id for each in state.booked if each.number == paper.expected.number]
        if len(booked) != 1 or _CHANGED not in (row.reason or ""):
            continue
        resolution = Resolution(route=world.route, finance=world.systems()[1], ledger=world.ledger, by="anna")
        resolution.booked_as(row, booked[0], despite_missing_mark=True)
        said = True
    return said


def _single(acts: tuple[Act, ...]) -> Iterator[Act]:
    for act in acts:
        if isinstance(act, InTurn):
            yield from _single(act.acts)
        else:
            yield act
