from __future__ import annotations

import json

import pytest

from tests.world import FERNET_KEY, World


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Both systems with an empty queue, the ledger, and what Airflow is told of them."""
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", world.ledger_url)
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    codes = json.dumps(dict(world.route.finance.account_codes))
    monkeypatch.setenv(f"AIRFLOW_VAR_{world.route.account_codes_variable.upper()}", codes)
    return world
