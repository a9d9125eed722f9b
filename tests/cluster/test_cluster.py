"""`docker-compose.yaml` starts, and its documents move once while a worker and Redis are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster.images import missing_programs
from tests.cluster.stage import Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    if why := missing_programs():
        pytest.skip(why)
    with cluster() as running:
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
