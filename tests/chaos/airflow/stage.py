"""One real Airflow with the four shipped routes, the sandbox in this process, and an empty ledger for every round."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
import yaml

from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.ledger.database.tables import history, metadata
from invoice_bridge_core.routes.loader import routes_folder
from local.airflow import LocalAirflow
from local.errors import LocalError
from sandbox.sandbox import Sandbox
from tests.chaos.airflow.papers import plant
from tests.chaos.airflow.runs import PAYMENTS, TRANSFER
from tests.chaos.documents import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.journeys import Journey

ANSWER_SECONDS = 0.25
_SCHEDULED_SECONDS = 60.0
_YEARLY = "0 0 1 1 *"
QUICK = {
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
}
"""Airflow notices a dead process after seconds instead of minutes."""


@dataclass
class Stage:
    """What a round is played on."""

    sandbox: Sandbox
    airflow: LocalAirflow

    def begin(self, journeys: list[Journey]) -> None:
        """Empty ledger, empty finance systems, and the documents in their sources."""
        engine = sa.create_engine(self.airflow.ledger_url, poolclass=sa.NullPool)
        with self.ledger(), engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        plant(self.sandbox, journeys)
        # On one machine a call takes so little time that a kill would hardly ever meet one.
        self.sandbox.fault("delay", seconds=ANSWER_SECONDS)
        for method in ("PUT", "POST"):
            self.sandbox.fault("delay", method=method, when="after", seconds=ANSWER_SECONDS)

    def interrupted(self) -> int:
        """How often a document was taken over from an attempt that had died over it."""
        engine = sa.create_engine(self.airflow.ledger_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            notes = sa.select(sa.func.count()).where(history.c.note.startswith("taken up again"))
            return int(connection.scalar(notes) or 0)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, for one question."""
        ledger = Ledger.connect(self.airflow.ledger_url)
        try:
            yield ledger
        finally:
            ledger.close()


@contextmanager
def stage() -> Iterator[Stage]:
    """Start everything, and stop it."""
    with Sandbox(documents=0, data="plain") as sandbox, tempfile.TemporaryDirectory(prefix="chaos-airflow-") as folder:
        # Closed to others, the folder would be so to the system user that PostgreSQL runs as.
        Path(folder).chmod(0o755)
        connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
        with LocalAirflow(
            Path(folder) / "home",
            routes_dir=_routes(Path(folder) / "routes"),
            sandbox=False,
            extra_env={**connections, **QUICK},
        ) as airflow:
            airflow.wait_for_dags(TRANSFER)
            _let_schedules_pass(airflow)
            yield Stage(sandbox, airflow)


def _let_schedules_pass(airflow: LocalAirflow) -> None:
    """Unpausing makes one run of the schedule, which finds nothing yet; rounds start theirs by hand."""
    dag_ids = [f"{prefix}__{route}" for prefix in (TRANSFER, PAYMENTS) for route in ROUTES]
    for dag_id in dag_ids:
        airflow.unpause(dag_id)
    for dag_id in dag_ids:
        deadline = time.monotonic() + _SCHEDULED_SECONDS
        while (run_id := airflow.api.newest_run(dag_id)) is None:
            if time.monotonic() > deadline:
                raise LocalError(f"Unpausing {dag_id} made no run")
            time.sleep(0.5)
        airflow.wait(dag_id, run_id)


def _routes(folder: Path) -> Path:
    """The shipped routes, whose schedules are out of the way."""
    folder.mkdir()
    for name in ROUTES:
        route = yaml.safe_load((routes_folder() / f"{name}.yaml").read_text())
        route["schedule"] = {"transfer": _YEARLY, "payments": _YEARLY, "daily": _YEARLY, "timezone": "Europe/Oslo"}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(route))
    return folder
