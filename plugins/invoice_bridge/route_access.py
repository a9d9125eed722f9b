"""A route and its two systems for those who only look: commands and pages. Nothing that they do is kept."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from functools import partial
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

from invoice_bridge.account_codes import with_account_codes
from invoice_bridge.ledger_access import fingerprint_keys, open_tokens
from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.connections.guard import ConnectionGuard
from invoice_bridge_core.ledger.read_only import ReadOnlyLedger
from invoice_bridge_core.preflight.live import LiveLook
from invoice_bridge_core.preflight.preflight import PreflightLook
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports.observations import ConnectionObservations
    from invoice_bridge_core.preflight.findings import Preflight
    from invoice_bridge_core.routes.model import Route


def preflight_of(route: Route, ledger: Ledger) -> Preflight:
    """Everything that keeps the documents of the route from moving.

    :raises LedgerError: the ledger cannot be used.
    """
    looked = ReadOnlyLedger(ledger)
    return PreflightLook(route, looked, partial(looking_session, route, ledger, looked)).look()


def live_look(mapped: Route, ledger: Ledger, *, is_fresh: bool = False) -> LiveLook:
    """A look at both systems of a route with a mapping that may not be saved yet.

    :param mapped: the route with everything that is to be laid over its file.
    :param is_fresh: ask finance for its accounts even where a run has just done so.
    :raises ConfigurationError: a connection is missing or wrong.
    """
    session = looking_session(mapped, ledger, ReadOnlyLedger(ledger), is_mapped=True)
    return LiveLook(session, dt.timedelta(0)) if is_fresh else LiveLook(session)


def looking_session(route: Route, ledger: Ledger, looked: ReadOnlyLedger, *, is_mapped: bool = False) -> RouteSession:
    """Both systems of a route, which send nothing that writes.

    :param ledger: keeps the tokens, without which nothing can be read.
    :param is_mapped: the route has all account codes already, so that its Variable is not asked for.
    :raises ConfigurationError: a connection or the account codes Variable is missing or wrong.
    """
    key = f"look/{uuid.uuid4().hex}"
    memory = LedgerRunMemory(looked, key)
    route = route if is_mapped else with_account_codes(route, looked, memory)
    tokens = open_tokens(ledger)
    source, finance = open_source(route, tokens, memory), open_finance(route, tokens)
    observed = (source.observations, finance.observations)
    guard = guard_of(route, looked, observed, run=key, run_started=dt.datetime.now(dt.UTC))
    session = RouteSession(route, looked, source, finance, guard)
    session.only_reads()
    return session


def guard_of(
    route: Route,
    ledger: Ledger,
    observed: Sequence[ConnectionObservations],
    *,
    run: str,
    run_started: dt.datetime | None,
) -> ConnectionGuard:
    """The guard of a route's connections, which knows Airflow's credentials and keys; the rest is as it says."""
    return ConnectionGuard(
        ledger,
        observed,
        run=run,
        run_started=run_started,
        timezone=route.schedule.timezone,
        credentials=credentials_of,
        keys=fingerprint_keys(),
    )


def credentials_of(conn_id: str) -> str:
    """Everything in a connection that proves who we are; empty when there is no such connection."""
    try:
        connection = BaseHook.get_connection(conn_id)
    except (AirflowNotFoundException, AirflowRuntimeError):
        return ""
    parts = (connection.host, connection.port, connection.login, connection.password, connection.extra)
    return json.dumps([str(part or "") for part in parts])
