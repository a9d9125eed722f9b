"""Another run on the same document while an attempt is held up at one of its boundaries."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.window import Window
from tests.chaos.actors import Script
from tests.chaos.batched import journey_named
from tests.chaos.boundary import LOOK, STAGE
from tests.chaos.cases import Case, Recording, perform, violations
from tests.chaos.conductor import Actor, Conductor, Score
from tests.chaos.phases import TRANSFER, TRANSFERS, Run
from tests.chaos.report import Finding
from tests.chaos.world import PACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.chaos.boundary import Boundary
    from tests.chaos.journeys import Journey
    from tests.chaos.world import ChaosWorld

FIRST = "first"
ALL_THREE, SAME_TASK = "all three", "the same task again"
RIVALS = ("scheduled run", "backfill", "cleared task")
OVERLAPS = (
    *(f"{rival} {when}" for rival in RIVALS for when in ("before", "after", "before, lease over", "after, lease over")),
    *(f"{ALL_THREE} {when}" for when in ("before", "before, lease over")),
    *(f"{SAME_TASK} {when}" for when in ("before", "after")),
)
"""Who comes, and when: before or after the boundary; the first attempt's lease may run out meanwhile.

The same task comes again when somebody clears it at work: it takes over the lease at once, good as it is.
"""
SLOW = tuple(f"{rival} {when}, slow" for rival in RIVALS for when in ("before", "after"))
"""The same beside a batch that takes long, but not as long as a lease."""
PACE = "next run"


def overlaps_of(world: ChaosWorld, journey_name: str, overlap: str) -> Iterator[Case]:
    """Every boundary at which the rival may come."""
    is_ahead = journey_named(journey_name).is_ahead
    for boundary in _boundaries_of_first(world, journey_name):
        fits = boundary.is_batch if overlap in SLOW else boundary.kind != LOOK
        if fits and (boundary.is_ahead or not is_ahead):
            yield Case(journey_name, str(boundary), overlap, PACE)


@cache
def _boundaries_of_first(world: ChaosWorld, journey_name: str) -> tuple[Boundary, ...]:
    """What the first meets when nobody disturbs it."""
    journey = journey_named(journey_name)
    _begin(world, journey)
    with STAGE.under(plan := Recording(world)):
        world.run_phase(journey.phases[0], Run("run_1#0"), PACES[PACE])
    return tuple(plan.met)


def _begin(world: ChaosWorld, journey: Journey) -> None:
    """What has happened before the first begins: documents that are booked are acted upon."""
    world.plant(journey)
    if journey.begins_booked:
        world.act(journey.acts[0])


@dataclass
class _HeldUp(Score):
    """The first goes to its boundary and waits there until all rivals are done, or wait for the first themselves.

    They begin no earlier: with its first transaction open one could hold what the first needs on its way. Several of
    them go on by turns.
    """

    rivals: list[Script]
    where: str
    after: bool
    lease_over: bool
    is_slow: bool
    taken_over: bool
    conductor: Conductor | None = None
    reached: bool = False
    steps: Counter[str] = field(default_factory=Counter)

    def arrivals(self, actors: Sequence[Actor]) -> list[Script]:
        first = next((actor for actor in actors if actor.script.name == FIRST), None)
        if self.reached or first is None or not self._is_there(first):
            return []
        self.reached = True
        assert self.conductor is not None
        if self.lease_over:
            self.conductor.pass_lease(first)
        elif self.taken_over:
            self.conductor.fence(first)
        elif self.is_slow:
            self.conductor.pass_a_slow_call()
        return self.rivals

    def choose(self, actors: Sequence[Actor]) -> Actor:
        rivals = [actor for actor in actors if actor.script.name != FIRST]
        chosen = min(rivals or actors, key=lambda actor: self.steps[actor.script.name])
        self.steps[chosen.script.name] += 1
        return chosen

    def _is_there(self, first: Actor) -> bool:
        said = first.said or ("", None)
        return said[0] == ("after" if self.after else "before") and str(said[1]) == self.where


def run_overlap(world: ChaosWorld, case: Case) -> Finding | None:
    """Play one overlap and the recovery; what was wrong, if anything was."""
    journey, pace = journey_named(case.journey), PACES[case.pace]
    rival = next(name for name in (*RIVALS, ALL_THREE, SAME_TASK) if case.trouble.startswith(name))
    when = case.trouble.removeprefix(f"{rival} ")
    _begin(world, journey)
    score = _HeldUp(
        [_rival(each, journey) for each in (RIVALS if rival == ALL_THREE else (rival,))],
        case.boundary,
        after=when.startswith("after"),
        lease_over=when.endswith("lease over"),
        is_slow=when.endswith("slow"),
        taken_over=rival == SAME_TASK,
    )
    conductor = score.conductor = Conductor(world, pace, score)
    found: list[str] = []
    runs = 0
    conductor.play([Script(FIRST, Run("run_1#0"), phase=journey.phases[0])])
    # Both runs count, so that the recovery's names are new.
    world.runs = 5
    world.let_pass(pace.between_runs)
    try:
        with STAGE.under(recovery := Recording(world)):
            runs = perform(world, journey, pace)
        found += recovery.faults
    except AssertionError as error:
        found.append(str(error))
    if not score.reached:
        found.append("the rival never came: the boundary was never reached")
    found += [*conductor.faults, *violations(world, journey, conductor.struck, conductor.stale)]
    return Finding.of(world, str(case), found, runs) if found else None


def _rival(rival: str, journey: Journey) -> Script:
    phase = journey.phases[0]
    if rival in ("cleared task", SAME_TASK):
        tasks = tuple(paper.expected.source_id for paper in journey.papers)
        run = Run("run_1#0" if rival == SAME_TASK else "run_0#1")
        return Script(rival, run, only=tasks, phase=phase)
    if rival == "scheduled run":
        return Script(rival, Run("scheduled_run_1#0"), phase=phase)
    # Payment runs have no backfill: beside them the transfers are made again.
    transfer = phase if phase in TRANSFERS else TRANSFER
    return Script(rival, Run("backfill_1#0", Window(dt.date(2026, 11, 1), dt.date(2026, 12, 1))), phase=transfer)
