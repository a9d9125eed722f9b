"""The scene: everything that is there when a fresh sandbox opens, and what each document calls for.

Stories fill it. The same seed number always makes the same scene.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.store import Row

_FIRST_ANCHOR = date(2026, 11, 15)


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


def build_scene(seed: int, documents: int, data: str = "mixed") -> Scene:
    """The scene of a seed: ``mixed`` with every special case, ``plain`` with ordinary invoices only.

    Too few documents for all special cases make a plain scene.
    """
    from sandbox.demo import ixpole_quiddly, ixpole_xero, qondor_quiddly, qondor_xero

    scene = Scene(seed, documents, _FIRST_ANCHOR + timedelta(days=seed % 7), random.Random(seed))
    for story in (qondor_xero.tell, qondor_quiddly.tell, ixpole_xero.tell, ixpole_quiddly.tell):
        story(scene, plain=data == "plain" or documents < qondor_xero.MIXED_AT_LEAST)
    return scene
