"""A real Airflow on one machine, as a context manager."""

from __future__ import annotations

import importlib.metadata
import shlex
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from local.connections import ShownConnections, connections_file, take_connections
from local.errors import LocalError
from local.people import ADMIN, login_settings, make_people, people_of
from local.ports import LOOPBACK, free_port, wanted_port
from local.postgres import EmbeddedPostgres
from local.processes import Guard, LocalProcess, last_meaningful_line, stop_processes, undisturbed
from local.progress import Progress, Silence
from local.rest_api import RestApi, TaskInstance
from local.sandbox import LocalSandbox
from local.settings import LEDGER_CONNECTION, PROJECT, Folders, ledger_url, refuse_real_systems, shared_environment
from local.state_folder import StateFolder, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

ENVIRONMENT = "environment.sh"
"""The file, in the state folder, that a shell reads to have the settings and connections of the local run."""
# Airflow's own data can be rebuilt, so its commits need not wait for the disk; the ledger's must.
_DATABASES = {"airflow": "off", "invoice_bridge_ledger": "on", "invoice_bridge_sandbox": "on"}
READY_SECONDS = 180.0
QUIET_SECONDS = 2.0
COMPONENTS = {
    "api-server": ["api-server", "--host", LOOPBACK, "--port", "{port}"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
# They have nothing to put in order, and would wait for idle connections and for triggers that somebody else takes over.
_ENDED_AT_ONCE = {"api-server", "triggerer"}
_COMPONENTS = {"metadatabase", "scheduler", "triggerer", "dag_processor"}


class LocalAirflow:
    """PostgreSQL, the sandbox, and Airflow's four components; all stopped at the end of the `with` block.

    `home` keeps the state between two starts. `extra_env` wins over every default, but must not name a connection that
    the sandbox provides; the caller's own Airflow settings are left out unless they are passed there. Several can run
    side by side in different homes. With `for_people`, Airflow asks for a login (`local.people`), and its page
    *Connections* lists the ledger and the sandbox's systems; otherwise whoever reaches it is an admin, and connections
    are environment variables, which no page shows. With `below`, such as `/airflow`, its pages stand below that path.
    """

    def __init__(
        self,
        home: Path,
        *,
        routes_dir: Path | None = None,
        sandbox: bool = True,
        extra_env: Mapping[str, str] | None = None,
        parallelism: int = 8,
        dags_folder: Path | None = None,
        plugins_folder: Path | None = None,
        port: str | None = None,
        progress: Progress | None = None,
        for_people: bool = False,
        below: str = "",
    ) -> None:
        self._state = StateFolder(home.resolve())
        self._folders = Folders(
            dags=dags_folder or Folders.dags, plugins=plugins_folder or Folders.plugins, routes=routes_dir
        )
        self._wanted_port = port
        self._extra_env = dict(extra_env or {})
        self._below = below
        self._parallelism = parallelism
        self._with_sandbox = sandbox
        self._for_people = for_people
        self._shown_connections: dict[str, str] = {}
        self._progress: Progress = progress or Silence()
        self._cleanup = ExitStack()
        self._processes: dict[str, LocalProcess] = {}
        self._postgres: EmbeddedPostgres
        self._guard: Guard
        self._port = 0
        self.env: dict[str, str] = {}
        self.base_url = ""
        self.ledger_url = ""
        self.sandbox: LocalSandbox | None = None
        self.api: RestApi
        self._started_at = datetime.now(UTC)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            # Half of it may run already, and Ctrl-C arrives here too.
            with undisturbed():
                self._cleanup.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with undisturbed(), self._progress.step("Stopping everything"):
            self._cleanup.close()

    @property
    def home(self) -> Path:
        """The state folder."""
        return self._state.path

    @property
    def processes(self) -> dict[str, LocalProcess]:
        """The processes by name, for those who want to kill one or read its log."""
        return dict(self._processes)

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, logical_date: datetime | None = None) -> str:
        """Start a run by hand; its id."""
        return self.api.trigger(dag_id, conf, logical_date)

    def wait(self, dag_id: str, run_id: str, timeout: float = 300) -> str:
        """Wait for the end of a run; its state."""
        return self.api.wait(dag_id, run_id, timeout)

    def task_instances(self, dag_id: str, run_id: str, task_id: str | None = None) -> list[TaskInstance]:
        """The task instances of a run, or of one of its tasks."""
        return self.api.task_instances(dag_id, run_id, task_id)

    def clear(
        self, dag_id: str, run_id: str, task_id: str, map_index: int | None = None, *, downstream: bool = False
    ) -> list[str]:
        """Clear a task, or one map index of it, so that it runs again."""
        return self.api.clear(dag_id, run_id, task_id, map_index, downstream)

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1) -> Any:
        """The value that a task left under a key."""
        return self.api.xcom(dag_id, run_id, task_id, key, map_index)

    def task_log(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, try_number: int = 1) -> str:
        """The log of one try."""
        return self.api.task_log(dag_id, run_id, task_id, map_index, try_number)

    def pause(self, dag_id: str) -> None:
        """Keep the scheduler from starting runs of a DAG."""
        self.api.set_paused(dag_id, True)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self.api.set_paused(dag_id, False)

    def dag_ids(self, prefix: str = "") -> list[str]:
        """The ids of the DAGs that Airflow knows."""
        return self.api.dag_ids(prefix)

    def wait_for_dags(self, prefix: str = "", timeout: float = 120) -> list[str]:
        """Wait until the DAG files were read once since the start; the ids of the DAGs with that prefix.

        Airflow does not say when it has read them all, so this waits until nothing new has come for a while.
        """
        deadline = time.monotonic() + timeout
        seen: tuple[list[str], list[str]] = ([], [])
        quiet_since = time.monotonic()
        while True:
            self.check()
            now = (self.api.dag_ids(parsed_since=self._started_at), sorted(self.import_errors()))
            if now != seen:
                seen, quiet_since = now, time.monotonic()
            found = [dag_id for dag_id in seen[0] if dag_id.startswith(prefix)]
            if (found or seen[1]) and time.monotonic() - quiet_since > QUIET_SECONDS:
                return found
            if time.monotonic() > deadline:
                raise LocalError(
                    f"No DAG named {prefix}… appeared within {timeout:.0f} s "
                    f"(log: {self._processes['dag-processor'].log})"
                )
            time.sleep(0.5)

    def dags_there(self, prefix: str) -> list[str]:
        """The ids of the DAGs with that prefix which were read since the start; waits for nothing."""
        return [dag_id for dag_id in self.api.dag_ids(parsed_since=self._started_at) if dag_id.startswith(prefix)]

    def import_errors(self) -> dict[str, str]:
        """The stack trace by DAG file, of the files that were read since the start."""
        return self.api.import_errors(self._started_at)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one `airflow` command in the same environment, for what the REST API does not offer."""
        return subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=self.env,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def restart(self, name: str) -> None:
        """Start PostgreSQL or one of Airflow's components again after its end; a log begins anew."""
        self._stop(name)
        if name == "postgres":
            process = self._postgres.start()
            self._postgres.wait()
        else:
            process = self._component(name)
        self._processes[name] = process
        self._guard.watch(process)

    def check(self) -> None:
        """Raise the sentence about the first process that has ended."""
        for process in self._processes.values():
            process.check()

    def _start(self) -> None:
        if self._with_sandbox:
            refuse_real_systems(self._extra_env, [LEDGER_CONNECTION])
        self._state.open()
        self._cleanup.callback(self._state.close)
        self._port = wanted_port(self._wanted_port) if self._wanted_port else free_port()
        self.base_url = f"http://{LOOPBACK}:{self._port}{self._below}"
        self._guard = Guard(PROJECT)
        self._cleanup.callback(self._guard.dismiss)
        with self._progress.step("Starting PostgreSQL"):
            self._postgres = postgres = EmbeddedPostgres(
                self.home / "postgres", self._state.log("postgres"), port=free_port(), databases=_DATABASES
            )
            self._keep("postgres", postgres.start())
            postgres.wait()
        defaults = shared_environment(
            self._state,
            self._folders,
            port=self._port,
            airflow_url=postgres.url("airflow"),
            # Real documents may have the sandbox's ids, so the two never share a ledger.
            ledger_url=postgres.url("invoice_bridge_sandbox" if self._with_sandbox else "invoice_bridge_ledger"),
            parallelism=self._parallelism,
        )
        if self._for_people:
            make_people(self.home)
            defaults |= login_settings(self.home)
        # Tasks ask below the path too: the server finds nothing of theirs without it.
        served = {
            "AIRFLOW__API__BASE_URL": self.base_url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.base_url}/execution/",
        }
        self.env = {**defaults, **served, **self._extra_env}
        self.ledger_url = ledger_url(self.env[LEDGER_CONNECTION])
        if self._with_sandbox:
            self._start_sandbox()
        if self._for_people:
            self._shown_connections = take_connections(self.env, self._extra_env)
        self._note_environment()
        self._migrate()
        self._show_connections()
        with self._progress.step("Starting Airflow (API server, scheduler, DAG processor, triggerer)"):
            self._start_components()

    def _keep(self, name: str, process: LocalProcess) -> None:
        self._processes[name] = process
        self._cleanup.callback(self._stop, name)
        self._guard.watch(process)

    def _stop(self, *names: str) -> None:
        stop_processes([self._processes[name] for name in names])

    def _note_environment(self) -> None:
        """Leave settings and connections in a file for shells: with it, `airflow` is this Airflow there too.

        What the caller named himself, real credentials among it, is not written down: he names it again.
        """
        noted = {
            name: value
            for name, value in self.env.items()
            if name.startswith(("AIRFLOW_", "INVOICE_BRIDGE_", "PYTHONPATH")) and name not in self._extra_env
        }
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(noted.items())]
        write_private(self.home / ENVIRONMENT, "".join(lines))

    def _start_sandbox(self) -> None:
        with self._progress.step("Starting the sandbox"):
            self.sandbox = LocalSandbox(self._state, self.env)
            self._keep("sandbox", self.sandbox.process)
            # Closed before it is stopped: it would wait for us to leave.
            self._cleanup.callback(self.sandbox.close)
            connections = self.sandbox.wait()
            refuse_real_systems(self._extra_env, connections)
            self.env |= connections

    def _migrate(self) -> None:
        database = self.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].rpartition("@")[2].partition("/")[2]
        version = f"{importlib.metadata.version('apache-airflow-core')} {database}"
        if self._state.stamp("migrated") == version:
            return
        log = self._state.log("db-migrate")
        with self._progress.step("Preparing Airflow's database"), log.open("wb") as output:
            ended = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=self.env,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if ended.returncode:
            raise LocalError(f"Airflow's database could not be prepared: {last_meaningful_line(log)} (log: {log})")
        self._state.set_stamp("migrated", version)

    def _show_connections(self) -> None:
        """Put the connections into Airflow's database, where its page lists them, for those of an earlier start."""
        shown = ShownConnections(self._state, self.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        shown.make_room_for(self._shown_connections)
        if not self._shown_connections:
            return
        file = self.home / "connections.json"
        write_private(file, connections_file(self._shown_connections))
        try:
            with self._progress.step("Noting the connections"):
                ended = self.command("connections", "import", "--overwrite", str(file))
        finally:
            file.unlink()
        if ended.returncode:
            raise LocalError(f"The connections could not be noted: {ended.stderr.strip()[-500:]}")

    def _start_components(self) -> None:
        self._started_at = datetime.now(UTC)
        # Stopped last, because tasks that end while the others stop report to it.
        self._keep("api-server", self._component("api-server"))
        others = {name: self._component(name) for name in COMPONENTS if name != "api-server"}
        self._processes |= others
        self._cleanup.callback(self._stop, *others)
        for component in others.values():
            self._guard.watch(component)
        admin = people_of(self.home)[ADMIN] if self._for_people else None
        self.api = RestApi(self.base_url, (admin.name, admin.password) if admin else None)
        self._cleanup.callback(self.api.close)
        self._wait_until_healthy()

    def _component(self, name: str) -> LocalProcess:
        command = [sys.executable, "-m", "airflow", *(part.format(port=self._port) for part in COMPONENTS[name])]
        log = self._state.log(name)
        number = signal.SIGKILL if name in _ENDED_AT_ONCE else signal.SIGTERM
        return LocalProcess(name, command, env=self.env, cwd=PROJECT, log=log, stop_signal=number)

    def _wait_until_healthy(self) -> None:
        started = time.monotonic()
        while True:
            self.check()
            healthy = self.api.healthy(self._started_at)
            ill = sorted(_COMPONENTS - (healthy or set()))
            if not ill:
                return
            waited = time.monotonic() - started
            if waited > READY_SECONDS:
                raise LocalError(
                    f"Airflow was not ready within {READY_SECONDS:.0f} s, still waiting for {', '.join(ill)} "
                    f"(logs: {self.home / 'logs'})"
                )
            self._progress.update(f"Waiting for {', '.join(ill) if healthy else 'the API server'}, {waited:.0f} s")
            time.sleep(0.25)
