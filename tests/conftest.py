"""Fixtures that several folders of tests use."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import is_hypothesis_test

from tests.examples import load_profile

load_profile()

# Airflow makes its folder when it is first imported; tests leave the user's own alone. It goes when Python ends.
_airflow_home = tempfile.TemporaryDirectory(prefix="invoice-bridge-airflow-home-", ignore_cleanup_errors=True)
os.environ["AIRFLOW_HOME"] = _airflow_home.name
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
# For the processes that tests start, however pytest itself was started.
_project = Path(__file__).parents[1]
CHAOS, END_TO_END = _project / "tests" / "chaos", _project / "tests" / "end_to_end"
os.environ["PYTHONPATH"] = os.pathsep.join([str(_project / "include"), str(_project / "plugins")])

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Ledger
    from sandbox.sandbox import Sandbox
    from tests.postgres import PostgresServer
    from tests.world import World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and as quick what has no other mark of a part."""
    for item in items:
        if CHAOS in item.path.parents:
            item.add_marker("chaos")
        if END_TO_END in item.path.parents:
            item.add_marker("airflow")
        if not any(item.get_closest_marker(name) for name in ("slow", "long", "chaos", "airflow", "cluster")):
            item.add_marker("quick")
        if is_hypothesis_test(getattr(item, "obj", None)):
            # Its examples are counted; how long they take says how busy the machine is.
            item.add_marker(pytest.mark.timeout(0))


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


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    """A sandbox that serves the whole session; who takes it begins it anew, as `sandbox` does."""
    from sandbox.sandbox import Sandbox

    with Sandbox(documents=0, data="plain") as running:
        yield running


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """All four systems, empty, and Airflow's connections to them."""
    from tests.world import connect

    running.reset(documents=0, data="plain")
    connect(running, monkeypatch)
    return running


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """The ordinary route, from Qondor to Xero."""
    from tests.world import World

    world = World(sandbox, ledger_url)
    yield world
    world.close()


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
