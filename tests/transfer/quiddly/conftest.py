from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.systems.quiddly.bodies import quiddly_route
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """Qondor to Quiddly."""
    world = World(sandbox, ledger_url, quiddly_route(number_prefix="Q"))
    yield world
    world.close()
