"""The sandbox as a process of its own, so that its processor time is told apart from everybody else's."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Self

import requests

from local.processes import Guard, LocalProcess, stop_processes
from local.settings import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 60.0


class SandboxProcess:
    """A sandbox of plain documents that all move.

    :param folder: of its own, for its log.
    :param documents: how many wait in each source.
    """

    def __init__(self, folder: Path, documents: int) -> None:
        self._ready_file = folder / "ready.json"
        command = [sys.executable, "-m", "sandbox", "serve", "--data", "plain", "--documents", str(documents)]
        command += ["--ready-file", str(self._ready_file)]
        folder.mkdir()
        self.process = LocalProcess("sandbox", command, env=os.environ, cwd=PROJECT, log=folder / "sandbox.log")
        self._guard = Guard(PROJECT)
        self._guard.watch(self.process)
        self._session = requests.Session()
        self._session.trust_env = False
        self._url = ""
        self.connections: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        deadline = time.monotonic() + START_SECONDS
        while not self._ready_file.exists():
            self.process.check()
            if time.monotonic() > deadline:
                raise SystemExit(f"The sandbox was not ready within {START_SECONDS:.0f} s: {self.process.log}")
            time.sleep(0.1)
        ready = json.loads(self._ready_file.read_text("utf-8"))
        self._url, self.connections = ready["url"], ready["connections"]
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        stop_processes([self.process])
        self._guard.dismiss()

    @property
    def page(self) -> str:
        """The address of something small."""
        return f"{self._url}/sandbox/calls"

    def calls(self) -> dict[str, Any]:
        """How often each API was called, by system."""
        return dict(self._ask("GET", "calls"))

    def reset_calls(self) -> None:
        """Count from zero."""
        self._ask("POST", "calls/reset")

    def _ask(self, method: str, path: str) -> Any:
        answer = self._session.request(method, f"{self._url}/sandbox/{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()
