"""Call limits: so many calls in a sliding window of time, and so many in flight."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.clock import Clock

RELAXED_FACTOR = 100


@dataclass
class Window:
    """At most `allowed` calls within any `seconds`."""

    name: str
    allowed: int
    seconds: float
    clock: Clock
    _calls: deque[float] = field(default_factory=deque)

    def remaining(self) -> int:
        """How many calls are left now."""
        oldest = self.clock.seconds() - self.seconds
        while self._calls and self._calls[0] <= oldest:
            self._calls.popleft()
        return max(0, self.allowed - len(self._calls))

    def retry_after(self) -> int:
        """Whole seconds until the next call is possible, at least one."""
        if self.remaining():
            return 1
        return max(1, math.ceil(self._calls[0] + self.seconds - self.clock.seconds()))

    def forget(self) -> None:
        """Start counting anew."""
        self._calls.clear()

    def take(self) -> None:
        """Count one call."""
        self._calls.append(self.clock.seconds())


class Limits:
    """Several windows that all must have room."""

    def __init__(self, *windows: Window) -> None:
        self.windows = {window.name: window for window in windows}

    def forget(self) -> None:
        """Start counting anew."""
        for window in self.windows.values():
            window.forget()

    def take(self) -> Window | None:
        """Count one call in every window, or return the exhausted window and count nothing."""
        for window in self.windows.values():
            if not window.remaining():
                return window
        for window in self.windows.values():
            window.take()
        return None
