from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sandbox import Sandbox
from tests.systems.quiddly.bodies import quiddly_route
from tests.world import World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def server() -> Iterator[Sandbox]:
    with Sandbox(documents=0) as running:
        yield running


@pytest.fixture
def sandbox(server: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """All systems, empty; one sandbox for all tests of the folder."""
    server.reset(documents=0)
    server.faults.clear()
    connect(server, monkeypatch)
    return server


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Qondor to Quiddly."""
    world = World(sandbox, ledger_url, quiddly_route(number_prefix="Q"))
    yield world
    world.close()
