from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.sales import poll
from tests.sales.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _exact_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a test nothing is an hour old, and what a poll leaves out has to be left out here, too."""
    monkeypatch.setattr(poll, "OVERLAP", dt.timedelta(0))


@pytest.fixture(params=["xero", "quiddly"])
def both(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Shop]:
    """Each of the routes from Qondor."""
    made = shop(sandbox, ledger_url, request.param)
    yield made
    made.world.close()


@pytest.fixture
def xero(sandbox: Sandbox, ledger_url: str) -> Iterator[Shop]:
    """The route into Xero."""
    made = shop(sandbox, ledger_url, "xero")
    yield made
    made.world.close()


@pytest.fixture
def quiddly(sandbox: Sandbox, ledger_url: str) -> Iterator[Shop]:
    """The route into Quiddly."""
    made = shop(sandbox, ledger_url, "quiddly")
    yield made
    made.world.close()
