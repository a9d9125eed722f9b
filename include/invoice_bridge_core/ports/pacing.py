"""How many calls a system takes, and who hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

OWN_PACE = "pace"
"""The limit of a `LimitReachedError` by which we stop ourselves, before the system has to."""
MOST_SLOTS = 100
_SHORTER_CLOCK = 1.01
"""The other side's second may be a little longer than ours."""


@dataclass(frozen=True)
class Pace:
    """So many calls in any so many seconds, over all tasks that use a connection.

    :param calls: at most so many at the same time, too.
    :param per_day: calls a day; `None` where nobody limits them.
    """

    calls: int
    seconds: float
    per_day: int | None = None

    @classmethod
    def per_second(cls, rate: float, per_day: int | None = None) -> Self:
        """The pace of a rate above 0."""
        calls = min(max(int(rate), 1), MOST_SLOTS)
        return cls(calls, calls / rate * _SHORTER_CLOCK, per_day)


class Pacer(Protocol):
    """Hands out the calls of one connection to all tasks that want to call."""

    def turn(self, pace: Pace, sleep: Callable[[float], None]) -> AbstractContextManager[int]:
        """Wait for a call's turn, and make the call in the block, answer included.

        :param sleep: waits so many seconds.
        :returns: how many calls were made today, this one among them.
        :raises LimitReachedError: the turn would come too late, or the day's calls are used up; nothing was sent.
        :raises TransientError: nobody can tell whose turn it is; nothing was sent.
        """
