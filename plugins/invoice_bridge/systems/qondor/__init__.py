"""Qondor as a source system: what its payments mean, and how it is told of bookings (contract qondor.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge.systems.qondor.source import QondorSource
    from invoice_bridge_core.ports import RunMemory
    from invoice_bridge_core.routes.model import Route


def open_source(route: Route, tokens: TokenStore, memory: RunMemory) -> QondorSource:
    """The source of a route; Qondor has a key instead of tokens, and everything in its payments."""
    from invoice_bridge.hooks.qondor.hook import QondorHook
    from invoice_bridge.systems.qondor.settings import QondorSettings
    from invoice_bridge.systems.qondor.source import QondorSource

    settings = route.source_as(QondorSettings)
    hook = QondorHook(settings.conn_id, sale_path=settings.sale_path)
    return QondorSource(hook, route.schedule.timezone, settings.offices)
