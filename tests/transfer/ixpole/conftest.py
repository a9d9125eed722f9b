from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.systems.ixpole.instalments import customer, product
from tests.transfer.ixpole.ixpole_world import ixpole_route
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    """One tenant with one customer and one product; nothing waits."""
    sandbox.ixpole.add_customer(customer())
    sandbox.ixpole.add_product(product())
    return sandbox


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """iXpole to Xero."""
    world = World(sandbox, ledger_url, ixpole_route())
    yield world
    world.close()
