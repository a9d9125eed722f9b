"""The environment that all parts of a local Airflow share, and who wins when two say different things."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from local.errors import LocalError
from local.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local.state_folder import StateFolder

PROJECT = Path(__file__).resolve().parents[1]
LEDGER_CONNECTION = "AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER"
# Without byte code every process would compile what it imports, which doubles the time of a task.
_LEFT_OUT = ("AIRFLOW_", "INVOICE_BRIDGE_", "PYTHONDONTWRITEBYTECODE")
_CALLERS = ("AIRFLOW_CONN_", "AIRFLOW_VAR_", "AIRFLOW__", "INVOICE_BRIDGE_")

_LOOKED_UP_FIRST = ("AIRFLOW__SECRETS__BACKEND", "AIRFLOW__WORKERS__SECRETS_BACKEND")
"""Where Airflow looks for a connection before it looks into the environment."""


@dataclass(frozen=True)
class Folders:
    """Where Airflow finds DAGs and plugins, and the project its routes."""

    dags: Path = PROJECT / "dags"
    plugins: Path = PROJECT / "plugins"
    routes: Path | None = None


def caller_overrides(environ: Mapping[str, str]) -> dict[str, str]:
    """What in the caller's environment wins over the launcher's defaults."""
    return {name: value for name, value in environ.items() if name.startswith(_CALLERS)}


def refuse_real_systems(callers: Mapping[str, str], connections: Iterable[str]) -> None:
    """Keep the sandbox's documents out of real systems.

    :param connections: the environment variables of the connections that the sandbox provides.
    :raises LocalError: the caller's environment names one of them, or where connections are looked up first.
    """
    found = sorted(name for name in (*connections, *_LOOKED_UP_FIRST) if name in callers)
    if found:
        verb, them = ("is", "it") if len(found) == 1 else ("are", "them")
        raise LocalError(
            f"{', '.join(found)} {verb} set, so the sandbox's invented documents could be booked into what is real: "
            f"unset {them}, or SANDBOX=0 to leave the sandbox out."
        )


def shared_environment(
    state: StateFolder, folders: Folders, *, port: int, airflow_url: str, ledger_url: str, parallelism: int
) -> dict[str, str]:
    """The launcher's defaults, on top of the caller's environment without its Airflow settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    callers_no_proxy = inherited.get("NO_PROXY") or inherited.get("no_proxy") or ""
    no_proxy = ",".join(part for part in (callers_no_proxy, LOOPBACK, "localhost") if part)
    search_path = [str(PROJECT / "include"), str(PROJECT / "plugins")]
    if str(folders.plugins) not in search_path:
        search_path.append(str(folders.plugins))
    environment = {
        **inherited,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]),
        # Not the caller's PYTHONPATH: a module of another project must not stand in for one of ours.
        "PYTHONPATH": os.pathsep.join(search_path),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "AIRFLOW_HOME": str(state.path),
        LEDGER_CONNECTION: ledger_connection(ledger_url),
        **_airflow_settings(state, folders, port, airflow_url),
        **_speed_settings(parallelism),
    }
    if folders.routes:
        environment["INVOICE_BRIDGE_ROUTES_DIR"] = str(folders.routes)
    return environment


def _airflow_settings(state: StateFolder, folders: Folders, port: int, airflow_url: str) -> dict[str, str]:
    base_url = f"http://{LOOPBACK}:{port}"
    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow_url,
        "AIRFLOW__CORE__DAGS_FOLDER": str(folders.dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(folders.plugins),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base_url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": state.secret("fernet_key"),
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "5000",
        # The server listens on the loopback interface alone, so whoever reaches it is on this machine.
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__API__BASE_URL": base_url,
        "AIRFLOW__API__SECRET_KEY": state.secret("api_secret_key"),
        "AIRFLOW__API_AUTH__JWT_SECRET": state.secret("jwt_secret"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(state.path / "logs" / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(state.path / "logs" / "dag_processing"),
    }


def _speed_settings(parallelism: int) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__PARALLELISM": str(parallelism),
        "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": str(parallelism),
        # A slot stays taken for up to this long after its task has ended, because the supervisor may miss the end.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # A task that was killed together with its scheduler is taken up again after this.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "2",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "5",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def ledger_connection(url: str) -> str:
    """The ledger's URL as an Airflow connection in JSON."""
    parts = urlsplit(url)
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": parts.hostname,
            "port": parts.port,
            "login": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "schema": parts.path.lstrip("/"),
        }
    )


def ledger_url(connection: str) -> str:
    """The SQLAlchemy URL of an Airflow connection, given in JSON or as a URI."""
    if not connection.lstrip().startswith("{"):
        scheme, separator, rest = connection.partition("://")
        if not separator or scheme not in {"postgres", "postgresql"}:
            raise LocalError(
                f"{LEDGER_CONNECTION} must be a PostgreSQL connection, as a URI or in Airflow's JSON form."
            )
        return f"postgresql://{rest}"
    try:
        fields = json.loads(connection)
    except json.JSONDecodeError as error:
        raise LocalError(f"{LEDGER_CONNECTION} is not valid JSON: {error}.") from error
    login, password = quote(fields.get("login") or "", safe=""), quote(fields.get("password") or "", safe="")
    server = f"{fields.get('host')}:{fields.get('port') or 5432}"
    return f"postgresql://{login}:{password}@{server}/{fields.get('schema') or ''}"
