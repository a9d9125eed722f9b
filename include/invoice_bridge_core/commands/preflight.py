"""What keeps the documents of a route from moving, for a terminal and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from invoice_bridge_core.preflight.findings import Preflight
from invoice_bridge_core.preflight.named_route import named_route
from invoice_bridge_core.preflight.shown import Runs, with_runs
from invoice_bridge_core.preflight.shown import as_json as report_as_json
from invoice_bridge_core.preflight.shown import as_text as report_as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.routes.model import Route

_DEFAULT_ZONE = "UTC"


def preflight(
    name: str,
    look: Callable[[Route], Preflight],
    runs_of: Callable[[str], Runs],
    *,
    as_json: bool = False,
) -> tuple[str, bool]:
    """What keeps the route's documents, and whether anything does.

    :param look: looks at one route.
    :param runs_of: says when the transfer of a route ran.
    :raises UnknownNameError: no route file has this name.
    """
    route = named_route(name)
    if isinstance(route, Preflight):
        report, zone, runs = route, _DEFAULT_ZONE, Runs()
    else:
        runs, zone = runs_of(name), route.schedule.timezone
        report = with_runs(look(route), runs)
    text = json.dumps(report_as_json(report, runs), ensure_ascii=False, indent=2) if as_json else ""
    return text or report_as_text(report, runs, zone), report.keeps_any
