"""What can happen at a boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.chaos.boundary import CALL, COMMIT, GO, KILL, LOOK, LOSE_AFTER, LOSE_BEFORE, REFUSE, TIME_OUT

if TYPE_CHECKING:
    from tests.chaos.boundary import Boundary

TOKEN_LIFE = 90_000
"""Seconds after which the tokens of all four systems have ended."""


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble.

    :param kinds: the boundaries that it can strike.
    :param order: what the attempt's process is told to do to its call or commit.
    :param fault: what the sandbox is told to do to the call.
    :param after: whether the order holds for the moment after the boundary.
    :param clock: seconds that the sandbox's clock goes forward before the call.
    :param outlasts_lease: whether the answer comes when the lease is over; nobody else comes meanwhile.
    :param of_batches: whether it exists only where one call makes several things.
    :param types: whether a person types the number of one of the documents into finance there.
    """

    name: str
    kinds: tuple[str, ...] = (CALL,)
    order: str = GO
    fault: dict[str, Any] = field(default_factory=dict)
    after: bool = False
    clock: int = 0
    outlasts_lease: bool = False
    of_batches: bool = False
    types: bool = False

    @property
    def kills(self) -> bool:
        """Whether it needs a process that may die."""
        return self.order == KILL

    def can_strike(self, boundary: Boundary) -> bool:
        """Whether the trouble exists there: not every system has every limit, nor takes 503 for the same."""
        if boundary.kind not in self.kinds or (self.of_batches and not boundary.is_batch):
            return False
        if boundary.kind != CALL:
            return True
        # The contracts of the sources say that 503, like 429, means not processed.
        if self.name.startswith("503 after") and boundary.is_write:
            return boundary.system in ("xero", "quiddly")
        if self.fault.get("limit", "minute") != "minute":
            return boundary.system == "xero" and "token" not in boundary.path
        return True


def _fault(name: str, kind: str, when: str = "before", **more: Any) -> Trouble:
    return Trouble(name, fault={"kind": kind, "when": when, **more})


def _limit(name: str, kind: str, when: str = "before", **more: Any) -> Trouble:
    return _fault(name, kind, when, **more)


FAULTS = (
    Trouble("refused", order=REFUSE),
    Trouble("time-out after processing", order=TIME_OUT),
    Trouble("token expired", clock=TOKEN_LIFE),
    Trouble("slow past the lease", outlasts_lease=True),
    _fault("dropped before", "close"),
    _fault("dropped after", "close", "after"),
    _fault("500 before", "error"),
    _fault("500 after", "error", "after"),
    _fault("half a JSON", "half_json", "after"),
    _fault("cut short", "cut_short", "after"),
    _fault("HTML 200 before", "html"),
    _fault("HTML 200 after", "html", "after"),
    _fault("empty 200 after", "empty", "after"),
    _fault("wrong type", "wrong_type", "after"),
    _fault("401", "unauthorised"),
    _limit("429 minute, Retry-After", "too_many_requests", retry_after=7),
    _limit("429 minute, no Retry-After", "too_many_requests"),
    _limit("429 day, Retry-After", "too_many_requests", retry_after=3_000, limit="day"),
    _limit("429 day, no Retry-After", "too_many_requests", limit="day"),
    _limit("429 concurrent", "too_many_requests", limit="concurrent"),
    _limit("503, Retry-After", "unavailable", retry_after=5),
    _limit("503, no Retry-After", "unavailable"),
    _limit("503 after processing", "unavailable", "after"),
)
LOSSES = (
    Trouble("database lost before the commit", (COMMIT, LOOK), LOSE_BEFORE),
    Trouble("database lost after the commit", (COMMIT,), LOSE_AFTER),
)
KILLS = (
    Trouble("killed before", (CALL, COMMIT), KILL),
    Trouble("killed after", (CALL, COMMIT), KILL, after=True),
)
TROUBLES = {trouble.name: trouble for trouble in (*FAULTS, *LOSSES, *KILLS)}


def _batch(name: str, kind: str, when: str) -> Trouble:
    return Trouble(name, fault={"kind": kind, "when": when}, of_batches=True)


IN_BATCHES = {
    trouble.name: trouble
    for trouble in (
        _batch("400 before", "bad_request", "before"),
        _batch("400 within", "bad_request", "within"),
        _batch("400 after", "bad_request", "after"),
        _batch("dropped within", "close", "within"),
        _batch("500 within", "error", "within"),
        _batch("503 within", "unavailable", "within"),
        _batch("shuffled", "shuffled", "after"),
        Trouble("number typed", (CALL, COMMIT), types=True),
    )
}
"""What befalls one call that makes several things, and a person at work meanwhile."""
ALL_TROUBLES = {**TROUBLES, **IN_BATCHES}
