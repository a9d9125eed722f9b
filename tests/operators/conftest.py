from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sandbox.sandbox import Sandbox
from tests.world import FERNET_KEY, World, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, ledger_url: str) -> Iterator[World]:
    """Both systems with an empty queue, the ledger, and what Airflow is told of them."""
    with Sandbox(documents=0, data="plain") as sandbox:
        connect(sandbox, monkeypatch)
        world = World(sandbox, ledger_url)
        monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", ledger_url)
        monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
        codes = json.dumps(dict(world.route.finance.account_codes))
        monkeypatch.setenv(f"AIRFLOW_VAR_{world.route.account_codes_variable.upper()}", codes)
        yield world
        world.close()
