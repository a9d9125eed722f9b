from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.routes.loader import routes_folder
from local.airflow import LocalAirflow
from sandbox.sandbox import Sandbox
from tests.end_to_end.scheduled import scheduled_run

if TYPE_CHECKING:
    from collections.abc import Iterator

TRANSFER = "invoice_transfer__qondor_xero"
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


@pytest.fixture(scope="session")
def first_run(airflow: LocalAirflow) -> str:
    """The scheduled run that Airflow makes when the TRANSFER is unpaused."""
    return scheduled_run(airflow, TRANSFER, timeout=600)


def _routes(folder: Path) -> Path:
    folder.mkdir()
    text = (routes_folder() / "qondor_xero.yaml").read_text()
    # Once a month, so that no scheduled run comes between the ones that the tests start.
    monthly = text
    for often in ('"*/5 * * * *"', '"*/15 * * * *"', '"0 3 * * *"', '"0 7 * * *"', '"*/30 * * * *"'):
        assert often in monthly
        monthly = monthly.replace(often, '"0 0 1 * *"')
    # A few sales are as good as a hundred.
    every = "kinds: [invoice, card_payment, credit_note]"
    assert every in monthly
    monthly = monthly.replace(every, "kinds: [credit_note]")
    (folder / "qondor_xero.yaml").write_text(monthly)
    (folder / "broken.yaml").write_text(WRONG_ROUTE)
    return folder
