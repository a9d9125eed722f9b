"""What a server process keeps between requests, and makes anew now and then."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = TypeVar("Kind")


class Kept(Generic[Kind]):
    """Something that is made anew now and then, by one thread at a time.

    :param end: what is done with the old one.
    """

    def __init__(self, make: Callable[[], Kind], seconds: float, end: Callable[[Kind], None] = lambda _: None) -> None:
        self._make, self._seconds, self._end = make, seconds, end
        self._lock = threading.Lock()
        self._kept: tuple[float, Kind] | None = None

    def get(self) -> Kind:
        """The one of now."""
        with self._lock:
            before = self._kept
            if before is not None and time.monotonic() - before[0] < self._seconds:
                return before[1]
            made = self._make()
            self._kept = (time.monotonic(), made)
        if before is not None:
            self._end(before[1])
        return made
