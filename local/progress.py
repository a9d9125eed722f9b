"""What the user sees while something takes its time."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress(Protocol):
    """Where the launcher tells what it does."""

    def say(self, text: str) -> None:
        """One line that stays."""
        ...

    def update(self, text: str) -> None:
        """The state of something long; a later update may replace it."""
        ...

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step with a title, timed."""
        ...


class Silence:
    """Tells nobody; for tests and benchmarks."""

    def say(self, text: str) -> None:
        """Nothing."""

    def update(self, text: str) -> None:
        """Nothing."""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Nothing."""
        yield


class Console:
    """Tells a terminal by rewriting one line, and everything else in plain lines."""

    def __init__(self, stream: TextIO | None = None, plain_interval: float = 5.0) -> None:
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty()
        self._plain_interval = plain_interval
        self._line_open = False
        self._last_update = ("", 0.0)

    def say(self, text: str) -> None:
        """One line that stays."""
        self._close_line()
        print(text, file=self._stream, flush=True)

    def update(self, text: str) -> None:
        """Rewrite the line on a terminal; elsewhere a new line when the text changed, at most every few seconds."""
        last_text, last_time = self._last_update
        if text == last_text:
            return
        if self._terminal:
            print(f"\r\x1b[K{text}", end="", file=self._stream, flush=True)
            self._line_open = True
        elif time.monotonic() - last_time < self._plain_interval:
            return
        else:
            print(text, file=self._stream, flush=True)
        self._last_update = (text, time.monotonic())

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print the title when the step begins, and how long it took when it ends."""
        started = time.monotonic()
        self._close_line()
        # A log file gets one line per step, a terminal sees the title while it waits.
        if self._terminal:
            print(f"{title} …", end="", file=self._stream, flush=True)
            self._line_open = True
        yield
        if self._terminal:
            print("\r\x1b[K", end="", file=self._stream)
            self._line_open = False
        print(f"{title} … {time.monotonic() - started:.1f} s", file=self._stream, flush=True)

    def _close_line(self) -> None:
        if self._line_open:
            print(file=self._stream)
            self._line_open = False
