"""iXpole as a source system: what its instalments mean, and how it is told of bookings (contract ixpole.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge.systems.ixpole.source import IxpoleSource
    from invoice_bridge_core.ports import RunMemory
    from invoice_bridge_core.routes.model import Route


def open_source(route: Route, tokens: TokenStore, memory: RunMemory) -> IxpoleSource:
    """The source of a route that takes its documents from iXpole."""
    from invoice_bridge.hooks.ixpole.hook import IxpoleHook
    from invoice_bridge.systems.ixpole.settings import IxpoleSettings
    from invoice_bridge.systems.ixpole.source import IxpoleSource

    settings = route.source_as(IxpoleSettings)
    return IxpoleSource(IxpoleHook(settings.conn_id, tokens=tokens), memory, settings, route.schedule.timezone)
