"""The words of a summary that has to name many things and has little room."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED = 5
"""So many are named in the error of a task; its log has all of them."""


def first_of(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    named = "; ".join(names[:NAMED])
    return f"{named}; and {len(names) - NAMED} more" if len(names) > NAMED else named


def counted(count: int, noun: str) -> str:
    """A number and what it counts: `1 payment`, `3 payments`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
