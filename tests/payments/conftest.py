from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.payments.backflow import (
    IXPOLE_QUIDDLY,
    IXPOLE_XERO,
    QONDOR_QUIDDLY,
    QONDOR_XERO,
    ROUTES,
    Backflow,
    backflow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


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
