"""Tasks that a worker of the executor took and, killed at that moment, never started.

Airflow's LocalExecutor cannot take a task back, so `scheduler.task_queued_timeout` does nothing for these: they stay
queued until the scheduler is restarted.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

BETWEEN_CHECKS = 60.0
"""Seconds; a task that a worker takes waits for a small part of that."""


class HasQueue(Protocol):
    """Runs that can be asked for what waits in the executor."""

    def queued(self) -> set[Hashable]: ...


class LostTasks:
    """Watches runs for tasks that wait in the executor from one check to the next."""

    def __init__(self, runs: HasQueue, now: Callable[[], float] = time.monotonic) -> None:
        self._runs = runs
        self._now = now
        self._next_look = now() + BETWEEN_CHECKS
        self._waited: set[Hashable] = set()

    def are_there(self) -> bool:
        """Whether a task is lost; they are looked for once a minute."""
        if self._now() < self._next_look:
            return False
        self._next_look = self._now() + BETWEEN_CHECKS
        waiting = self._runs.queued()
        lost = waiting & self._waited
        # Whoever brings the lost ones back puts them into the queue anew.
        self._waited = set() if lost else waiting
        return bool(lost)
