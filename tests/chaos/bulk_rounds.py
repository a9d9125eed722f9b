"""Random rounds of a queue that is booked ahead in batches of random sizes, with everything that befalls other rounds.

Most troubles come while batches are on their way. People may type some of the numbers, and one document may spoil all
that it is sent with.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.window import Window
from tests.chaos.actors import Script
from tests.chaos.acts import SavesParts, Spoils, TypesNumber
from tests.chaos.boundary import CALL
from tests.chaos.documents import CARD, CREDIT, INVOICE, REFUND, paper, route_of
from tests.chaos.journeys import Journey
from tests.chaos.phases import IN_BATCHES, TRANSFER, Run
from tests.chaos.rounds import ASLEEP, RandomScore, Round, play_round, troubles_of
from tests.chaos.troubles import ALL_TROUBLES
from tests.chaos.troubles import IN_BATCHES as OF_BATCHES
from tests.chaos.typists import may_be_taken
from tests.chaos.world import PACES

if TYPE_CHECKING:
    from tests.chaos.acts import Act
    from tests.chaos.boundary import Boundary
    from tests.chaos.conductor import Actor
    from tests.chaos.documents import Paper
    from tests.chaos.report import Finding
    from tests.chaos.troubles import Trouble
    from tests.chaos.world import ChaosWorld

_COMMAND = "make chaos CASE=bulk {}"
_ROUTES = ("qondor_xero", "qondor_xero", "ixpole_xero")
_SIZES = (2, 2, 3, 3, 5, 50)
_OFTEN = ("dropped after", "500 after", "time-out after processing", "cut short", "killed before", "killed after")


class BulkScore(RandomScore):
    """Keeps most troubles for the task that books ahead, and a part of them for its batches."""

    def befalls(self, actor: Actor, boundary: Boundary) -> Trouble | None:
        if not boundary.is_ahead and self.rng.random() < 0.7:
            return None
        if boundary.is_ahead and not boundary.is_batch and boundary.kind != CALL and self.rng.random() < 0.5:
            return None
        return super().befalls(actor, boundary)


def run_bulk_round(world: ChaosWorld, seed: int) -> Finding | None:
    """Play the round of a seed and the recovery; what was wrong, if anything was."""
    return play_round(world, bulk_round(seed), _COMMAND)


def bulk_round(seed: int) -> Round:
    """The round of a seed."""
    rng = Random(f"bulk {seed}")
    name = rng.choice(_ROUTES)
    route = route_of(name, mark=rng.choice(("none", "link", "short")), batch=rng.choice(_SIZES))
    papers: list[Paper] = []
    is_qondor = name.startswith("qondor")
    while len(papers) < rng.randint(4, 12):
        number, who = len(papers) + 1, rng.randint(1, 4)
        kind = rng.choice((INVOICE, INVOICE, INVOICE, CARD if is_qondor else CREDIT))
        papers.append(paper(route, kind, number, who=who, day=rng.randint(3, 25)))
        if is_qondor and rng.random() < 0.25:
            credit = CREDIT if kind == INVOICE else REFUND
            papers.append(paper(route, credit, number + 1, of=papers[-1], day=rng.randint(25, 28)))
    length = 25 * len(papers)
    journey = Journey(f"{name} bulk round {seed}", route, tuple(papers), phases=(IN_BATCHES,))
    journey = _with_spoiler(rng, journey)
    acts = [(rng.randint(0, length), act) for act in _typed(rng, journey)]
    score = BulkScore(rng, _troubles(rng, length))
    one = Round(seed, journey, _scripts(rng, papers, length), sorted(acts, key=lambda each: each[0]), score, "")
    one.pace = rng.choice(list(PACES))
    return one


def _with_spoiler(rng: Random, journey: Journey) -> Journey:
    """The same, in which one document spoils all that it is sent with, or a refused one hides that others are saved."""
    first: list[Act] = [SavesParts()] if rng.random() < 0.3 else []
    if rng.random() < 0.25:
        first.append(Spoils(rng.choice(journey.papers).expected.number, rng.randint(1, 5)))
    return replace(journey, begins_with=tuple(first))


def _typed(rng: Random, journey: Journey) -> list[Act]:
    sound = may_be_taken(journey)
    if not sound or rng.random() < 0.6:
        return []
    return [TypesNumber(each.expected.number) for each in rng.sample(sound, min(len(sound), rng.randint(1, 2)))]


def _troubles(rng: Random, length: int) -> list[tuple[int, str]]:
    names = [*OF_BATCHES, *_OFTEN, *(name for name, one in ALL_TROUBLES.items() if not one.outlasts_lease), ASLEEP]
    names.remove("number typed")
    first = sorted((rng.randint(0, length // 2), rng.choice(names)) for _ in range(rng.randint(1, 5)))
    return sorted([*first, *troubles_of(rng, length)])


def _scripts(rng: Random, papers: list[Paper], length: int) -> list[Script]:
    scripts = [Script("run_1", Run("run_1#0"), phase=IN_BATCHES)]
    if rng.random() < 0.6:
        scripts.append(Script("run_2", Run("run_2#0"), starts=rng.randint(0, length), phase=IN_BATCHES))
    if rng.random() < 0.3:
        since = dt.date(2026, 11, rng.randint(1, 15))
        window = Window(since, since + dt.timedelta(days=rng.randint(5, 20)))
        phase = rng.choice((IN_BATCHES, TRANSFER))
        scripts.append(Script("backfill", Run("backfill_1#0", window), starts=rng.randint(0, length), phase=phase))
    if rng.random() < 0.5:
        chosen = rng.sample([each.expected.source_id for each in papers], rng.randint(1, 3))
        scripts.append(Script("cleared", Run("run_0#1"), only=tuple(chosen), starts=rng.randint(0, length)))
    return scripts
