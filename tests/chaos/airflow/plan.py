"""What is struck in one part of a round, and after which share of its documents."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from tests.chaos.airflow.strikes import ON_SERVERS, ON_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WAIT_FOR_VICTIM = 20.0


class CanStrike(Protocol):
    """Who carries strikes out."""

    def strike(self, what: str) -> bool:
        """Strike once; false when there was nobody to strike."""


class Plan:
    """The strikes that are still to come.

    :param strikes: after which share of the documents what is struck, in that order.
    :param patience: seconds for which a strike waits for a victim.
    """

    def __init__(self, strikes: Sequence[tuple[float, str]], patience: float = WAIT_FOR_VICTIM) -> None:
        self._left = list(strikes)
        self._patience = patience
        self._due_since = time.monotonic()
        self._without_victim: Counter[str] = Counter()

    def strike_when_due(self, striker: CanStrike, progress: Callable[[], float]) -> None:
        """Carry out the next strike if its time has come."""
        if not self._left or progress() < self._left[0][0]:
            self._due_since = time.monotonic()
            return
        what = self._left[0][1]
        if not striker.strike(what):
            # Between two tasks of a run there may be nobody to strike for a moment.
            if time.monotonic() - self._due_since <= self._patience:
                return
            self._without_victim[what] += 1
        del self._left[0]
        self._due_since = time.monotonic()

    @property
    def missed(self) -> Counter[str]:
        """What was not struck: nobody was there, or the runs were over before its time came."""
        return self._without_victim + Counter(what for _, what in self._left)

    def missed_tasks(self) -> int:
        """How many strikes at tasks did not happen; which of them find a victim is up to the machine."""
        return sum(self.missed[what] for what in ON_TASKS)

    def missed_servers(self) -> list[str]:
        """A sentence about every server that was to be struck and was not: the round proves less than it claims."""
        return [
            f"{what} was to be struck, and was not: {count} ×"
            for what, count in sorted(self.missed.items())
            if what in ON_SERVERS
        ]
