"""Which of too many documents have their turn in a run: the oldest first, and none is passed over for ever.

Documents that fail again and again, or wait for what never comes, are often the oldest. Were the oldest simply taken,
they would fill every run, and nothing behind them would ever move. So a run gives at most half of its places to
documents that were tried before, those first that were tried longest ago, unless no others want the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


class Waiting(Protocol):
    """A document that waits for its turn."""

    @property
    def was_tried(self) -> bool:
        """Whether a task ever had it."""

    @property
    def tried_at(self) -> dt.datetime:
        """When a task worked on it last, or it was noted."""

    @property
    def age_key(self) -> tuple[dt.date, str, str]:
        """What documents are sorted by: the oldest first, those without a date last."""


WaitingT = TypeVar("WaitingT", bound=Waiting)


def fair_share(waiting: Sequence[WaitingT], limit: int) -> list[WaitingT]:
    """The documents of this run, at most `limit`, oldest first."""
    chosen = list(waiting) if len(waiting) <= limit else _shared(waiting, limit)
    return sorted(chosen, key=lambda one: one.age_key)


def _shared(waiting: Sequence[WaitingT], limit: int) -> list[WaitingT]:
    if limit == 1:
        return [min(waiting, key=lambda one: (one.tried_at, one.age_key))]
    fresh = sorted((one for one in waiting if not one.was_tried), key=lambda one: one.age_key)
    tried = sorted((one for one in waiting if one.was_tried), key=lambda one: (one.tried_at, one.age_key))
    again = tried[: max(limit // 2, limit - len(fresh))]
    return [*again, *fresh[: limit - len(again)]]
