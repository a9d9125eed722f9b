"""What went over the wire: a log of calls and counters per endpoint."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

_SECRET_HEADERS = {"authorization", "ocp-apim-subscription-key", "cookie"}
_LOG_LENGTH = 100_000


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `path` is relative to the system's base, `template` the endpoint's pattern."""

    system: str
    method: str
    path: str
    template: str
    query: str
    headers: dict[str, str]
    body: bytes
    is_token: bool = False

    @property
    def is_read(self) -> bool:
        """Whether the call changes nothing by its method."""
        return self.method in ("GET", "HEAD")


@dataclass(frozen=True)
class Entry:
    """One line of the log; `status` is 0 when the connection was closed without an answer.

    `refused`: an answer 200 that says that something of what was sent was not done, as Xero's may; `refused_elements`
    names what that is.
    """

    number: int
    system: str
    method: str
    path: str
    template: str
    query: str
    headers: dict[str, str]
    body: Any
    status: int
    fault: str | None
    at: str
    refused: bool = False
    refused_elements: tuple[str, ...] = ()


class Traffic:
    """Log and counters of all systems."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_LOG_LENGTH)
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._number = 0
        self._lock = threading.Lock()

    def record(
        self, call: Call, body: Any, status: int, fault: str | None, at: str, refused_elements: tuple[str, ...] = ()
    ) -> None:
        """Log and count one finished call."""
        headers = {name: value for name, value in call.headers.items() if name not in _SECRET_HEADERS}
        kind = "tokens" if call.is_token else "reads" if call.is_read else "writes"
        with self._lock:
            self._number += 1
            self._counts[call.system, kind, f"{call.method} {call.template}"] += 1
            self._entries.append(
                Entry(
                    self._number,
                    call.system,
                    call.method,
                    call.path,
                    call.template,
                    call.query,
                    headers,
                    body,
                    status,
                    fault,
                    at,
                    bool(refused_elements),
                    refused_elements,
                )
            )

    def keep(self, entry: Entry) -> None:
        """Put a line into the log that another sandbox wrote."""
        with self._lock:
            self._entries.append(entry)

    def log(self, last: int | None = None, system: str | None = None) -> list[Entry]:
        """The newest calls, oldest of them first."""
        with self._lock:
            entries = [entry for entry in self._entries if system in (None, entry.system)]
        return entries if last is None else entries[max(0, len(entries) - last) :]

    def counts(self, systems: list[str]) -> dict[str, dict[str, Any]]:
        """Per system: calls per endpoint, and the totals of reads, writes and token requests."""
        answer: dict[str, dict[str, Any]] = {
            system: {"calls": {}, "reads": 0, "writes": 0, "tokens": 0} for system in systems
        }
        with self._lock:
            counted = sorted(self._counts.items())
        for (system, kind, endpoint), count in counted:
            answer[system][kind] += count
            answer[system]["calls"][endpoint] = answer[system]["calls"].get(endpoint, 0) + count
        return answer

    def reset(self) -> None:
        """Forget counters and log."""
        with self._lock:
            self._counts.clear()
            self._entries.clear()
