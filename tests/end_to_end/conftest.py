from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.routes.loader import routes_folder
from include.sandbox.sandbox import Sandbox
from local.airflow import LocalAirflow

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG_ROUTE = """
route: broken
source: {system: qondor, conn_id: elsewhere, ofices: [7]}
finance: {system: xero, account_codes: {VAT25: "200"}}
"""


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Both systems with every case of the demonstration data."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def airflow(sandbox: Sandbox) -> Iterator[LocalAirflow]:
    """A real Airflow with the shipped Qondor → Xero route, and a route file that is wrong."""
    connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
    # pytest's own folders are closed to the system user that PostgreSQL runs as when the tests run as root.
    with tempfile.TemporaryDirectory(prefix="invoice-bridge-test-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        with LocalAirflow(
            work / "home", routes_dir=_routes(work / "routes"), sandbox=False, extra_env=connections
        ) as airflow:
            airflow.wait_for_dags("invoice_transfer__")
            yield airflow


def _routes(folder: Path) -> Path:
    folder.mkdir()
    text = (routes_folder() / "qondor_xero.yaml").read_text()
    # Once a year, so that no scheduled run comes between the ones that the tests start.
    yearly = text.replace('"*/5 * * * *"', '"0 0 1 1 *"')
    assert yearly != text
    (folder / "qondor_xero.yaml").write_text(yearly)
    (folder / "broken.yaml").write_text(WRONG_ROUTE)
    return folder
