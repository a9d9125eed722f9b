from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.sandbox import Sandbox
from tests.systems.ixpole.instalments import customer, product
from tests.transfer.ixpole.ixpole_world import ixpole_route
from tests.world import World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with Sandbox(documents=0, data="plain") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """One tenant with one customer and one product; nothing waits."""
    running.reset(documents=0, data="plain")
    running.ixpole.add_customer(customer())
    running.ixpole.add_product(product())
    connect(running, monkeypatch)
    return running


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """iXpole to Xero."""
    world = World(sandbox, ledger_url, ixpole_route())
    yield world
    world.close()
