"""Starting and stopping processes so that none is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil

from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

STOP_SECONDS = 10.0
REMIND_SECONDS = 3.0
ORPHAN_SECONDS = 2.0
_NOISE = re.compile(r"^\s*$|^\s*[\^~╭╰│─\-]+\s*$|^\s+(File |at )")
_MEANINGFUL = re.compile(r"error|exception|fatal|critical|refused|denied|no space|already in use|killed", re.IGNORECASE)


class LocalProcess:
    """One long-running process in its own process group, its output in a log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        user: int | None = None,
        group: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        # The log of this start alone: an old error must not be taken for today's.
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )

    @property
    def pid(self) -> int:
        """The process id, which is its group's id too."""
        return self._popen.pid

    def running(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, as `subprocess` says it; `None` while it runs."""
        return self._popen.poll()

    def check(self) -> None:
        """Raise the sentence about its end if it has ended."""
        code = self._popen.poll()
        if code is None:
            return
        how = f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        raise LocalError(f"The {self.name} {how}: {last_meaningful_line(self.log)} (log: {self.log})")

    def reap(self) -> None:
        """Collect the exit code, so that no zombie stays."""
        self._popen.wait(timeout=STOP_SECONDS)


def last_meaningful_line(log: Path) -> str:
    """The line of a log that most likely says why the process ended."""
    if not log.exists():
        return "its log was never written"
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()[-200:] if not _NOISE.match(line)]
    telling = [line for line in lines if _MEANINGFUL.search(line)]
    chosen = (telling or lines or ["its log is empty"])[-1]
    return re.sub(r"\x1b\[[0-9;]*m", "", chosen)[:400]


def stop_processes(processes: Sequence[LocalProcess], patience: float = STOP_SECONDS) -> None:
    """Pause the processes, all at the same time, and everything they started."""
    stop_trees([(process.pid, process.stop_signal) for process in processes if process.running()], patience)
    for process in processes:
        process.reap()


def stop_trees(roots: Iterable[tuple[int, int]], patience: float = STOP_SECONDS) -> None:
    """Send each root its signal, give the trees time, then kill what is left of them.

    Airflow puts every task into a process group of its own, so the groups of the roots are not enough: the descendants
    are collected while their parents still live.
    """
    alive: dict[int, psutil.Process] = {}
    signals = dict(roots)
    for pid, number in signals.items():
        try:
            process = psutil.Process(pid)
            _collect(process, alive)
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
    deadline = time.monotonic() + patience
    reminder = time.monotonic() + REMIND_SECONDS
    while alive and time.monotonic() < deadline:
        time.sleep(0.1)
        if time.monotonic() > reminder:
            # Airflow's scheduler turns the signal into an exception, which Python drops in some places.
            reminder = deadline
            for pid, number in signals.items():
                _signal([alive[pid]] if pid in alive else [], number)
        for process in list(alive.values()):
            _collect(process, alive)
        alive = {pid: process for pid, process in alive.items() if _lives(process)}
        if signals and not signals.keys() & alive.keys():
            # Nobody is left who would tell the others.
            signals.clear()
            deadline = min(deadline, time.monotonic() + ORPHAN_SECONDS)
            _signal(alive.values(), signal.SIGTERM)
    _signal(alive.values(), signal.SIGKILL)
    psutil.wait_procs(list(alive.values()), timeout=3)


def _signal(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _collect(process: psutil.Process, into: dict[int, psutil.Process]) -> None:
    try:
        for found in [process, *process.children(recursive=True)]:
            into.setdefault(found.pid, found)
    except psutil.NoSuchProcess:
        return


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def undisturbed() -> Iterator[None]:
    """Finish what is inside even if the user presses Ctrl-C again: half a stop would leave processes behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


class Guard:
    """A small process that stops the others when the launcher dies without having done so, even by `kill -9`."""

    def __init__(self, cwd: Path) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "local.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(cwd)},
            start_new_session=True,
        )

    def watch(self, process: LocalProcess) -> None:
        """Have this process stopped when the launcher dies."""
        self._tell(f"{process.pid} {int(process.stop_signal)}\n")

    def dismiss(self) -> None:
        """End the guard: there is nothing left to watch."""
        self._tell("done\n")
        if self._popen.stdin:
            self._popen.stdin.close()
        self._popen.wait(timeout=STOP_SECONDS)

    def _tell(self, line: str) -> None:
        if self._popen.stdin is None or self._popen.poll() is not None:
            return
        self._popen.stdin.write(line.encode())
        self._popen.stdin.flush()
