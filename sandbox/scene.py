"""The scene: everything that is there when a fresh sandbox opens, and what each document calls for.

The stories of `sandbox.demo` fill it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from datetime import date

    from sandbox.store import Row


@dataclass
class Scene:
    """Rows for the systems' tables, and expectations."""

    seed: int
    documents: int
    anchor: date
    random: random.Random
    expectations: list[Row] = field(default_factory=list)
    _rows: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, system: str, kind: str, row: Row) -> Row:
        """Put a row into a system's table."""
        self._rows[system, kind].append(row)
        return row

    def rows(self, system: str, kind: str) -> list[Row]:
        """The rows for a system's table."""
        return list(self._rows[system, kind])

    def expect(self, route: str, source_id: object, number: str, outcome: str, why: str) -> None:
        """Say what a document calls for under the shipped route file."""
        self.expectations.append(
            {"route": route, "source_id": str(source_id), "number": number, "outcome": outcome, "why": why}
        )
