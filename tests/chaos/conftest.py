from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.boundary import STAGE
from tests.chaos.played import Played, played
from tests.chaos.share import IS_FULL
from tests.chaos.world import ChaosWorld
from tests.postgres import fresh_ledger_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import PostgresServer


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print what was violated when it is found: who interrupts an hour's run must not lose it."""
    if IS_FULL and report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.nodeid}\n{report.longreprtext}", flush=True)


@pytest.fixture(scope="session")
def chaos_sandbox() -> Iterator[Played]:
    with played() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def chaos_world(chaos_sandbox: Played, postgres: PostgresServer) -> Iterator[ChaosWorld]:
    """One ledger for all cases; each begins with an empty one."""
    with fresh_ledger_url(postgres) as url:
        world = ChaosWorld(chaos_sandbox, url)
        yield world
        world.close()


@pytest.fixture
def world(chaos_world: ChaosWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChaosWorld]:
    for conn_id, connection in chaos_world.played.connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))
    with STAGE.installed():
        yield chaos_world
