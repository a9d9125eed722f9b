"""One look at the queue of a source connection, from Airflow's triggerer."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from invoice_bridge.ledger_access import open_ledger, open_tokens
from invoice_bridge.route_access import guard_of
from invoice_bridge.systems.registry import open_source
from invoice_bridge_core.ledger.read_only import ReadOnlyLedger
from invoice_bridge_core.routes.loader import load_route, load_routes
from invoice_bridge_core.transfer.queue_watch import NotLookedError, look_at_queue
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route


def look_at_connection(conn_id: str, route_name: str) -> dict[str, str]:
    """What waits now behind a connection: source id → fingerprint of its entry.

    :param route_name: one of the routes that take from it; any other does where this one is gone.
    :raises NotLookedError: it was not looked at, and why.
    :raises BridgeError: the route's file, its connection or the ledger cannot be used.
    """
    route = _route_of(conn_id, route_name)
    ledger = open_ledger()
    try:
        key = f"watch/{uuid.uuid4().hex}"
        # What a run reads once for all its tasks is of no use here, and would be kept in the ledger after each look.
        source = open_source(route, open_tokens(ledger), LedgerRunMemory(ReadOnlyLedger(ledger), key))
        guard = guard_of(route, ledger, (source.observations,), run=key, run_started=None)
        return look_at_queue(source, guard)
    finally:
        ledger.close()


def _route_of(conn_id: str, name: str) -> Route:
    named = load_route(name)
    if named is not None and named.source.conn_id == conn_id:
        return named
    for route in load_routes().routes:
        if route.enabled and route.source.conn_id == conn_id:
            return route
    raise NotLookedError(f"no enabled route takes documents from connection {conn_id} any more")
