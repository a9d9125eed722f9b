"""`docker-compose.yaml` starts, and its documents move once while a worker and Redis are killed."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.chaos.airflow.papers import journeys_of
from tests.cluster.images import missing_programs
from tests.cluster.play import Play
from tests.cluster.stage import ANSWER_SECONDS, Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.journeys import Journey

SEED, DOCUMENTS = 16, 200
ONCE = ("sandbox-folder", "sandbox-connections")
STRIKES = [(0.2, "worker-2"), (0.4, "redis"), (0.6, "redis!")]

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(5400)]


@pytest.fixture(scope="module")
def journeys() -> list[Journey]:
    return journeys_of(Random(SEED), DOCUMENTS)


@pytest.fixture(scope="module")
def running(journeys: list[Journey]) -> Iterator[Cluster]:
    if why := missing_programs():
        pytest.skip(why)
    with cluster(journeys) as running:
        yield running


def test_every_service_comes_up_and_its_health_check_says_so(running: Cluster) -> None:
    checked = {
        container.name: container.check() for container in running.engine.containers.values() if container.service.check
    }
    assert {"postgres", "redis", "api-server", "scheduler", "triggerer", "worker-1", "worker-2"} <= checked.keys()
    assert {name: said.stdout[-500:] for name, said in checked.items() if said.returncode} == {}
    assert all(running.engine.containers[name].starts == 1 for name in checked), "none of them had to start again"


def test_every_container_that_talks_to_the_systems_reaches_the_sandbox(running: Cluster) -> None:
    for name in ("worker-1", "worker-2", "api-server", "triggerer"):
        said = running.engine.containers[name].run(
            ["curl", "--fail", "--silent", "http://sandbox:8900/sandbox/calls"], timeout=30
        )
        assert said.returncode == 0, f"{name}: {said.stdout}"


def test_nothing_is_in_the_list_of_processes_that_is_secret(running: Cluster) -> None:
    listed = "".join(
        " ".join(process.cmdline())
        for container in running.engine.containers.values()
        if container.running()
        for process in [container.first(), *container.first().children(recursive=True)]
        if process.is_running()
    )
    secret = {name: value for name, value in running.variables.items() if "PASSWORD" in name or "KEY" in name}
    assert listed
    assert [name for name, value in secret.items() if value in listed] == []


def test_documents_move_once_while_a_worker_and_redis_die(running: Cluster, journeys: list[Journey]) -> None:
    running.slow_down(ANSWER_SECONDS)
    play = Play(running, journeys, list(STRIKES))
    play.transfer()
    play.pay()
    played = play.played
    play.say("\n".join([str(played), *played.told]))
    assert not played.violations, "\n".join([str(played), *played.violations, *played.told])
    assert played.documents >= DOCUMENTS
    assert played.struck == [what for _, what in STRIKES]
    assert played.paid >= 20
    alive = {name for name, each in running.engine.containers.items() if each.service.restarts and each.running()}
    assert set(running.engine.containers) - alive == {"worker-2", "airflow-init", "ledger-database", *ONCE}
