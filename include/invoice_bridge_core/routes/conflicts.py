"""Routes that get in each other's way: the same name twice, or two that could take the same document."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from invoice_bridge_core.routes.errors import RouteProblem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from invoice_bridge_core.routes.model import Route


def overlap(one: Route, other: Route) -> bool:
    """Whether some document could be taken by both routes."""
    if (one.source.system, one.source.conn_id) != (other.source.system, other.source.conn_id):
        return False
    return one.source.may_share_documents_with(other.source)


def conflicts(routes: Mapping[Path, Route]) -> dict[Path, list[RouteProblem]]:
    """The problems that route files have with each other.

    A disabled route never stops an enabled one: of an enabled and a disabled route with one name, the disabled is
    the wrong one.
    """
    found: dict[Path, list[RouteProblem]] = {}
    for one, other in combinations(routes, 2):
        for path, rival in ((one, other), (other, one)):
            if (problem := _problem(routes[path], routes[rival], rival)) is not None:
                found.setdefault(path, []).append(problem)
    return found


def _problem(route: Route, rival: Route, rival_path: Path) -> RouteProblem | None:
    if route.route == rival.route and (rival.enabled or not route.enabled):
        return RouteProblem(
            "route", f"{route.route!r} is also the name in {rival_path.name}: each route needs a name of its own"
        )
    if route.enabled and rival.enabled and overlap(route, rival):
        return RouteProblem(
            "source",
            f"takes documents from {route.source.conn_id} that route {rival.route!r} ({rival_path.name}) takes too: "
            "give the two different offices or projects, or disable one of them",
        )
    return None
