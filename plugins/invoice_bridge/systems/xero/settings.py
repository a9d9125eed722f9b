"""The part of a route that is about Xero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route, XeroSettings


def xero_settings(route: Route) -> XeroSettings:
    """The route's settings for Xero.

    :raises ConfigurationError: the route books elsewhere.
    """
    finance = route.finance
    if finance.system != "xero":
        raise ConfigurationError(f"Route {route.route} books in {finance.system}, not in Xero")
    return finance
