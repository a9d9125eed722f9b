"""How long one call waits in place. After that its error goes to the task, which gives its worker slot back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from tenacity import Retrying

from invoice_bridge_core.errors import BridgeError, LimitReachedError, TransientError
from invoice_bridge_core.ports.pacing import OWN_PACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

LONGEST_WAIT = 61.0
"""Seconds that one call may wait in all: a limit per minute asks for 60 at most, and a little is added."""
MORE_READS = 2
"""Further tries of a read that met passing trouble."""
MORE_AT_LIMIT = 12
"""Further tries of a request that met a limit, however short the waits: each try counts towards the limit."""
UNTIMED_LIMITS = frozenset({"", "concurrent"})
"""Limits that pass by themselves within seconds and name no time (contract xero.md, limits)."""

T = TypeVar("T")


class CallRetry:
    """The tries of one call: which error is followed by another try, and after how many seconds.

    A limit means that the request was not processed, so a write may be sent again, too. After any other error only
    reads are tried again.

    :param is_read: whether the call only reads.
    :param longest_wait: seconds in sum.
    """

    def __init__(self, *, is_read: bool, longest_wait: float = LONGEST_WAIT) -> None:
        self._is_read = is_read
        self._left = longest_wait
        self._reads_left = MORE_READS
        self._limits_left = MORE_AT_LIMIT
        self._pause = 0.0

    def call(self, attempt: Callable[[], T], sleep: Callable[[float], None]) -> T:
        """The attempt's value, or its last error when waiting is over, which says whether it was not the first."""
        loop = Retrying(retry=self._permits, wait=lambda _: self._pause, sleep=sleep, reraise=True)
        try:
            return loop(attempt)
        except BridgeError as error:
            error.is_of_a_repeated_call = loop.statistics.get("attempt_number", 1) > 1
            raise

    def _permits(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        pause = self._pause_after(error) if isinstance(error, TransientError) else None
        if pause is None or pause > self._left:
            return False
        self._left -= pause
        self._pause = pause
        return True

    def _pause_after(self, error: TransientError) -> float | None:
        if isinstance(error, LimitReachedError) or (self._is_read and error.retry_after is not None):
            return self._pause_at_limit(error)
        if self._is_read and self._reads_left:
            self._reads_left -= 1
            return random.uniform(0.1, 0.3) * 2.0 ** (MORE_READS - self._reads_left)  # noqa: S311 - only spreads tries
        return None

    def _pause_at_limit(self, error: TransientError) -> float | None:
        limit = error.limit if isinstance(error, LimitReachedError) else ""
        if limit == OWN_PACE:
            # It has waited for its turn already.
            return None
        if not self._limits_left or (error.retry_after is None and limit not in UNTIMED_LIMITS):
            return None
        self._limits_left -= 1
        if error.retry_after is None:
            return random.uniform(0.2, 2.0)  # noqa: S311 - only spreads tries
        # A little more than asked for, so that tasks which were told the same do not come back all at once.
        return error.retry_after.total_seconds() + random.uniform(0.05, 0.5)  # noqa: S311 - only spreads tries
