"""Xero as a finance system: what a document means there, and what Xero's answers mean here (contract xero.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.hooks.xero import XeroHook
from invoice_bridge.systems.xero.finance import XeroFinance

if TYPE_CHECKING:
    from include.routes.model import Route
    from invoice_bridge.hooks.tokens import TokenStore

__all__ = ["XeroFinance", "open_finance"]


def open_finance(route: Route, tokens: TokenStore) -> XeroFinance:
    """The finance system of a route that books in Xero."""
    return XeroFinance(XeroHook(route.finance.conn_id, tokens=tokens), route)
