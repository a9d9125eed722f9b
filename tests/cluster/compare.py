"""Two workers against one on one running cluster: rounds in turn, so that what else the machine does meets both."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import psutil

from tests.chaos.airflow.runs import TRANSFER, Runs, patiently
from tests.chaos.documents import ROUTES
from tests.cluster.stage import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from local.airflow import LocalAirflow
    from tests.cluster.stage import Cluster

ROUND_SECONDS = 900.0
LAST = "worker-2"


@dataclass(frozen=True)
class Lap:
    """One round.

    :param busy: the share of the processors that was at work, by whomever.
    """

    workers: int
    documents: int
    seconds: float
    busy: float

    @property
    def a_minute(self) -> float:
        """Documents a minute."""
        return 60 * self.documents / self.seconds

    def __str__(self) -> str:
        return (
            f"workers: {self.workers}, documents: {self.documents}, seconds: {self.seconds:.0f}, "
            f"documents a minute: {self.a_minute:.1f}, processors busy: {self.busy:.0%}"
        )


def compare(cluster: Cluster, turns: Sequence[int]) -> Iterator[Lap]:
    """Rounds of one transfer run for each route, each with as many workers as its turn says."""
    dag_ids = [f"{TRANSFER}__{route}" for route in ROUTES]
    wait_until(lambda: set(dag_ids) <= set(patiently(cluster.api.dag_ids)), 300, "the DAGs")
    for dag_id in dag_ids:
        cluster.api.set_paused(dag_id, False)
    first = Runs(cast("LocalAirflow", cluster), TRANSFER)
    for dag_id in dag_ids:
        wait_until(lambda dag_id=dag_id: cluster.api.newest_run(dag_id) is not None, 300, f"a run of {dag_id}")  # type: ignore[misc]
        first.run_ids[dag_id] = str(cluster.api.newest_run(dag_id))
    # The first one loads what later ones find loaded, and counts for nobody.
    wait_until(first.over, ROUND_SECONDS, "the first runs")
    for workers in turns:
        _have(cluster, workers)
        before, started = _told(cluster), time.monotonic()
        psutil.cpu_percent()
        runs = Runs.start(cast("LocalAirflow", cluster), TRANSFER)
        wait_until(runs.over, ROUND_SECONDS, "the runs of a round")
        yield Lap(workers, _told(cluster) - before, time.monotonic() - started, psutil.cpu_percent() / 100)


def ratio(laps: Sequence[Lap]) -> float:
    """How many times as many documents a minute two workers move as one."""
    both = {count: [lap.a_minute for lap in laps if lap.workers == count] for count in (1, 2)}
    return statistics.median(both[2]) / statistics.median(both[1])


def _have(cluster: Cluster, workers: int) -> None:
    container = cluster.engine.containers[LAST]
    if workers == 1 and container.running():
        container.is_gone = True
        container.stop()
    elif workers == 2 and not container.running():
        container.is_gone = False
        cluster.engine.start(container)
        wait_until(lambda: container.check().returncode == 0, 300, f"{LAST} is healthy")


def _told(cluster: Cluster) -> int:
    return sum(len(each) for each in cluster.ask_sandbox("GET", "/sandbox/told").values())
