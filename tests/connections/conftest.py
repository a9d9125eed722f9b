from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sandbox import Sandbox
from tests.world import World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """All four systems with empty queues."""
    with Sandbox(documents=0, data="plain") as sandbox:
        connect(sandbox, monkeypatch)
        yield sandbox


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Qondor to Xero."""
    world = World(sandbox, ledger_url)
    yield world
    world.close()
