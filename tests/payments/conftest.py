from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sandbox import Sandbox
from tests.payments.backflow import (
    IXPOLE_QUIDDLY,
    IXPOLE_XERO,
    QONDOR_QUIDDLY,
    QONDOR_XERO,
    ROUTES,
    Backflow,
    backflow,
)
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
    running.faults.clear()
    running.clock.reset()
    connect(running, monkeypatch)
    return running


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Qondor to Xero."""
    world = World(sandbox, ledger_url)
    yield world
    world.close()


@pytest.fixture(params=ROUTES)
def back(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """Each of the four routes."""
    back = backflow(sandbox, ledger_url, request.param)
    yield back
    back.world.close()


@pytest.fixture(params=[QONDOR_XERO, IXPOLE_XERO])
def xero(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """Both routes into Xero."""
    back = backflow(sandbox, ledger_url, request.param)
    yield back
    back.world.close()


@pytest.fixture(params=[QONDOR_QUIDDLY, IXPOLE_QUIDDLY])
def quiddly(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """Both routes into Quiddly, which takes any amount."""
    back = backflow(sandbox, ledger_url, request.param)
    yield back
    back.world.close()
