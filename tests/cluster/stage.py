"""The cluster with documents in the played systems, and what the judges of `make chaos` ask of it."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import sqlite3
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import requests
import yaml

from invoice_bridge_core.routes.loader import routes_folder
from local.errors import LocalError
from local.rest_api import RestApi
from local.settings import PROJECT
from sandbox.exact_json import read_json, write_json
from sandbox.sandbox import Sandbox
from sandbox.traffic import Entry
from tests.chaos.airflow.papers import plant
from tests.chaos.airflow.stage import Stage
from tests.chaos.documents import ROUTES
from tests.cluster.compose import read_compose
from tests.cluster.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from local.airflow import LocalAirflow
    from local.rest_api import TaskInstance
    from tests.chaos.journeys import Journey
    from tests.cluster.compose import Service

SECRETS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY")
ANSWER_SECONDS = 0.25
"""How long a played system takes, so that a kill meets calls that are under way."""
_YEARLY = "0 0 1 1 *"
_SEED = 1


@dataclass
class Cluster:
    """A running cluster.

    :param variables: what its `.env` holds.
    """

    engine: Engine
    variables: Mapping[str, str]

    def __post_init__(self) -> None:
        self.api = RestApi(f"http://{self.engine.addresses['api-server']}:8080", ("admin", self._password()))
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def ledger_url(self) -> str:
        """The ledger, as this machine reaches it."""
        server = f"{self.engine.addresses['postgres']}:5432"
        return f"postgresql://airflow:{self.variables['POSTGRES_PASSWORD']}@{server}/invoice_bridge_ledger"

    @property
    def airflow_url(self) -> str:
        """Airflow's own database."""
        return self.ledger_url.replace("/invoice_bridge_ledger", "/airflow")

    def close(self) -> None:
        """Close the connections."""
        self.api.close()
        self._session.close()

    def trigger(self, dag_id: str) -> str:
        """Start a run by hand; its id."""
        return self.api.trigger(dag_id, None, None)

    def task_instances(self, dag_id: str, run_id: str, task_id: str | None = None) -> list[TaskInstance]:
        """The task instances of a run."""
        return self.api.task_instances(dag_id, run_id, task_id)

    def xcom(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task returned."""
        return self.api.xcom(dag_id, run_id, task_id, "return_value", -1)

    def task_log(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, try_number: int = 1) -> str:
        """The log of one try."""
        return self.api.task_log(dag_id, run_id, task_id, map_index, try_number)

    def sandbox(self) -> Sandbox:
        """What the played systems hold and heard by now, as an object of this process; it serves nobody."""
        folder = Path(tempfile.mkdtemp(prefix="seen-", dir=self.engine.work))
        with (
            sqlite3.connect(self.engine.volume("sandbox") / "state" / "sandbox.sqlite3") as source,
            sqlite3.connect(folder / "sandbox.sqlite3") as copy,
        ):
            source.backup(copy)
        source.close()
        copy.close()
        seen = Sandbox(state=folder)
        for entry in self.ask_sandbox("GET", "/sandbox/log?last=100000")["calls"]:
            seen.traffic.keep(Entry(**entry))
        seen.store.close()
        shutil.rmtree(folder)
        return seen

    def ask_sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """One call to the sandbox's control."""
        answer = self._session.request(
            method,
            f"http://{self.engine.addresses['sandbox']}:8900{path}",
            data=None if body is None else write_json(body),
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
        if not answer.ok:
            raise LocalError(f"The sandbox answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return read_json(answer.text)

    def slow_down(self, seconds: float) -> None:
        """Let each call to the played systems take so long."""
        if seconds:
            self.ask_sandbox("POST", "/sandbox/faults", [{"kind": "delay", "seconds": seconds}])

    @contextmanager
    def judged(self) -> Iterator[Stage]:
        """The cluster as the judges of a round know one."""
        seen = self.sandbox()
        try:
            yield Stage(seen, cast("LocalAirflow", self))
        finally:
            seen.stop()

    def _password(self) -> str:
        # Where the head of the compose file says that it is.
        shown = self.engine.containers["api-server"].run(["cat", "/opt/airflow/auth/passwords.json"], timeout=30)
        return str(json.loads(shown.stdout)["admin"])


@contextmanager
def cluster(
    journeys: list[Journey] = [],  # noqa: B006 - never changed
    *,
    workers: int = 2,
    per_run: int | None = None,
    say: Callable[[str], None] = print,
) -> Iterator[Cluster]:
    """What `docker compose --profile sandbox up --scale worker=2` starts, with documents in their sources.

    :param per_run: how many documents a run takes at most; `None`: what the shipped routes say.
    """
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        variables = _variables(_routes(work / "routes", per_run))
        with Engine(services(variables), work, {"worker": workers}, say) as engine:
            _plant(engine.volume("sandbox") / "state", journeys)
            engine.up()
            running = Cluster(engine, variables)
            try:
                yield running
            finally:
                running.close()


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """The services of the compose file, the sandbox's among them."""
    return read_compose(PROJECT / "docker-compose.yaml", variables, {"sandbox"})


def secrets_of_env() -> dict[str, str]:
    """Passwords and keys, as the head of the compose file asks for them."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {**{name: secrets.token_hex(16) for name in SECRETS}, "AIRFLOW_FERNET_KEY": key}


def _variables(routes: Path) -> dict[str, str]:
    return {**secrets_of_env(), "INVOICE_BRIDGE_ROUTES_DIR": str(routes)}


def _routes(folder: Path, per_run: int | None) -> Path:
    """The shipped routes, with schedules that are out of the way."""
    folder.mkdir()
    for name in ROUTES:
        route = yaml.safe_load((routes_folder() / f"{name}.yaml").read_text())
        route["schedule"] = {"transfer": _YEARLY, "payments": _YEARLY, "daily": _YEARLY, "timezone": "Europe/Oslo"}
        if per_run:
            route.setdefault("limits", {})["documents_per_run"] = per_run
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(route))
    return folder


def _plant(state: Path, journeys: list[Journey]) -> None:
    """Put documents, and nothing else, into what the sandbox will find when it starts."""
    sandbox = Sandbox(documents=0, data="plain", state=state)
    plant(sandbox, journeys)
    sandbox.stop()
    for each in (state, *state.iterdir()):
        shutil.chown(each, 50000, 0)


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Look once a second.

    :raises LocalError: it does not come.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise LocalError(f"{what}: not within {seconds:.0f} s")
        time.sleep(1)
