"""Processor time by kind of process: what load and pauses of the machine do not change."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.processes import LocalProcess

TASKS, SUPERVISORS = "tasks", "tasks' supervisors"
SCHEDULER = "scheduler"

Seconds = dict[str, float]


def spent(processes: Mapping[str, LocalProcess]) -> Seconds:
    """Seconds that each kind of process has used since its start, its ended children with it.

    The scheduler's children are the executor's workers, each the supervisor of one task at a time, and the tasks are
    theirs. While tasks run the figures are too small: a task counts when it has ended.
    """
    seconds: Seconds = {}
    for name, process in processes.items():
        if name != SCHEDULER:
            seconds[name] = sum(_own(each) + _of_children(each) for each in _tree(process.pid))
            continue
        scheduler = psutil.Process(process.pid)
        workers = scheduler.children()
        seconds[SCHEDULER] = _own(scheduler) + _of_children(scheduler)
        seconds[SUPERVISORS] = sum(_own(worker) for worker in workers)
        seconds[TASKS] = sum(_of_children(worker) for worker in workers)
    return seconds


def between(before: Seconds, after: Seconds) -> Seconds:
    """What each kind used between two readings."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


def load() -> str:
    """How busy the machine is, for the reader of a figure."""
    return f"{os.getloadavg()[0]:.1f}"


def _tree(pid: int) -> Iterator[psutil.Process]:
    root = psutil.Process(pid)
    yield root
    yield from root.children(recursive=True)


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _of_children(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.children_user + times.children_system)
    return 0.0
