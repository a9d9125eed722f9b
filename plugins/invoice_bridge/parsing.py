"""Which routes a DAG file has to build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.routes.loader import load_route, load_routes

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route


def routes_to_build(dag_id: str | None, prefix: str) -> list[Route]:
    """All enabled routes; in a task's own process only the route of its DAG, since every task parses the file again.

    :param dag_id: the DAG that is wanted, from Airflow's parsing context; `None` wants all.
    """
    if dag_id is None:
        return [route for route in load_routes().routes if route.enabled]
    if not dag_id.startswith(prefix):
        return []
    route = load_route(dag_id.removeprefix(prefix))
    return [route] if route is not None else []
