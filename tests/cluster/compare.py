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
    from collections.abc import Iterator, Mapping, Sequence

    from local.airflow import LocalAirflow
    from tests.cluster.stage import Cluster

ROUND_SECONDS = 900.0
LAST = "worker-2"


@dataclass(frozen=True)
class Lap:
    """One round.

    :param busy: the share of the processors that was at work, by whomever.
    :param spent: seconds of processor time by container, those that used the most first.
    """

    workers: int
    documents: int
    seconds: float
    busy: float
    spent: Mapping[str, float]

    @property
    def a_minute(self) -> float:
        """Documents a minute."""
        return 60 * self.documents / self.seconds

    @property
    def own(self) -> float:
        """The share of the processors that the containers had."""
        return sum(self.spent.values()) / self.seconds / (psutil.cpu_count() or 1)

    def __str__(self) -> str:
        whole = sum(self.spent.values())
        shares = ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in self.spent.items())
        return (
            f"workers: {self.workers}, documents: {self.documents}, seconds: {self.seconds:.0f}, "
            f"documents a minute: {self.a_minute:.1f}, processors busy: {self.busy:.0%}, {self.own:.0%} with this; "
            f"of {whole / self.documents:.2f} s of processor time for a document: {shares}"
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
        used = _spent(cluster)
        before, started = _told(cluster), time.monotonic()
        psutil.cpu_percent()
        runs = Runs.start(cast("LocalAirflow", cluster), TRANSFER)
        wait_until(runs.over, ROUND_SECONDS, "the runs of a round")
        took, busy = time.monotonic() - started, psutil.cpu_percent() / 100
        spent = {name: seconds - used.get(name, 0.0) for name, seconds in _spent(cluster).items()}
        by_size = dict(sorted(spent.items(), key=lambda one: -one[1]))
        yield Lap(workers, _told(cluster) - before, took, busy, by_size)


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


def _spent(cluster: Cluster) -> dict[str, float]:
    """Seconds of processor time that each running container has used, with those of its processes that have ended."""
    found = {}
    for name, container in cluster.engine.containers.items():
        if not container.running():
            continue
        first = container.first()
        times = [each.cpu_times() for each in [first, *first.children(recursive=True)]]
        found[name] = sum(one.user + one.system + one.children_user + one.children_system for one in times)
    return found


def _told(cluster: Cluster) -> int:
    return sum(len(each) for each in cluster.ask_sandbox("GET", "/sandbox/told").values())
