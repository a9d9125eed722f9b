"""What people say with `reopen` and `confirm-rejections` between runs, and whether it is so afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.connections import reopen
from invoice_bridge_core.commands.rejections import confirm_rejections
from invoice_bridge_core.errors import UnknownNameError

if TYPE_CHECKING:
    from random import Random

    from tests.chaos.world import ChaosWorld

REOPEN, CONFIRM = "reopen", "confirm-rejections"
_SHUT = "SELECT conn_id FROM connections WHERE closed_until > now() OR refused_at IS NOT NULL"


@dataclass
class OwnCommands:
    """One round's commands.

    :param rng: of a dice of its own, so that the rest of a round is what it was.
    :param said: each that changed something.
    :param wrong: answers that were not so.
    """

    world: ChaosWorld
    rng: Random
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def some(self) -> None:
        """What people say before the next runs, each command in a part of the rounds."""
        if self.rng.random() < 0.5:
            for conn_id in (self.world.route.source.conn_id, self.world.route.finance.conn_id):
                self._reopen(conn_id)
        if self.rng.random() < 0.3:
            self._confirm(yes=self.rng.random() < 0.5)

    def _reopen(self, conn_id: str) -> None:
        was_shut = conn_id in self._shut()
        try:
            reopen(self.world.ledger, conn_id)
        except UnknownNameError as refusal:
            if was_shut:
                self.wrong.append(f"{conn_id} is shut, and {REOPEN} was refused: {refusal}")
            return
        if not was_shut:
            self.wrong.append(f"{REOPEN} says that it opened {conn_id}, which was not shut")
        if conn_id in self._shut():
            self.wrong.append(f"{conn_id} is still shut after {REOPEN}")
        self.said.append(REOPEN)

    def _confirm(self, *, yes: bool) -> None:
        name = self.world.route.route
        before = self._unconfirmed()
        told = confirm_rejections(self.world.ledger, name, yes=yes, by="anna")
        missing = [number for number in before if number not in told]
        if missing:
            self.wrong.append(f"{CONFIRM} does not name {missing}: {told}")
        left = self._unconfirmed()
        if left != ([] if yes else before):
            self.wrong.append(f"{CONFIRM}{' --yes' if yes else ''} left {left} of {before}: {told}")
        if before:
            self.said.append(f"{CONFIRM}{' --yes' if yes else ''}")

    def _shut(self) -> set[str]:
        return {str(conn_id) for (conn_id,) in self.world.execute(_SHUT)}

    def _unconfirmed(self) -> list[str]:
        kept = self.world.ledger.rejections.kept(self.world.route.route)
        return [one.row.facts.number or "" for one in kept if one.confirmed_by is None]
