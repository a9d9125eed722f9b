"""Xero as a finance system: what a document means there, and what Xero's answers mean here (contract xero.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.tokens import TokenStore
    from invoice_bridge.systems.xero.finance import XeroFinance
    from invoice_bridge_core.routes.model import Route


def open_finance(route: Route, tokens: TokenStore) -> XeroFinance:
    """The finance system of a route that books in Xero."""
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge.systems.xero.finance import XeroFinance

    return XeroFinance(XeroHook(route.finance.conn_id, tokens=tokens), route)
