"""The folder that keeps everything a local Airflow needs between two starts: databases, secrets, logs."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
from typing import TYPE_CHECKING, TextIO

from local.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

# An Airflow with its logs, and a PostgreSQL cluster with write-ahead log.
NEEDED_BYTES = 500 * 1024 * 1024


class StateFolder:
    """The state folder, locked by the launcher that uses it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: TextIO | None = None

    def open(self) -> None:
        """Create the folder, refuse a full disk and a second launcher."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise LocalError(f"The state folder {self.path} cannot be created: {error.strerror}.") from error
        if free < NEEDED_BYTES:
            raise LocalError(
                f"The disk of {self.path} has {free // 2**20} MB left and {NEEDED_BYTES // 2**20} MB are needed: "
                "make room and start again."
            )
        lock = (self.path / "lock").open("a+", encoding="ascii")
        try:
            # The system gives the lock back when the launcher ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise LocalError(
                f"It is already running in another terminal (process {owner}, state folder {self.path}): "
                "stop that one with Ctrl-C first."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def close(self) -> None:
        """Give the lock back."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def log(self, name: str) -> Path:
        """The log file of a process."""
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.log"

    def secret(self, name: str) -> str:
        """A random secret, made the first time and kept; its form suits Airflow's Fernet key too."""
        stored = self.path / "secrets" / name
        if not stored.exists():
            write_private(stored, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"))
        return stored.read_text("ascii").strip()

    def stamp(self, name: str) -> str:
        """What an earlier start noted under this name; empty if nothing."""
        file = self.path / name
        return file.read_text("utf-8") if file.exists() else ""

    def set_stamp(self, name: str, value: str) -> None:
        """Note something for the next start."""
        (self.path / name).write_text(value, "utf-8")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        # An older file keeps its mode when it is opened.
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
