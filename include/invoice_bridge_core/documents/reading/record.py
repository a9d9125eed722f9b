"""What the reading of one document needs to know, and what it has to tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass
class ReadingRecord:
    """Where and in which currency a document is read, and what was read otherwise than it is written.

    :param zone: of the route: an instant is a day only somewhere.
    :param currency: the document's, as soon as it is known; an amount in another one is not read.
    """

    zone: ZoneInfo
    currency: str | None = None
    _changes: dict[str, None] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[str, ...]:
        """What was changed beyond blanks around a text and the writing of line ends; each once, a sentence of words."""
        return tuple(self._changes)

    def note(self, change: str) -> None:
        """Keep what was read otherwise than it is written."""
        self._changes.setdefault(change)
