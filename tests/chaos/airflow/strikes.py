"""What is struck while documents move: task processes, their supervisors, and the servers that Airflow needs."""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    from local.airflow import LocalAirflow

TASK = "task process"
SUPERVISOR = "its supervisor"
BOTH = "task and supervisor"
SCHEDULER = "scheduler"
SCHEDULER_TREE = "scheduler with all tasks"
POSTGRES = "PostgreSQL"
API_SERVER = "API server"
ON_TASKS = (TASK, SUPERVISOR, BOTH)
ON_SERVERS = (SCHEDULER, SCHEDULER_TREE, POSTGRES, API_SERVER)

_TITLE = "airflow worker -- "
_WORKER = f"{_TITLE}LocalExecutor"
_PATIENCE = 40.0
_STARTED_SECONDS = 0.8


@dataclass
class Striker:
    """Kills by SIGKILL, brings back what a service manager would bring back, and keeps count."""

    airflow: LocalAirflow
    rng: Random
    struck: Counter[str] = field(default_factory=Counter)
    ended_by_itself: Counter[str] = field(default_factory=Counter)
    lost_tasks: int = 0
    told: list[str] = field(default_factory=list)
    _orphans: dict[int, psutil.Process] = field(default_factory=dict)

    def strike(self, what: str) -> bool:
        """Strike once; false when there was nobody to strike."""
        ways: dict[str, Callable[[], str | None]] = {
            TASK: lambda: self._strike_task(task=True, supervisor=False),
            SUPERVISOR: lambda: self._strike_task(task=False, supervisor=True),
            BOTH: lambda: self._strike_task(task=True, supervisor=True),
            SCHEDULER: lambda: self._strike_scheduler(alone=True),
            SCHEDULER_TREE: lambda: self._strike_scheduler(alone=False),
            POSTGRES: self._strike_postgres,
            API_SERVER: lambda: self._strike_server("api-server"),
        }
        whom = ways[what]()
        if whom is None:
            return False
        self.struck[what] += 1
        self.told.append(f"{time.strftime('%H:%M:%S')} {what}: {whom}")
        return True

    def revive(self) -> None:
        """Start again whatever ended, PostgreSQL before those that need it."""
        for name in ("postgres", *(set(self.airflow.processes) - {"postgres"})):
            process = self.airflow.processes[name]
            if process.running():
                continue
            self.ended_by_itself[name] += 1
            self.told.append(f"{time.strftime('%H:%M:%S')} {name} had ended by itself")
            _start_again(self.airflow, name)

    def bring_back_lost_tasks(self) -> None:
        """Restart the scheduler: the next one takes back what its executor was given and never started."""
        self.lost_tasks += 1
        self.told.append(f"{time.strftime('%H:%M:%S')} scheduler restarted: a task was taken and never started")
        _start_again(self.airflow, "scheduler")

    def clear_orphans(self) -> int:
        """End the processes that lost their scheduler or supervisor, after giving their tasks time; how many stayed."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and any(_is_at_work(each) for each in self._orphans.values()):
            time.sleep(0.5)
        stayed = [each for each in self._orphans.values() if _is_at_work(each)]
        _kill(self._orphans.values())
        self._orphans.clear()
        return len(stayed)

    def _strike_task(self, *, task: bool, supervisor: bool) -> str | None:
        pairs = self._at_work()
        if not pairs:
            return None
        # Most of a task's time goes into its start, where its end disturbs nobody.
        boss, worker = self.rng.choice([pair for pair in pairs if _age(pair[1]) > _STARTED_SECONDS] or pairs)
        name = f"{_title(boss).removeprefix(_WORKER)[2:]} ({worker.pid})"
        # A supervisor that has nothing to do may hold the lock of the executor's queue, and nobody would give it back.
        if "<idle>" in name:
            return None
        if supervisor:
            _kill([boss])
        if task:
            _kill([worker])
        else:
            self._orphans[worker.pid] = worker
        return name

    def _at_work(self) -> list[tuple[psutil.Process, psutil.Process]]:
        """Supervisors and the task processes that they watch."""
        pairs = []
        for boss in _children(self.airflow.processes["scheduler"].pid):
            pairs += [(boss, worker) for worker in _children(boss.pid) if _title(worker).startswith(_TITLE)]
        return sorted(pairs, key=lambda pair: pair[1].pid)

    def _strike_scheduler(self, *, alone: bool) -> str:
        pid = self.airflow.processes["scheduler"].pid
        family = psutil.Process(pid).children(recursive=True)
        _kill([psutil.Process(pid)])
        if alone:
            self._orphans |= {each.pid: each for each in family}
        else:
            _kill(family)
        _start_again(self.airflow, "scheduler")
        return f"{len(family)} processes {'left behind' if alone else 'killed with it'}"

    def _strike_postgres(self) -> str:
        process = self.airflow.processes["postgres"]
        backends = psutil.Process(process.pid).children(recursive=True)
        number = self.rng.choice((signal.SIGKILL, signal.SIGQUIT))
        psutil.Process(process.pid).send_signal(number)
        _, alive = psutil.wait_procs(backends, timeout=10)
        _kill(alive)
        away = self.rng.choice((0.0, 3.0, 8.0))
        time.sleep(away)
        _start_again(self.airflow, "postgres")
        return f"{number.name}, {len(backends)} backends, away for {away:.0f} s"

    def _strike_server(self, name: str) -> str:
        pid = self.airflow.processes[name].pid
        family = psutil.Process(pid).children(recursive=True)
        _kill([psutil.Process(pid), *family])
        _start_again(self.airflow, name)
        return name


def _start_again(airflow: LocalAirflow, name: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            airflow.restart(name)
        except LocalError:
            # The port, or the memory of a server that has just died, is still being given back.
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _children(pid: int) -> list[psutil.Process]:
    try:
        return [each for each in psutil.Process(pid).children() if each.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


def _age(process: psutil.Process) -> float:
    try:
        return time.time() - process.create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _is_at_work(process: psutil.Process) -> bool:
    try:
        alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    return alive and _title(process).startswith(_TITLE) and "<idle>" not in _title(process)
