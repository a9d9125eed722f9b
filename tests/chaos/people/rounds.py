"""A random round with people: runs under trouble, people between and beside them, then answers until all has an end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from tests.chaos.actors import Script
from tests.chaos.boundary import STAGE
from tests.chaos.cases import Recording
from tests.chaos.conductor import Conductor
from tests.chaos.documents import BOOKED, CARD, CREDIT, INVOICE, MARKS, REFUND, REJECTED, ROUTES, paper, route_of
from tests.chaos.journeys import Journey
from tests.chaos.people.acts import IN_RUNS, VERBS, PersonActs, chosen
from tests.chaos.people.answers import Answers
from tests.chaos.people.journal import deeds, forget
from tests.chaos.people.own_commands import OwnCommands
from tests.chaos.people.verdict import verdict
from tests.chaos.people.whose import Whose, whose_is
from tests.chaos.phases import PAYMENTS, PHASES, SALES, TRANSFER, Run
from tests.chaos.report import Finding
from tests.chaos.rounds import RandomScore, end_of, troubles_of
from tests.chaos.state import calm
from tests.chaos.world import PACES

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route
    from tests.chaos.acts import Act
    from tests.chaos.documents import Paper
    from tests.chaos.people.journal import Deed
    from tests.chaos.world import ChaosWorld, Pace

_COMMAND = "make chaos PEOPLE=1 {}"
_MOST_RUNS = 9
_ANSWERS = 4


@dataclass
class Played:
    """What one round came to.

    :param said: what people said with commands, and what came of it.
    :param ends: how each document ended, in the words of the ledger.
    """

    seed: int
    finding: Finding | None
    acts: list[Deed]
    said: list[str]
    ends: list[str]


@dataclass
class _Stage:
    """Runs under trouble, what people do beside them, and what they do afterwards."""

    scripts: list[Script]
    score: RandomScore
    beside: list[tuple[int, Act]]
    afterwards: list[Act]


@dataclass
class PeopleRound:
    """What a seed stands for."""

    journey: Journey
    stages: list[_Stage]
    pace: str

    @classmethod
    def of(cls, seed: int) -> PeopleRound:
        """The round of a seed."""
        rng = Random(f"people {seed}")
        name = rng.choice(ROUTES)
        drafts = rng.random() < 0.3
        route = route_of(name, drafts=drafts, mark=rng.choice(list(MARKS)))
        papers = _papers(rng, route, drafts=drafts)
        phases = (*PHASES, SALES) if route.sales.enabled else PHASES
        journey = Journey(f"{name} with people, round {seed}", route, tuple(papers), phases=phases)
        whose = [whose_is(journey, each) for each in papers]
        if name == "qondor_xero" and not drafts:
            journey = _with_rejections(Random(f"rejections {seed}"), journey)
        stages = [_stage(rng, number, whose) for number in range(1, rng.randint(2, 4) + 1)]
        return cls(journey, stages, rng.choice(list(PACES)))


@dataclass
class Calm:
    """Runs without trouble, until one leaves everything as it was."""

    world: ChaosWorld
    journey: Journey
    pace: Pace
    found: list[str] = field(default_factory=list)
    runs: int = 0

    def until_quiet(self) -> None:
        """Runs until nothing changes any more."""
        before: object = None
        for _ in range(_MOST_RUNS):
            now = self.once()
            if now == before:
                return
            before = now
        self.found.append(f"the runs never become quiet: after {_MOST_RUNS} of them something still changes")

    def once(self) -> object:
        """One run of each DAG; how everything stands after it."""
        self.runs += 1
        run = Run(f"calm_{self.runs}#0")
        for phase in self.journey.phases:
            for source_id in self.world.tried(lambda phase=phase: phase.begin(self.world, run), self.pace) or []:  # type: ignore[misc]
                outcome = self.world.tried(
                    lambda phase=phase, key=source_id: phase.attempt(self.world, run, key),  # type: ignore[misc]
                    self.pace,
                )
                if phase is TRANSFER:
                    self._compare(source_id, outcome)
        closed_for, _ = self.world.shut()
        # Quiddly's drafts are asked for once an hour.
        self.world.let_pass(max(self.pace.between_runs, closed_for + 1, 3_700 if self._follows_drafts else 0))
        return self._stand()

    @property
    def _follows_drafts(self) -> bool:
        finance = self.journey.route.finance
        return finance.system == "quiddly" and not getattr(finance, "activate", True)

    def _compare(self, source_id: str, outcome: str | None) -> None:
        """Task and ledger say the same."""
        row = self.world.ledger.row(self.world.ref(source_id))
        if row is not None and outcome in ("transferred", "held", "in doubt", "rejected") and str(row.state) != outcome:
            self.found.append(f"the task says that {row.label} is {outcome}, the ledger says {row.state}")

    def _stand(self) -> object:
        rows = self.world.execute(
            "SELECT source_id, state, finance_id, finance_number, finance_status, documents.reason, telling_on,"
            " told_on, payment_statuses.is_paid_in_full FROM documents LEFT JOIN payment_statuses ON id = document_id"
            " ORDER BY source_id"
        )
        sales = self.world.execute("SELECT finance_id, fingerprint, told_fingerprint, intent FROM sales ORDER BY id")
        return rows, sales, self.world.shut()[1]


def play_people(world: ChaosWorld, seed: int) -> Played:
    """Play one round with people; what was wrong, if anything was."""
    one = PeopleRound.of(seed)
    pace = PACES[one.pace]
    world.played.ask(forget)
    world.plant(one.journey)
    found: list[str] = []
    befallen: list[str] = []
    stale: set[int] = set()
    answers = Answers(world, one.journey)
    commands = OwnCommands(world, Random(f"commands {seed}"))
    calm_runs = Calm(world, one.journey, pace, found)
    try:
        for stage in one.stages:
            conductor = stage.score.conductor = Conductor(world, pace, stage.score, stage.beside)
            conductor.play(stage.scripts)
            found += conductor.faults
            stale |= conductor.stale
            befallen += stage.score.befallen
            world.played.ask(calm)
            for act in stage.afterwards:
                world.act(act)
            commands.some()
            world.let_pass(pace.between_runs)
        with STAGE.under(recovery := Recording(world)):
            calm_runs.until_quiet()
            for _ in range(_ANSWERS):
                if not answers.give():
                    break
                calm_runs.once()
                found += answers.unmoved()
                calm_runs.until_quiet()
        found += [*recovery.faults, *commands.wrong]
        found += verdict(world, one.journey, answers, stale, len(befallen))
    except (AssertionError, RuntimeError) as error:
        found.append(str(error))
    done = world.played.ask(deeds)
    ends = _ends(world, one.journey)
    finding = None
    if found:
        told = [
            *found,
            *(f"(did: {deed})" for deed in done),
            *(f"(said: {each})" for each in [*commands.said, *answers.told]),
        ]
        told += [f"(befell: {each})" for each in befallen]
        finding = Finding.of(world, f"SEED={seed} ROUNDS=1", told, calm_runs.runs, _COMMAND)
    return Played(seed, finding, done, [*commands.said, *answers.said], ends)


def _ends(world: ChaosWorld, journey: Journey) -> list[str]:
    rows = world.ledger.rows(*journey.source, [one.expected.source_id for one in journey.papers])
    return [
        str(rows[one.expected.source_id].state) if one.expected.source_id in rows else "never met"
        for one in journey.papers
    ]


def _papers(rng: Random, route: Route, *, drafts: bool) -> list[Paper]:
    papers: list[Paper] = []
    is_qondor = route.source.system == "qondor"
    count = rng.randint(3, 6)
    while len(papers) < count:
        number, who, day = len(papers) + 1, rng.randint(1, 3), rng.randint(3, 25)
        kinds = (INVOICE,) if drafts else (INVOICE, INVOICE, CARD if is_qondor else CREDIT)
        kind = rng.choice(kinds)
        end = end_of(rng, route, kind, drafts=drafts)
        papers.append(paper(route, kind, number, who=who, day=day, end=end))
        if is_qondor and end == BOOKED and rng.random() < 0.3:
            credit = CREDIT if kind == INVOICE else REFUND
            papers.append(paper(route, credit, number + 1, of=papers[-1], day=rng.randint(day, 28)))
    return papers


def _with_rejections(rng: Random, journey: Journey) -> Journey:
    """In a part of the rounds more documents have to be rejected than the route lets go by itself."""
    if rng.random() < 0.5:
        return journey
    route = journey.route
    route = route.model_copy(update={"policy": route.policy.model_copy(update={"most_rejections": 1})})
    first = len(journey.papers) + 1
    more = [paper(route, INVOICE, first + number, who=rng.randint(1, 3), end=REJECTED) for number in range(2)]
    return replace(journey, route=route, papers=(*journey.papers, *more))


def _stage(rng: Random, number: int, whose: list[Whose]) -> _Stage:
    length = 40 * len(whose)
    scripts = [Script(f"run_{number}", Run(f"run_{number}#0"))]
    if rng.random() < 0.3:
        scripts.append(Script(f"also_{number}", Run(f"also_{number}#0"), starts=rng.randint(0, length)))
    starts = rng.randint(length // 4, length)
    scripts.append(Script(f"pay_{number}", Run(f"payments_{number}#0"), starts=starts, phase=PAYMENTS))
    beside = [
        (rng.randint(0, length), PersonActs(rng.choice(whose), chosen(rng, IN_RUNS), during=True))
        for _ in range(rng.choice((0, 0, 1, 2)))
    ]
    afterwards: list[Act] = [
        PersonActs(rng.choice(whose), chosen(rng, VERBS)) for _ in range(rng.randint(1, len(whose)))
    ]
    score = RandomScore(rng, troubles_of(rng, length))
    return _Stage(scripts, score, sorted(beside, key=lambda each: each[0]), afterwards)
