from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.customers.customer_world import CustomerWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture
def kept(sandbox: Sandbox, ledger_url: str) -> Iterator[CustomerWorld]:
    """A route from Qondor to Xero whose customers are kept in step, Qondor's data counting."""
    world = CustomerWorld.of(sandbox, ledger_url, master="source")
    yield world
    world.close()


@pytest.fixture
def returned(sandbox: Sandbox, ledger_url: str) -> Iterator[CustomerWorld]:
    """The same with Xero's data counting."""
    world = CustomerWorld.of(sandbox, ledger_url, master="finance")
    yield world
    world.close()


@pytest.fixture
def listing(sandbox: Sandbox, ledger_url: str) -> Iterator[CustomerWorld]:
    """A route that makes no customers."""
    world = CustomerWorld.of(sandbox, ledger_url, master="source", create=False)
    yield world
    world.close()
