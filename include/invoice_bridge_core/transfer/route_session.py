"""The ledger and the two systems of one route, as every step works with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.connections.guard import ConnectionGuard
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.routes.model import Route


@dataclass(frozen=True)
class RouteSession:
    """What one task works with.

    :param route: with everything that was laid over its file.
    :param guard: says whether the two systems may be called now.
    """

    route: Route
    ledger: Ledger
    source: SourceSystem
    finance: FinanceSystem
    guard: ConnectionGuard

    def only_reads(self) -> None:
        """From now on the two systems send nothing that writes: they raise `WriteInDryRunError` instead."""
        for system in (self.source, self.finance):
            system.observations.is_read_only = True
