"""A round: documents move while processes die, then everything comes to rest, then it has to be right.

A seed fixes the documents, what is struck and after how many documents, and what is paid; which process is at work at
that moment is up to the machine.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.describe import describe
from tests.chaos.airflow.lost import LostTasks
from tests.chaos.airflow.papers import journeys_of
from tests.chaos.airflow.payments import pay_some, to_tell, told
from tests.chaos.airflow.plan import Plan
from tests.chaos.airflow.runs import PAYMENTS, TRANSFER, Runs
from tests.chaos.airflow.strikes import BOTH, ON_SERVERS, POSTGRES, SUPERVISOR, TASK, Striker
from tests.chaos.airflow.truth import told_so_far, unfinished_payments, wrong_runs, wrong_state
from tests.chaos.documents import BOOKED, REJECTED
from tests.chaos.report import traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.chaos.airflow.stage import Stage
    from tests.chaos.journeys import Journey

RUN_SECONDS = 600.0
MOST_RECOVERIES = 6
BETWEEN_CHECKS = 1.0


@dataclass(frozen=True)
class Measure:
    """How much happens in a round.

    :param transfer_strikes: at tasks while documents are transferred.
    :param payment_strikes: at tasks while payments are told.
    :param transfer_servers: what else is struck while documents are transferred; `None`: chosen by the seed.
    :param payment_servers: the same while payments are told.
    """

    documents: int = 110
    transfer_strikes: int = 20
    payment_strikes: int = 8
    transfer_servers: tuple[str, ...] | None = None
    payment_servers: tuple[str, ...] | None = None


@dataclass
class Round:
    """What became of a seed.

    :param missed: how many strikes at tasks found nobody; a server that was not struck is a violation.
    :param interrupted: how often a document was taken over from an attempt that had died over it.
    :param lost_tasks: how often the scheduler had to be restarted for a task that was taken and never started.
    :param is_stuck: whether a run did not come to its end.
    """

    seed: int
    documents: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    recoveries: int = 0
    seconds: float = 0.0
    paid: int = 0
    interrupted: int = 0
    ended_by_itself: Counter[str] = field(default_factory=Counter)
    lost_tasks: int = 0
    violations: list[str] = field(default_factory=list)
    is_stuck: bool = False
    told: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        struck = ", ".join(f"{count} {what}" for what, count in sorted(self.struck.items()))
        return (
            f"seed {self.seed}: {self.documents} documents, {self.paid} paid, struck: {struck}; "
            f"{self.missed} strikes at tasks found nobody; "
            f"{self.interrupted} documents taken over from the dead, "
            f"{self.lost_tasks} scheduler restarts for tasks that were taken and never started, "
            f"{self.recoveries} recovery runs, {self.seconds:.0f} s, {len(self.violations)} violations"
        )


def play(stage: Stage, seed: int, measure: Measure = Measure()) -> Round:
    """Play the round of a seed."""
    rng = Random(seed)
    journeys = journeys_of(rng, measure.documents)
    # Its own dice: how often they are thrown is up to the machine.
    striker = Striker(stage.airflow, Random(seed))
    played = Round(seed, documents=sum(len(journey.papers) for journey in journeys))
    started = time.monotonic()
    stage.begin(journeys)
    scene = Scene(stage, journeys, striker, played)
    scene.transfer(_plan(rng, measure.transfer_strikes, _servers(rng, measure.transfer_servers, 3)))
    if not played.is_stuck:
        scene.journeys = pay_some(rng, stage.sandbox, journeys)
        played.paid = len(to_tell(scene.journeys))
        scene.pay(_plan(rng, measure.payment_strikes, _servers(rng, measure.payment_servers, 1)))
    played.interrupted = stage.interrupted()
    played.struck, played.ended_by_itself = striker.struck, striker.ended_by_itself
    played.lost_tasks = striker.lost_tasks
    played.seconds = time.monotonic() - started
    played.told = [*striker.told, *(scene.evidence() if played.violations else [])]
    return played


@dataclass
class Scene:
    """The parts of one round."""

    stage: Stage
    journeys: list[Journey]
    striker: Striker
    played: Round

    def transfer(self, plan: Plan) -> None:
        """Transfer runs under strikes, then without, until nothing is left to do."""
        papers = [paper.expected for journey in self.journeys for paper in journey.papers]
        wanted = sum(expected.end in (BOOKED, REJECTED) for expected in papers)
        self._under_strikes(TRANSFER, plan, lambda: told_so_far(self.stage.sandbox) / wanted)
        self._recover(TRANSFER, lambda: not self._unpaid())
        self._note(wrong_state(self.stage, self.journeys))

    def pay(self, plan: Plan) -> None:
        """Payment runs under strikes, then without, until nothing is left to tell."""
        sandbox, wanted = self.stage.sandbox, to_tell(self.journeys)
        self._under_strikes(PAYMENTS, plan, lambda: len(told(sandbox) & wanted) / max(len(wanted), 1))
        self._recover(PAYMENTS, lambda: wanted <= told(sandbox))
        self._note(wrong_state(self.stage, self.journeys))

    def evidence(self) -> Iterator[str]:
        """The ledger's history of all documents, and the traffic."""
        with self.stage.ledger() as ledger:
            for journey in self.journeys:
                ids = [paper.expected.source_id for paper in journey.papers]
                for row in ledger.rows(*journey.source, ids).values():
                    yield from describe(row, ledger.steps(row), ledger.history(row)).splitlines()
        yield from traffic(self.stage.sandbox)

    def _under_strikes(self, prefix: str, plan: Plan, progress: Callable[[], float]) -> None:
        runs = Runs.start(self.stage.airflow, prefix)
        is_over = self._watch(runs, lambda: plan.strike_when_due(self.striker, progress))
        self.played.missed += plan.missed_tasks()
        self._note([f"{prefix}: {text}" for text in plan.missed_servers()])
        if is_over:
            self.striker.revive()
            self.striker.clear_orphans()
            self._note(wrong_runs(self.stage, runs, self.journeys))

    def _recover(self, prefix: str, is_paid_in_full: Callable[[], bool]) -> None:
        """Undisturbed runs until one finds all told before it begins; that one must not write anything."""
        for _ in range(MOST_RECOVERIES):
            before, was_over = self._writes(), is_paid_in_full()
            runs = Runs.start(self.stage.airflow, prefix)
            self.played.recoveries += 1
            if not self._watch(runs):
                return
            self._note(wrong_runs(self.stage, runs, self.journeys))
            if was_over:
                if self._writes() != before:
                    self._note([f"a {prefix} run that had nothing to do made {self._writes() - before} writes"])
                return
        self._note([f"there is still work after {MOST_RECOVERIES} {prefix} runs", *self._unpaid()])

    def _watch(self, runs: Runs, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Wait for the end of the runs; whether they ended in time."""
        deadline = time.monotonic() + RUN_SECONDS
        lost = LostTasks(runs)
        while not runs.over():
            if time.monotonic() > deadline:
                self._note([f"a {runs.prefix} run did not end within {RUN_SECONDS:.0f} s", *runs.open_tasks()])
                self.played.is_stuck = True
                return False
            self.striker.revive()
            if lost.are_there():
                self.striker.bring_back_lost_tasks()
            meanwhile()
            time.sleep(BETWEEN_CHECKS)
        return True

    def _unpaid(self) -> list[str]:
        with self.stage.ledger() as ledger:
            return unfinished_payments(ledger, self.journeys)

    def _writes(self) -> int:
        return sum(counts["writes"] for counts in self.stage.sandbox.calls().values())

    def _note(self, violations: Iterator[str] | list[str]) -> None:
        self.played.violations += list(dict.fromkeys(violations))


def _plan(rng: Random, strikes: int, servers: list[str]) -> Plan:
    """After which share of the documents what is struck; 1: when all are told and the runs come to their end."""
    tasks = rng.choices((TASK, SUPERVISOR, BOTH), (6, 1, 2), k=strikes)
    shares = [rng.choice((0.0, 1.0)) if rng.random() < 0.2 else rng.uniform(0, 0.95) for _ in tasks]
    # Every server's end disturbs all that moves, so they lie apart.
    spread = [(place + rng.random()) / max(len(servers), 1) * 0.9 for place in range(len(servers))]
    return Plan(sorted([*zip(shares, tasks, strict=True), *zip(spread, servers, strict=True)]))


def _servers(rng: Random, chosen: tuple[str, ...] | None, count: int) -> list[str]:
    if chosen is not None:
        return list(chosen)
    # PostgreSQL holds the ledger: it is always among the many.
    others = [server for server in ON_SERVERS if server != POSTGRES]
    return [rng.choice(ON_SERVERS)] if count == 1 else rng.sample([POSTGRES, *rng.sample(others, count - 1)], count)
