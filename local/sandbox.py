"""The sandbox as a process: the four APIs that the project talks to, played on this machine."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import requests

from local.errors import LocalError
from local.processes import LocalProcess
from local.settings import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.state_folder import StateFolder

START_SECONDS = 60.0
_PAID = frozenset({"Paid", "Received"})


class LocalSandbox:
    """A running sandbox: its address, its connections, and its own view of what should happen."""

    def __init__(self, state: StateFolder, env: Mapping[str, str]) -> None:
        self._ready_file = state.path / "sandbox_ready.json"
        # Its port is new at every start; the file of the last start would name the old one.
        self._ready_file.unlink(missing_ok=True)
        folder = state.path / "sandbox"
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "sandbox", "serve", "--state", str(folder)]
        command += ["--port", "0", "--ready-file", str(self._ready_file)]
        self.process = LocalProcess("sandbox", command, env=env, cwd=PROJECT, log=state.log("sandbox"))
        self.url = ""
        self._conn_types: dict[str, str] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def wait(self) -> dict[str, str]:
        """Wait until it serves; the connections to it, as environment variables."""
        deadline = time.monotonic() + START_SECONDS
        while (ready := self._ready()) is None:
            self.process.check()
            if time.monotonic() > deadline:
                raise LocalError(f"The sandbox was not ready within {START_SECONDS:.0f} s (log: {self.process.log})")
            time.sleep(0.1)
        self.url = ready["url"]
        self._conn_types = {conn_id: fields["conn_type"] for conn_id, fields in ready["connections"].items()}
        return {
            f"AIRFLOW_CONN_{conn_id.upper()}": json.dumps(fields) for conn_id, fields in ready["connections"].items()
        }

    def close(self) -> None:
        """Close the connections to it."""
        self._session.close()

    def expectations(self) -> list[dict[str, Any]]:
        """For every document of the sandbox, how its transfer should end."""
        documents: list[dict[str, Any]] = self._call("GET", "/sandbox/expectations")["documents"]
        return documents

    def calls(self) -> dict[str, Any]:
        """How often each API was called, by system."""
        counters: dict[str, Any] = self._call("GET", "/sandbox/calls")
        return counters

    def reset_calls(self) -> None:
        """Count from zero."""
        self._call("POST", "/sandbox/calls/reset")

    def booked(self, conn_id: str) -> dict[str, dict[str, Any]]:
        """What the finance system of a connection holds, by its id: status, what is due, what can be done with it."""
        documents = self._call("GET", f"/sandbox/{self._conn_types[conn_id]}/documents")["documents"]
        return {document["id"]: document for document in documents}

    def pay(self, conn_id: str, finance_id: str, amount: str | None = None) -> None:
        """Let the bookkeeper behind a connection receive money: all that is due when no amount is given."""
        body = {"document": finance_id} | ({} if amount is None else {"amount": amount})
        self._call("POST", f"/sandbox/{self._conn_types[conn_id]}/bookkeeper/pay", body)

    def known_as_paid(self) -> set[str]:
        """Numbers of the documents that the sources know to be paid."""
        told = [one for documents in self._call("GET", "/sandbox/told").values() for one in documents]
        return {one["document"].rpartition("/")[2] for one in told if one["status"] in _PAID}

    def sales(self) -> list[dict[str, Any]]:
        """What the sandbox's Qondor shows as sales."""
        sales: list[dict[str, Any]] = self._call("GET", "/sandbox/qondor/sales")["sales"]
        return sales

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, self.url + path, json=body, timeout=30)
        if not answer.ok:
            raise LocalError(f"The sandbox answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def _ready(self) -> dict[str, Any] | None:
        if not self._ready_file.exists():
            return None
        try:
            ready: dict[str, Any] = json.loads(self._ready_file.read_text("utf-8"))
        except json.JSONDecodeError:
            # Seen between its creation and its last byte.
            return None
        return ready
