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
]
_NEEDS_AN_ANSWER = ("half_json", "cut_short", "wrong_type")


class Fault(BaseModel):
    """One fault and the calls that it hits.

    `when="before"`: the system never sees the call. `when="after"`: it is processed and only its answer suffers.
    `close` closes the connection without an answer, `cut_short` in the middle of the body, `half_json`
    is a complete answer with half a document, `error` is a 500, `refuse` a 422: a definite no.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    system: str = "*"
    method: str = "*"
    path: str = Field(default="*", description="Glob over the path below the system's base, or a regex after 're:'.")
    when: Literal["before", "after"] = "before"
    nth: int | None = Field(default=None, ge=1, description="Hit only the nth matching call.")
    count: int | None = Field(default=None, ge=1, description="Stop after so many hits; None: every call.")
    seconds: float = Field(default=0.0, ge=0, description="Length of a delay.")
    retry_after: int | None = Field(default=None, description="Retry-After of a 429 or 503; None: no such header.")
    limit: Literal["minute", "day", "concurrent"] = "minute"

    _seen: int = PrivateAttr(default=0)
    _hits: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _only_answers_can_be_mangled(self) -> "Fault":
        if self.kind in _NEEDS_AN_ANSWER:
            self.when = "after"
        return self

    @property
    def hits(self) -> int:
        """How many calls this fault has hit."""
        return self._hits

    def strikes(self, system: str, method: str, path: str) -> bool:
        """Whether this call is hit; counts it when it matches."""
        if self.system not in ("*", system) or self.method.upper() not in ("*", method) or not self._matches(path):
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

    def striking(self, system: str, method: str, path: str) -> list[Fault]:
        """The faults that hit this call."""
        with self._lock:
            return [fault for fault in self._faults if fault.strikes(system, method, path)]
