"""Quiddly as a finance system: what a document means there, and what its answers mean here (contract quiddly.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge.systems.quiddly.finance import QuiddlyFinance
    from invoice_bridge_core.routes.model import Route


def open_finance(route: Route, tokens: TokenStore) -> QuiddlyFinance:
    """The finance system of a route that books in Quiddly."""
    from invoice_bridge.hooks.quiddly.hook import QuiddlyHook
    from invoice_bridge.systems.quiddly.finance import QuiddlyFinance

    return QuiddlyFinance(QuiddlyHook(route.finance.conn_id, tokens=tokens), route)
