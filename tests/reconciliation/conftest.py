from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sandbox import Sandbox
from tests.world import World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with Sandbox(documents=0, data="plain") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """All four systems, empty; one sandbox for all tests of the folder."""
    running.reset(documents=0, data="plain")
    connect(running, monkeypatch)
    return running


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Qondor to Xero."""
    world = World(sandbox, ledger_url)
    yield world
    world.close()
