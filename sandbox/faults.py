"""Faults that a test or a demonstration switches on: what networks, gateways and bad days do to an API call."""

import re
import threading
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

Kind = Literal[
    "close",
    "error",
    "refuse",
    "bad_request",
    "delay",
    "too_many_requests",
    "unavailable",
    "unauthorised",
    "forbidden",
    "html",
    "empty",
    "half_json",
    "cut_short",
    "wrong_type",
    "shuffled",
]
_NEEDS_AN_ANSWER = ("half_json", "cut_short", "wrong_type", "shuffled")
_MAY_BREAK_OFF = ("close", "error", "refuse", "bad_request", "unavailable")


class Fault(BaseModel):
    """One fault and the calls that it hits.

    `when="before"`: the system never sees the call. `when="after"`: it is processed and only its answer suffers.
    `when="within"`: of several things in one call only a part is done, every second one from the first.
    `close` closes the connection without an answer, `cut_short` in the middle of the body, `half_json`
    is a complete answer with half a document, `error` is a 500, `refuse` a 422: a definite no. `bad_request` is a 400
    in the system's own words, `shuffled` an answer whose elements come in another order than they were sent.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    system: str = "*"
    method: str = "*"
    path: str = Field(default="*", description="Glob over the path below the system's base, or a regex after 're:'.")
    body: str = Field(default="", description="A text that stands in the body, such as one document's number.")
    when: Literal["before", "after", "within"] = "before"
    nth: int | None = Field(default=None, ge=1, description="Hit only the nth matching call.")
    count: int | None = Field(default=None, ge=1, description="Stop after so many hits; None: every call.")
    seconds: float = Field(default=0.0, ge=0, description="Length of a delay.")
    retry_after: int | None = Field(default=None, description="Retry-After of a 429 or 503; None: no such header.")
    limit: Literal["minute", "day", "concurrent"] = "minute"

    _seen: int = PrivateAttr(default=0)
    _hits: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _comes_where_it_can(self) -> "Fault":
        if self.kind in _NEEDS_AN_ANSWER:
            self.when = "after"
        if self.when == "within" and self.kind not in _MAY_BREAK_OFF:
            raise ValueError(f"{self.kind} cannot come within a call")
        return self

    @property
    def hits(self) -> int:
        """How many calls this fault has hit."""
        return self._hits

    def strikes(self, system: str, method: str, path: str, body: bytes = b"") -> bool:
        """Whether this call is hit; counts it when it matches."""
        if self.system not in ("*", system) or self.method.upper() not in ("*", method) or not self._matches(path):
            return False
        if self.body.encode() not in body:
            return False
        self._seen += 1
        if (self.nth is not None and self._seen != self.nth) or (self.count is not None and self._hits >= self.count):
            return False
        self._hits += 1
        return True

    def _matches(self, path: str) -> bool:
        if self.path.startswith("re:"):
            return re.search(self.path.removeprefix("re:"), path) is not None
        return fnmatchcase(path.lower(), self.path.lower())


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on and return it, so that its hits can be read later."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()

    def all(self) -> list[Fault]:
        """The faults that are switched on, in the order in which they were added."""
        with self._lock:
            return list(self._faults)

    def striking(self, system: str, method: str, path: str, body: bytes = b"") -> list[Fault]:
        """The faults that hit this call."""
        with self._lock:
            return [fault for fault in self._faults if fault.strikes(system, method, path, body)]
