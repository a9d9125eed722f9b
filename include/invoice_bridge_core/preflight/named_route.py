"""The route that a look is about, or what keeps it from having any DAGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import UnknownNameError
from invoice_bridge_core.preflight.causes import Cause
from invoice_bridge_core.preflight.findings import Finding, Preflight, Severity
from invoice_bridge_core.routes.loader import load_routes

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route


def named_route(name: str) -> Route | Preflight:
    """The route of this name; what keeps its documents, where its file is wrong or switches it off.

    :raises UnknownNameError: no route file has this name.
    """
    loaded = load_routes()
    for route in loaded.routes:
        if route.route == name and route.enabled:
            return route
        if route.route == name:
            return _stopped(name, f"Route {name} is switched off: its file says enabled: false", "Switch it on there.")
    for path, error in loaded.errors.items():
        if path.stem == name:
            text = " ".join(str(error).split())
            return _stopped(name, f"Route {name} has no DAGs, since its file is wrong: {text}", "Mend the file.")
    known = ", ".join(sorted(route.route for route in loaded.routes)) or "none"
    raise UnknownNameError(f"There is no route {name}; known are: {known}")


def _stopped(name: str, text: str, todo: str) -> Preflight:
    return Preflight(name, [Finding(Cause.ROUTE, Severity.STOPS, text, todo)])
