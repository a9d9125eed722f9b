"""Airflow's REST API, as far as the launcher, the end-to-end tests and the benchmarks need it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = 100
FINAL_RUN_STATES = frozenset({"success", "failed"})


@dataclass(frozen=True)
class TaskInstance:
    """One task instance of a run; a mapped task has one for each map index."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int
    rendered_map_index: str | None
    note: str | None
    duration: float | None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> TaskInstance:
        """From the API's answer."""
        known: dict[str, Any] = {name: fields.get(name) for name in cls.__dataclass_fields__}
        return cls(**known)


class RestApi:
    """The calls, with a token that renews itself.

    :param login: name and password; nobody's where Airflow lets everybody in.
    """

    def __init__(self, base_url: str, login: tuple[str, str] | None = None) -> None:
        self.base_url = base_url
        self._login = login
        self._session = requests.Session()
        # A proxy has no part in talking to this machine.
        self._session.trust_env = False

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def healthy(self, since: datetime) -> set[str] | None:
        """The components with a heartbeat later than this; None while nobody answers.

        Airflow calls a component healthy for half a minute after it was killed, which a restart must not believe.
        """
        try:
            answer = self._session.get(f"{self.base_url}/api/v2/monitor/health", timeout=10)
            # The first request of this kind builds the tasks' half of the server, which takes seconds.
            tasks_side = self._session.get(f"{self.base_url}/execution/health", timeout=60)
        except requests.RequestException:
            return None
        if not (answer.ok and tasks_side.ok):
            return None
        return {name for name, part in answer.json().items() if part and _beats(name, part, since)}

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One call below `/api/v2`; the parsed answer."""
        answer = self._send(method, path, **options)
        if answer.status_code == requests.codes.unauthorized:
            self._session.headers.pop("Authorization", None)
            answer = self._send(method, path, **options)
        if not answer.ok:
            raise LocalError(
                f"Airflow's REST API answered {answer.status_code} to {method} {path}: {answer.text[:500]}"
            )
        return answer.json() if answer.content else None

    def pages(self, path: str, key: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All elements of a list that comes in pages."""
        offset = 0
        while True:
            page = self.call("GET", path, params={**params, "limit": PAGE, "offset": offset})
            yield from page[key]
            offset += PAGE
            if not page[key] or offset >= page["total_entries"]:
                return

    def dag_ids(self, prefix: str = "", parsed_since: datetime | None = None) -> list[str]:
        """The ids of the DAGs that Airflow knows, sorted; with a time only those that it has read since."""
        dags = [dag for dag in self.pages("dags", "dags") if dag["dag_id"].startswith(prefix)]
        return sorted(dag["dag_id"] for dag in dags if not parsed_since or _at(dag["last_parsed_time"]) >= parsed_since)

    def import_errors(self, since: datetime) -> dict[str, str]:
        """The stack trace by DAG file, of the files that were read since then."""
        errors = self.pages("importErrors", "import_errors")
        return {error["filename"]: error["stack_trace"] for error in errors if _at(error["timestamp"]) >= since}

    def active_dag_ids(self) -> list[str]:
        """The ids of the DAGs that are not paused."""
        return sorted(dag["dag_id"] for dag in self.pages("dags", "dags", paused=False))

    def set_paused(self, dag_id: str, paused: bool) -> None:
        """Pause or unpause a DAG."""
        self.call("PATCH", f"dags/{dag_id}", json={"is_paused": paused})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None, logical_date: datetime | None) -> str:
        """Start a run by hand; its id."""
        body = {"logical_date": logical_date.isoformat() if logical_date else None, "conf": dict(conf or {})}
        return str(self.call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def running_runs(self, dag_id: str) -> list[str]:
        """The ids of the runs that are at work, whoever started them."""
        runs = self.pages(f"dags/{dag_id}/dagRuns", "dag_runs", state="running")
        return [run["dag_run_id"] for run in runs]

    def newest_run(self, dag_id: str) -> str | None:
        """The id of the run that started last."""
        answer = self.call("GET", f"dags/{dag_id}/dagRuns", params={"order_by": "-start_date", "limit": 1})
        return str(answer["dag_runs"][0]["dag_run_id"]) if answer["dag_runs"] else None

    def run_state(self, dag_id: str, run_id: str) -> str:
        """The state of a run."""
        return str(self.call("GET", _run(dag_id, run_id))["state"])

    def wait(self, dag_id: str, run_id: str, timeout: float, interval: float = 0.5) -> str:
        """Wait for the end of a run; its state."""
        deadline = time.monotonic() + timeout
        while (state := self.run_state(dag_id, run_id)) not in FINAL_RUN_STATES:
            if time.monotonic() > deadline:
                raise LocalError(f"The run {run_id} of {dag_id} was still {state} after {timeout:.0f} s.")
            time.sleep(interval)
        return state

    def task_instances(self, dag_id: str, run_id: str, task_id: str | None = None) -> list[TaskInstance]:
        """The task instances of a run, sorted by task and map index."""
        params = {"task_id": task_id} if task_id else {}
        found = self.pages(f"{_run(dag_id, run_id)}/taskInstances", "task_instances", **params)
        instances = [TaskInstance.from_json(fields) for fields in found if not task_id or fields["task_id"] == task_id]
        return sorted(instances, key=lambda instance: (instance.task_id, instance.map_index))

    def clear(self, dag_id: str, run_id: str, task_id: str, map_index: int | None, downstream: bool) -> list[str]:
        """Clear a task, or one of its map indexes; the ids of the tasks that were cleared."""
        target = task_id if map_index is None else [task_id, map_index]
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [target],
            "only_failed": False,
            "include_downstream": downstream,
        }
        cleared = self.call("POST", f"dags/{dag_id}/clearTaskInstances", json=body)
        return [fields["task_id"] for fields in cleared["task_instances"]]

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str, map_index: int) -> Any:
        """The value that a task left under a key."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/{key}"
        return self.call("GET", path, params={"map_index": map_index, "deserialize": True})["value"]

    def task_log(self, dag_id: str, run_id: str, task_id: str, map_index: int, try_number: int) -> str:
        """The log of one try, one event per line."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/logs/{try_number}"
        answer = self.call(
            "GET", path, params={"map_index": map_index, "full_content": True}, headers={"Accept": "application/json"}
        )
        content = answer["content"]
        return "\n".join(event if isinstance(event, str) else _line(event) for event in content)

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        if "Authorization" not in self._session.headers:
            answer = self._ask_for_token()
            answer.raise_for_status()
            self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return self._session.request(method, f"{self.base_url}/api/v2/{path}", timeout=60, **options)

    def _ask_for_token(self) -> requests.Response:
        address = f"{self.base_url}/auth/token"
        if self._login is None:
            return self._session.get(address, timeout=30)
        name, password = self._login
        return self._session.post(address, json={"username": name, "password": password}, timeout=30)


def _run(dag_id: str, run_id: str) -> str:
    return f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"


def _beats(name: str, part: Mapping[str, Any], since: datetime) -> bool:
    if name == "metadatabase":
        return bool(part["status"] == "healthy")
    heartbeat = part.get(f"latest_{name}_heartbeat")
    return part["status"] == "healthy" and bool(heartbeat) and _at(heartbeat) >= since


def _at(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)


def _line(event: Mapping[str, Any]) -> str:
    details = " ".join(
        f"{key}={value}" for key, value in event.items() if key not in {"timestamp", "event", "level", "logger", "chan"}
    )
    return " ".join(part for part in (event.get("timestamp"), event.get("level"), event.get("event"), details) if part)
