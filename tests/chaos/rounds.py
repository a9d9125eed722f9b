"""Random rounds: a queue of documents of all kinds, several runs at once, and trouble at random places.

In most rounds people pay meanwhile, and payment runs go on beside the transfers. A seed fixes documents, payments,
processes, troubles and the order of every step, so that a round repeats exactly.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.window import Window
from tests.chaos.actors import Script
from tests.chaos.boundary import STAGE
from tests.chaos.cases import Recording, perform, violations
from tests.chaos.changed_customers import said_what_is_booked
from tests.chaos.conductor import Actor, Conductor, Score
from tests.chaos.contact_keepers import with_contacts
from tests.chaos.customer_phase import CUSTOMERS
from tests.chaos.documents import (
    BOOKED,
    CARD,
    CREDIT,
    DRAFTED,
    HELD,
    INVOICE,
    MARKS,
    REFUND,
    REJECTED,
    ROUTES,
    paper,
    route_of,
)
from tests.chaos.journeys import Journey
from tests.chaos.keepers import with_customers
from tests.chaos.payers import with_payments, with_sales
from tests.chaos.phases import IN_BATCHES, PAYMENTS, SALES, TRANSFER, Run
from tests.chaos.report import Finding
from tests.chaos.troubles import ALL_TROUBLES, TROUBLES
from tests.chaos.world import PACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.routes.model import Route
    from tests.chaos.acts import Act
    from tests.chaos.boundary import Boundary
    from tests.chaos.documents import Paper
    from tests.chaos.troubles import Trouble
    from tests.chaos.world import ChaosWorld

ASLEEP = "asleep past the lease"
_COMMAND = "make chaos {}"
_WITH_PAYMENTS = 0.7
_IN_BATCHES = 0.4
_WITH_CUSTOMERS, _FROM_SOURCE = 0.5, 0.65


@dataclass
class Round:
    """What a seed stands for."""

    seed: int
    journey: Journey
    scripts: list[Script]
    acts: list[tuple[int, Act]]
    score: RandomScore
    pace: str

    @classmethod
    def of(cls, seed: int) -> Round:
        """The round of a seed."""
        rng = Random(seed)
        name = rng.choice(ROUTES)
        batch = batch_of(seed, name)
        drafts = name.startswith("ixpole") and rng.random() < 0.15
        # Of a dice of its own, so that the rest of a round is what it was.
        route = route_of(name, drafts=drafts, mark=Random(f"mark {seed}").choice(list(MARKS)), batch=batch)
        papers = _papers(rng, route, drafts=drafts)
        length = 45 * len(papers)
        scripts = _scripts(rng, papers, length)
        journey = Journey(f"{name} round {seed}", route, tuple(papers))
        acts: list[tuple[int, Act]] = []
        if rng.random() < _WITH_PAYMENTS:
            journey, happening = with_payments(rng, journey)
            acts = sorted(((rng.randint(length // 4, length), act) for act in happening), key=lambda each: each[0])
            scripts += _payment_scripts(rng, papers, length)
        # What is paid in Quiddly is known from payment runs alone.
        if route.sales.enabled and (PAYMENTS in journey.phases or route.finance.system == "xero"):
            # Of a dice of its own, too.
            journey, put_off = with_sales(Random(f"sales {seed}"), journey)
            acts = sorted([*acts, *((length // 2, act) for act in put_off)], key=lambda each: each[0])
            scripts += _sales_scripts(Random(f"sales runs {seed}"), length)
        one = cls(seed, journey, scripts, acts, RandomScore(rng, troubles_of(rng, length)), rng.choice(list(PACES)))
        # Of a dice of its own, and in a part of the rounds: the others stay what they were.
        dice = Random(f"customers {seed}")
        if batch:
            one.books_ahead()
        if route.customers is not None and name == "qondor_xero" and dice.random() < _WITH_CUSTOMERS:
            one.keeps_customers(dice, length)
        return one

    def books_ahead(self) -> None:
        """Let whole runs book ahead in batches; cleared tasks go on alone."""
        phases = tuple(IN_BATCHES if phase is TRANSFER else phase for phase in self.journey.phases)
        self.journey = replace(self.journey, phases=phases)
        self.scripts = [
            replace(script, phase=IN_BATCHES) if script.phase is TRANSFER and script.only is None else script
            for script in self.scripts
        ]

    def keeps_customers(self, dice: Random, length: int) -> None:
        """Let customers be kept in step, and people change them, beside all the rest."""
        keepers = with_customers if dice.random() < _FROM_SOURCE else with_contacts
        self.journey, changes = keepers(dice, self.journey)
        changed = [(dice.randint(0, length), act) for act in changes]
        self.acts = sorted([*self.acts, *changed], key=lambda each: each[0])
        self.scripts += _customer_scripts(dice, length)
        self.score.troubles = sorted([*self.score.troubles, *troubles_of(dice, length)])


@dataclass
class RandomScore(Score):
    """Chooses by the seed: mostly the same process for a while, then another."""

    rng: Random
    troubles: list[tuple[int, str]]
    conductor: Conductor | None = None
    befallen: list[str] = field(default_factory=list)
    _last: str = ""
    _asleep: dict[str, int] = field(default_factory=dict)

    def choose(self, actors: Sequence[Actor]) -> Actor:
        turns = self._now()
        awake = [actor for actor in actors if self._asleep.get(actor.script.name, -1) < turns] or list(actors)
        same = next((actor for actor in awake if actor.script.name == self._last), None)
        chosen = same if same is not None and self.rng.random() < 0.8 else self.rng.choice(awake)
        self._last = chosen.script.name
        return chosen

    def befalls(self, actor: Actor, boundary: Boundary) -> Trouble | None:
        for place, (turn, name) in enumerate(self.troubles):
            if turn > self._now():
                break
            if name == ASLEEP and actor.attempt is not None:
                del self.troubles[place]
                self._fall_asleep(actor)
                return None
            if name != ASLEEP and ALL_TROUBLES[name].can_strike(boundary):
                del self.troubles[place]
                self.befallen.append(f"{name} at {actor.script.name}'s {boundary}")
                return ALL_TROUBLES[name]
        return None

    def share(self, actor: Actor, work: tuple[str, ...]) -> tuple[tuple[str, ...], list[Script]]:
        parts = self.rng.choice((1, 1, 2, 3))
        shares: list[list[str]] = [[] for _ in range(parts)]
        for source_id in work:
            shares[self.rng.randrange(parts)].append(source_id)
        if self.rng.random() < 0.3:
            self.rng.shuffle(shares[0])
        name = actor.script.name
        others = [
            Script(f"{name}.{number}", actor.script.run, only=tuple(share), phase=actor.script.phase)
            for number, share in enumerate(shares[1:], 2)
        ]
        return tuple(shares[0]), others

    def _fall_asleep(self, actor: Actor) -> None:
        assert self.conductor is not None
        self.befallen.append(f"{actor.script.name} {ASLEEP}")
        self.conductor.pass_lease(actor)
        self._asleep[actor.script.name] = self._now() + self.rng.randint(10, 120)

    def _now(self) -> int:
        return self.conductor.turns if self.conductor is not None else 0


def run_round(world: ChaosWorld, seed: int) -> Finding | None:
    """Play one round and the recovery; what was wrong, if anything was."""
    return play_round(world, Round.of(seed))


def play_round(world: ChaosWorld, one: Round, command: str = _COMMAND) -> Finding | None:
    """The same of a round that is made already."""
    pace = PACES[one.pace]
    world.plant(one.journey)
    conductor = one.score.conductor = Conductor(world, pace, one.score, one.acts)
    found: list[str] = []
    runs = 0
    conductor.play(one.scripts)
    world.runs = len(one.scripts)
    world.let_pass(pace.between_runs)
    try:
        with STAGE.under(recovery := Recording(world)):
            runs = perform(world, one.journey, pace)
            if CUSTOMERS in one.journey.phases and said_what_is_booked(world, one.journey):
                runs += perform(world, one.journey, pace)
        found += recovery.faults
    except AssertionError as error:
        found.append(str(error))
    found += [*conductor.faults, *violations(world, one.journey, conductor.struck, conductor.stale)]
    if not found:
        return None
    told = [*(f"{violation}" for violation in found), *(f"(befell: {each})" for each in one.score.befallen)]
    return Finding.of(world, f"SEED={one.seed} ROUNDS=1", told, runs, command)


def batch_of(seed: int, route_name: str) -> int:
    """How many documents go into one call in the round of a seed; in three of five of those into Xero each alone."""
    # Of a dice of its own, so that the rest of a round is what it was.
    dice = Random(f"batch {seed}")
    return dice.choice((2, 3, 50)) if route_name.endswith("xero") and dice.random() < _IN_BATCHES else 0


def _papers(rng: Random, route: Route, *, drafts: bool) -> list[Paper]:
    papers: list[Paper] = []
    is_qondor = route.source.system == "qondor"
    while len(papers) < rng.randint(5, 14):
        number, who, day = len(papers) + 1, rng.randint(1, 3), rng.randint(3, 25)
        kind = rng.choice((INVOICE, INVOICE, CARD)) if is_qondor else rng.choice((INVOICE, INVOICE, INVOICE, CREDIT))
        end = end_of(rng, route, kind, drafts=drafts)
        papers.append(paper(route, kind, number, who=who, day=day, end=end))
        if is_qondor and end == BOOKED and rng.random() < 0.4:
            credit = CREDIT if kind == INVOICE else REFUND
            papers.append(paper(route, credit, number + 1, of=papers[-1], day=rng.randint(day, 28)))
    return papers


def end_of(rng: Random, route: Route, kind: str, *, drafts: bool) -> str:
    if kind == CREDIT and route.finance.system == "quiddly":
        return HELD
    if drafts:
        return DRAFTED
    if route.route != "qondor_xero" or rng.random() > 0.1:
        return BOOKED
    return HELD if kind == CARD else REJECTED


def _scripts(rng: Random, papers: list[Paper], length: int) -> list[Script]:
    scripts = [Script("run_1", Run("run_1#0"))]
    if rng.random() < 0.5:
        scripts.append(Script("run_2", Run("run_2#0"), starts=rng.randint(0, length)))
    if rng.random() < 0.4:
        since = dt.date(2026, 11, rng.randint(1, 15))
        window = Window(since, since + dt.timedelta(days=rng.randint(1, 20)))
        scripts.append(Script("backfill", Run("backfill_1#0", window), starts=rng.randint(0, length)))
    if rng.random() < 0.4:
        chosen = rng.sample([each.expected.source_id for each in papers], rng.randint(1, 3))
        scripts.append(Script("cleared", Run("run_0#1"), only=tuple(chosen), starts=rng.randint(0, length)))
    return scripts


def _payment_scripts(rng: Random, papers: list[Paper], length: int) -> list[Script]:
    scripts = [
        Script(f"pay_{number}", Run(f"payments_{number}#0"), starts=rng.randint(length // 4, length), phase=PAYMENTS)
        for number in range(1, rng.choice((2, 2, 3)) + 1)
    ]
    if rng.random() < 0.3:
        chosen = rng.sample([each.expected.source_id for each in papers], rng.randint(1, 3))
        begins = rng.randint(length // 2, length)
        scripts.append(Script("pay_again", Run("payments_0#1"), only=tuple(chosen), starts=begins, phase=PAYMENTS))
    return scripts


def _sales_scripts(rng: Random, length: int) -> list[Script]:
    return [
        Script(f"sell_{number}", Run(f"sales_{number}#0"), starts=rng.randint(length // 4, length), phase=SALES)
        for number in range(1, rng.choice((1, 2, 2)) + 1)
    ]


def _customer_scripts(rng: Random, length: int) -> list[Script]:
    return [
        Script(f"keep_{number}", Run(f"customers_{number}#0"), starts=rng.randint(0, length), phase=CUSTOMERS)
        for number in range(1, rng.choice((1, 2, 2, 3)) + 1)
    ]


def troubles_of(rng: Random, length: int) -> list[tuple[int, str]]:
    # Kills and lost sessions are a few names among many, and what matters most.
    names = [
        *(name for name, trouble in TROUBLES.items() if not trouble.outlasts_lease),
        *[name for name in TROUBLES if name.startswith(("killed", "database", "dropped after"))] * 2,
        ASLEEP,
        ASLEEP,
    ]
    return sorted((rng.randint(0, length), rng.choice(names)) for _ in range(rng.randint(0, 7)))
