"""What the queue step of a run found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.documents.facts import DocumentFacts


@dataclass
class Selection:
    """What the queue step found: the documents to move, and how many it left and why.

    :param unknown: one sentence for each name that was asked for and found nowhere.
    :param was_listed: whether the source said what waits; it may not be asked while its connection is closed.
    """

    invoices: list[DocumentFacts] = field(default_factory=list)
    credit_notes: list[DocumentFacts] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    was_listed: bool = True

    @property
    def is_any(self) -> bool:
        """Whether there is any document to move."""
        return bool(self.invoices or self.credit_notes)
