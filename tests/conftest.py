"""Fixtures that several folders of tests use."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# How long an example takes on a busy machine, or when it is the first to import something, is not what is tested.
settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.load_profile("unhurried")

# Airflow makes its folder when it is first imported; tests leave the user's own alone. It goes when Python ends.
_airflow_home = tempfile.TemporaryDirectory(prefix="invoice-bridge-airflow-home-", ignore_cleanup_errors=True)
os.environ["AIRFLOW_HOME"] = _airflow_home.name
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
# For the processes that tests start, however pytest itself was started.
_project = Path(__file__).parents[1]
os.environ["PYTHONPATH"] = os.pathsep.join([str(_project / "include"), str(_project / "plugins")])

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Ledger
    from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server for the whole session."""
    from tests.postgres import postgres_server

    with postgres_server() as server:
        yield server


@pytest.fixture
def ledger_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty ledger of the test's own."""
    from tests.postgres import fresh_ledger_url

    with fresh_ledger_url(postgres) as url:
        yield url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """An empty ledger of the test's own."""
    from invoice_bridge_core.ledger import Ledger

    ledger = Ledger.connect(ledger_url)
    yield ledger
    ledger.close()


@pytest.fixture(autouse=True)
def forgotten_masks() -> Iterator[None]:
    """Nothing is masked any more after a test.

    Airflow compiles all masks anew for every token that it is told of: one in a task's process, thousands in this one.
    """
    yield
    masker = sys.modules.get("airflow.sdk._shared.secrets_masker")
    if masker is not None:
        masker.reset_secrets_masker()


@pytest.fixture(autouse=True)
def forgotten_cipher() -> Iterator[None]:
    """The next test may have another `core.fernet_key`, which Airflow reads once per process."""
    yield
    crypto = sys.modules.get("airflow.models.crypto")
    if crypto is not None:
        crypto.get_fernet.cache_clear()
