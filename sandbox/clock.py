"""The sandbox's clock: real time that a test may push forward, so that nobody sleeps until a token expires."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta


class Clock:
    """Wall clock with an offset. Instants handed out by `stamp` never repeat and never go back."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def seconds(self) -> float:
        """Seconds since the epoch, as this sandbox sees them."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Push the clock forward."""
        self._offset += seconds

    def reset(self) -> None:
        """Back to real time; stamps too, so nothing that was stamped before may be kept."""
        with self._lock:
            self._offset = 0.0
            self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The current instant in UTC."""
        return datetime.fromtimestamp(self.seconds(), tz=UTC)

    def today(self) -> date:
        """The current date in UTC."""
        return self.now().date()

    def stamp(self) -> datetime:
        """The current instant, a microsecond later than the stamp before if need be: two changes are never equal."""
        with self._lock:
            self._last = max(self.now(), self._last + timedelta(microseconds=1))
            return self._last

    def not_before(self, instant: str) -> None:
        """Make sure that stamps come after an ISO instant (one that was stored by an earlier process)."""
        with self._lock:
            self._last = max(self._last, datetime.fromisoformat(instant))
