from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.payments.backflow import IXPOLE_QUIDDLY, IXPOLE_XERO, QONDOR_QUIDDLY, QONDOR_XERO, ROUTES, backflow
from tests.set_back.people import People

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture(params=ROUTES)
def people(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """Each of the four routes."""
    yield from _people(request.param, sandbox, ledger_url)


@pytest.fixture(params=[QONDOR_XERO, QONDOR_QUIDDLY])
def qondor(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """Both routes from Qondor."""
    yield from _people(request.param, sandbox, ledger_url)


@pytest.fixture(params=[IXPOLE_XERO, IXPOLE_QUIDDLY])
def ixpole(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """Both routes from iXpole."""
    yield from _people(request.param, sandbox, ledger_url)


@pytest.fixture(params=[QONDOR_XERO, IXPOLE_XERO])
def xero(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """Both routes into Xero."""
    yield from _people(request.param, sandbox, ledger_url)


def _people(name: str, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    back = backflow(sandbox, ledger_url, name)
    yield People(back)
    back.world.close()
