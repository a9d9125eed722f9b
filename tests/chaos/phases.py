"""What one run of the DAGs does, phase by phase. A phase is a first step that finds work, and one attempt per piece.

Each DAG of a route is a class with these methods.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.documents.window import Window
from tests.chaos.boundary import STAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.world import ChaosWorld


@dataclass(frozen=True)
class Run:
    """One run of a DAG: its key, and the dates it is about."""

    key: str
    window: Window = field(default_factory=Window)


class Phase:
    """One DAG of a route."""

    name: ClassVar[str]
    goes_ahead: ClassVar[bool] = False
    """Whether one task stands between the first and those of the pieces."""

    def begin(self, world: ChaosWorld, run: Run) -> list[str] | None:
        """The first task: source ids of the documents that get a mapped task each, in the order of their tasks.

        `None` when it could not find out, so that a later run has to.
        """
        raise NotImplementedError

    def attempt(self, world: ChaosWorld, run: Run, source_id: str) -> str:
        """One try of one mapped task; returns its outcome and raises what the task would."""
        raise NotImplementedError

    def ahead(self, world: ChaosWorld, run: Run, work: Sequence[str]) -> str:
        """One try of the task between, which is told of all pieces; whether it fails or not, theirs come."""
        raise NotImplementedError


class TransferPhase(Phase):
    """Queue, then one task per document: invoices before credit notes."""

    name = "transfer"

    def begin(self, world: ChaosWorld, run: Run) -> list[str]:
        """The queue step."""
        selection = world.select_for(run)
        return [facts.ref.source_id for facts in (*selection.invoices, *selection.credit_notes)]

    def attempt(self, world: ChaosWorld, run: Run, source_id: str) -> str:
        """One try at one document."""
        world.run_key = run.key
        return str(world.transfer(source_id, claimant=f"{run.key}/{self.name}/{source_id}").outcome)


class BatchedTransferPhase(TransferPhase):
    """Queue, one task that books ahead in batches, then one task per document."""

    goes_ahead = True

    def ahead(self, world: ChaosWorld, run: Run, work: Sequence[str]) -> str:
        """One try at booking what waits, many in a call."""
        with STAGE.ahead():
            return world.book_ahead_in(run)


class PaymentPhase(Phase):
    """One poll of finance, then one task per document whose source has something to be told."""

    name = "payments"

    def begin(self, world: ChaosWorld, run: Run) -> list[str] | None:
        """The poll."""
        return world.poll_in(run)

    def attempt(self, world: ChaosWorld, run: Run, source_id: str) -> str:
        """One try at telling of one document."""
        return str(world.report_in(run, source_id).outcome)


class SalesPhase(Phase):
    """One poll of finance, then one task per sale that has news; pieces are named by finance's ids."""

    name = "sales"

    def begin(self, world: ChaosWorld, run: Run) -> list[str] | None:
        """The poll."""
        return world.poll_sales_in(run)

    def attempt(self, world: ChaosWorld, run: Run, source_id: str) -> str:
        """One try at showing one sale."""
        return str(world.show_in(run, source_id).outcome)


TRANSFER, IN_BATCHES, PAYMENTS, SALES = TransferPhase(), BatchedTransferPhase(), PaymentPhase(), SalesPhase()
TRANSFERS: tuple[Phase, ...] = (TRANSFER, IN_BATCHES)
PHASES: tuple[Phase, ...] = (TRANSFER, PAYMENTS)
