"""Documents move through the cluster while containers are killed, then everything has to be right."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, cast

import psutil
import sqlalchemy as sa

from tests.chaos.airflow.payments import pay_some, to_tell, told
from tests.chaos.airflow.runs import PAYMENTS, TRANSFER, Runs, patiently
from tests.chaos.airflow.truth import unfinished_payments, wrong_runs, wrong_state
from tests.chaos.documents import BOOKED, REJECTED, ROUTES
from tests.cluster.stage import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from local.airflow import LocalAirflow
    from sandbox.sandbox import Sandbox
    from tests.chaos.journeys import Journey
    from tests.cluster.container import Container
    from tests.cluster.stage import Cluster

RUN_SECONDS = 1800.0
DAG_SECONDS = 300.0
MOST_RECOVERIES = 5
BETWEEN_LOOKS = 2.0


@dataclass
class Played:
    """What became of it.

    :param seconds: from the start of the transfer runs to the end of the last of them.
    :param busy: the share of this machine's processors that was at work meanwhile, by whomever.
    :param requeued: how many tasks the scheduler put into the queue again, since nobody had started them.
    :param again: how many document tasks needed more than one try.
    """

    documents: int
    seconds: float = 0.0
    busy: float = 0.0
    requeued: int = 0
    again: int = 0
    paid: int = 0
    struck: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def a_minute(self) -> float:
        """Documents a minute."""
        return 60 * self.documents / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        return (
            f"{self.documents} documents in {self.seconds:.0f} s, {self.a_minute:.1f} a minute, processors "
            f"{self.busy:.0%} busy; struck: {', '.join(self.struck) or 'nothing'}; {self.again} tasks tried again, "
            f"{self.requeued} put into the queue again, {self.paid} paid, {len(self.violations)} violations"
        )


@dataclass
class Play:
    """One play on a running cluster.

    :param strikes: after which share of the documents which container is killed; with `!` behind its name its volumes
        are lost, too.
    """

    cluster: Cluster
    journeys: list[Journey]
    strikes: list[tuple[float, str]] = field(default_factory=list)
    say: Callable[[str], None] = print

    def __post_init__(self) -> None:
        self.played = Played(sum(len(journey.papers) for journey in self.journeys))
        self._airflow = cast("LocalAirflow", self.cluster)

    def transfer(self) -> None:
        """Transfer runs with strikes, then without, until nothing is left to do."""
        expected = [paper.expected for journey in self.journeys for paper in journey.papers]
        wanted = sum(each.end in (BOOKED, REJECTED) for each in expected)
        psutil.cpu_percent()
        started = time.monotonic()
        runs = self._first_runs(TRANSFER)
        self._watch(runs, lambda: self._told() / wanted)
        self.played.seconds = time.monotonic() - started
        self.played.busy = psutil.cpu_percent() / 100
        self._note(f"{what} was to be killed, and was not" for _, what in self.strikes)
        self._judge_runs(runs)
        self._count(runs)
        self._recover(TRANSFER, self._is_over)
        self._judge()

    def pay(self) -> None:
        """The bookkeepers pay, and the sources are told."""
        self.journeys = pay_some(Random(1), cast("Sandbox", Bookkeepers(self.cluster)), self.journeys)
        wanted = to_tell(self.journeys)
        self.played.paid = len(wanted)
        self._watch(self._first_runs(PAYMENTS), lambda: 0.0)
        self._recover(PAYMENTS, lambda: wanted <= self._known_as_paid())
        self._judge()

    def _first_runs(self, prefix: str) -> Runs:
        """The runs that the schedules make as soon as the DAGs are let go."""
        dag_ids = [f"{prefix}__{route}" for route in ROUTES]
        api = self.cluster.api
        wait_until(lambda: set(dag_ids) <= set(patiently(api.dag_ids)), DAG_SECONDS, f"the DAGs of {prefix}")
        runs = Runs(self._airflow, prefix)
        for dag_id in dag_ids:
            api.set_paused(dag_id, False)
        for dag_id in dag_ids:
            wait_until(lambda dag_id=dag_id: api.newest_run(dag_id) is not None, DAG_SECONDS, f"a run of {dag_id}")  # type: ignore[misc]
            runs.run_ids[dag_id] = str(api.newest_run(dag_id))
        return runs

    def _watch(self, runs: Runs, progress: Callable[[], float] | None = None) -> None:
        deadline = time.monotonic() + RUN_SECONDS
        while not runs.over():
            if time.monotonic() > deadline:
                self._note([f"a {runs.prefix} run did not end within {RUN_SECONDS:.0f} s", *runs.open_tasks()])
                raise AssertionError("\n".join(self.played.violations))
            self.played.told += [f"{time.strftime('%X')} {name} started again" for name in self.cluster.engine.look()]
            if progress and self.strikes and (share := progress()) >= self.strikes[0][0]:
                self._strike(self.strikes.pop(0)[1], share)
            time.sleep(BETWEEN_LOOKS)

    def _strike(self, what: str, share: float) -> None:
        """Kill a container by SIGKILL; a worker does not come back, as if its machine were gone."""
        container = self.cluster.engine.containers[what.removesuffix("!")]
        had, waiting = (
            self._running_on(container),
            self._ask("select count(*) from task_instance where state = 'queued'"),
        )
        container.is_gone = container.service.name == "worker"
        container.kill()
        if what.endswith("!"):
            self.cluster.engine.empty_volumes(container)
        self.played.struck.append(what)
        line = (
            f"{time.strftime('%X')} {what} killed after {share:.0%} of the documents; "
            f"{had} tasks ran on it, {waiting} were queued"
        )
        self.played.told.append(line)
        self.say(line)

    def _running_on(self, container: Container) -> int:
        query = "select count(*) from task_instance where state = 'running' and hostname = :name"
        return int(self._ask(query, name=container.name))

    def _recover(self, prefix: str, is_over: Callable[[], bool]) -> None:
        """Undisturbed runs until one finds all done before it begins; that one must not write anything."""
        for _ in range(MOST_RECOVERIES):
            was_over, before = is_over(), self._writes()
            runs = Runs.start(self._airflow, prefix)
            self._watch(runs)
            self._judge_runs(runs)
            if was_over:
                if self._writes() != before:
                    self._note([f"a {prefix} run that had nothing to do made {self._writes() - before} writes"])
                return
        self._note([f"there is still work after {MOST_RECOVERIES} {prefix} runs"])

    def _is_over(self) -> bool:
        with self.cluster.judged() as stage, stage.ledger() as ledger:
            return not unfinished_payments(ledger, self.journeys)

    def _judge(self) -> None:
        with self.cluster.judged() as stage:
            self._note(wrong_state(stage, self.journeys))

    def _judge_runs(self, runs: Runs) -> None:
        with self.cluster.judged() as stage:
            self._note(wrong_runs(stage, runs, self.journeys))

    def _count(self, runs: Runs) -> None:
        stuck = "select count(*) from log where event like 'stuck in queued%'"
        self.played.requeued = int(self._ask(stuck))
        tasks = [one for dag_id, run_id in runs.run_ids.items() for one in self.cluster.task_instances(dag_id, run_id)]
        self.played.again = sum(one.try_number > 1 for one in tasks)
        self.played.told.append(f"task states: {dict(Counter(str(one.state) for one in tasks))}")

    def _told(self) -> int:
        answer = self.cluster.ask_sandbox("GET", "/sandbox/told")
        return sum(len(each) for each in answer.values())

    def _known_as_paid(self) -> set[str]:
        with self.cluster.judged() as stage:
            return told(stage.sandbox)

    def _writes(self) -> int:
        return sum(int(counts["writes"]) for counts in self.cluster.ask_sandbox("GET", "/sandbox/calls").values())

    def _ask(self, query: str, **values: str) -> int:
        engine = sa.create_engine(self.cluster.airflow_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return int(connection.scalar(sa.text(query), values) or 0)

    def _note(self, violations: Iterable[str]) -> None:
        self.played.violations += list(dict.fromkeys(violations))


@dataclass
class Bookkeepers:
    """The bookkeepers of the cluster's sandbox, over HTTP."""

    cluster: Cluster

    def bookkeeper(self, system: str) -> Bookkeepers:
        """Of one finance system."""
        self._system = system
        return self

    def perform(self, verb: str, body: object) -> None:
        """Do one thing."""
        self.cluster.ask_sandbox("POST", f"/sandbox/{self._system}/bookkeeper/{verb}", body)
