"""What is printed of a violation: the case, what was wrong, the traffic, the ledger, and how to repeat it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.commands.describe import describe
from tests.chaos.played import ACTOR_HEADER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.sandbox import Sandbox
    from sandbox.traffic import Entry
    from tests.chaos.world import ChaosWorld

_COMMAND = "make chaos CASE='{}'"


@dataclass(frozen=True)
class Finding:
    """A violated case."""

    case: str
    violations: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, world: ChaosWorld, case: str, violations: Sequence[str], runs: int, command: str = _COMMAND) -> Finding:
        """Tell all that is known of it."""
        parts = [
            f"VIOLATED  {case}  ({runs} runs until quiet)",
            *(f"  - {violation}" for violation in dict.fromkeys(violations)),
            f"  repeat with: {command.format(case)}",
            "  traffic:",
            *(f"    {line}" for line in world.played.ask(traffic)),
            "  ledger:",
            *(f"    {line}" for line in _ledger(world)),
        ]
        return cls(case, tuple(violations), "\n".join(parts))


def traffic(sandbox: Sandbox) -> list[str]:
    """Every call in one line; runs in the sandbox."""
    return [_line(entry) for entry in sandbox.traffic.log()]


def _line(entry: Entry) -> str:
    actor = entry.headers.get(ACTOR_HEADER.casefold(), "-")
    query = f"?{entry.query}" if entry.query else ""
    fault = f" [{entry.fault}]" if entry.fault else ""
    called = f"{entry.system} {entry.method} {entry.path}{query}"
    return f"{entry.number:4} {actor:10} {called} → {entry.status or 'closed'}{fault}{_body(entry.body)}"


def _body(body: Any) -> str:
    text = "" if body is None else f" {body}"
    return text if len(text) <= 160 else f"{text[:157]}..."


def _ledger(world: ChaosWorld) -> list[str]:
    assert world.journey is not None
    lines = []
    rows = world.ledger.rows(*world.journey.source, [paper.expected.source_id for paper in world.journey.papers])
    for row in rows.values():
        lines += describe(row, world.ledger.steps(row), world.ledger.history(row)).splitlines()
    return lines
