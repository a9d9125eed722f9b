"""Quiddly as a finance system: what a document means there, and what its answers mean here (contract quiddly.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.systems.quiddly.finance import QuiddlyFinance

if TYPE_CHECKING:
    from include.routes.model import Route
    from invoice_bridge.hooks.tokens import TokenStore

__all__ = ["QuiddlyFinance", "open_finance"]


def open_finance(route: Route, tokens: TokenStore) -> QuiddlyFinance:
    """The finance system of a route that books in Quiddly."""
    from invoice_bridge.hooks.quiddly import QuiddlyHook

    return QuiddlyFinance(QuiddlyHook(route.finance.conn_id, tokens=tokens), route)
