"""What keeps the documents of a route from moving."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException

from invoice_bridge.dag_runs import transfer_runs
from invoice_bridge.pages.desk.dependencies import AnyVisitor
from invoice_bridge.route_access import preflight_of
from invoice_bridge_core.errors import UnknownNameError
from invoice_bridge_core.preflight.findings import Preflight
from invoice_bridge_core.preflight.named_route import named_route
from invoice_bridge_core.preflight.shown import Runs, as_json, with_runs

router = APIRouter()


@router.get("/api/preflight/{route}")
def preflight(route: str, visitor: AnyVisitor) -> dict[str, Any]:
    """Everything that keeps documents, by cause. It reads, and writes nothing."""
    if route not in visitor.sees.routes:
        raise HTTPException(404)
    try:
        found = named_route(route)
    except UnknownNameError as error:
        raise HTTPException(404) from error
    if isinstance(found, Preflight):
        return as_json(found, Runs())
    runs = transfer_runs(route)
    return as_json(with_runs(preflight_of(found, visitor.ledger), runs), runs)
