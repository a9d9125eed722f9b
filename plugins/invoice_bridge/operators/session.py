"""The ledger and the two systems of one route, opened for one task."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

from invoice_bridge.operators.account_codes import with_account_codes
from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.connections.guard import ConnectionGuard
from invoice_bridge_core.errors import BridgeError, ConfigurationError, LedgerError
from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from airflow.sdk import Context

    from invoice_bridge_core.ports import FinanceSystem
    from invoice_bridge_core.routes.model import Route

LEDGER_CONN_ID = "invoice_bridge_ledger"


@contextmanager
def route_session(route: Route, run_key: str, run_started: dt.datetime | None = None) -> Iterator[RouteSession]:
    """Open the ledger and both systems of a route; what their answers tell about the connections is noted at the end.

    :param run_started: when the run began; credentials that were refused before are tried again.
    :raises ConfigurationError: a connection or the account codes Variable is missing or wrong.
    :raises LedgerError: the ledger cannot be reached.
    """
    ledger = open_ledger()
    try:
        memory = LedgerRunMemory(ledger, run_key)
        route = with_account_codes(route, ledger, memory)
        tokens = ledger.token_vault(_fernet_keys())
        source, finance = open_source(route, tokens, memory), open_finance(route, tokens)
        guard = ConnectionGuard(
            ledger,
            (source.observations, finance.observations),
            run=run_key,
            run_started=run_started,
            timezone=route.schedule.timezone,
            credentials=_credentials,
        )
        try:
            yield RouteSession(route, ledger, source, finance, guard)
        except BridgeError:
            # The error is what the task has to say, even where the news cannot be kept either.
            with suppress(LedgerError):
                guard.keep_observations()
            raise
        guard.keep_observations()
    finally:
        ledger.close()


def _credentials(conn_id: str) -> str:
    """All of a connection by which its system knows us; empty when there is no such connection."""
    try:
        connection = BaseHook.get_connection(conn_id)
    except (AirflowNotFoundException, AirflowRuntimeError):
        return ""
    parts = (connection.host, connection.port, connection.login, connection.password, connection.extra)
    return json.dumps([str(part or "") for part in parts])


def open_ledger() -> Ledger:
    """The ledger that the connection names."""
    try:
        connection = BaseHook.get_connection(LEDGER_CONN_ID)
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise ConfigurationError(
            f"Connection {LEDGER_CONN_ID} is not defined; it names the PostgreSQL database of the ledger"
        ) from error
    return Ledger.connect(connection.get_uri())


def open_finance_by_hand(route: Route, ledger: Ledger) -> FinanceSystem:
    """The finance system of a route for a command of a person's, outside any task.

    Connections come from wherever Airflow keeps them: the environment, a secrets backend, or its database.
    """
    _look_into_airflows_database()
    return open_finance(route, ledger.token_vault(_fernet_keys()))


def ledger_url_by_hand() -> str | None:
    """The ledger's address for the same; nothing where Airflow has no such connection."""
    _look_into_airflows_database()
    try:
        return str(BaseHook.get_connection(LEDGER_CONN_ID).get_uri())
    except (AirflowNotFoundException, AirflowRuntimeError):
        return None


def run_key(context: Context) -> str:
    """Names this run and how often it was cleared: reference data is read once per key."""
    dag_run = context["dag_run"]
    return f"{dag_run.dag_id}/{dag_run.run_id}#{dag_run.clear_number or 0}"


def _look_into_airflows_database() -> None:
    # As Airflow's own commands do; otherwise a process that is no task asks environment and secrets backends only.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")


def _fernet_keys() -> list[str]:
    keys = conf.get("core", "fernet_key", fallback="") or ""
    return [key.strip() for key in keys.split(",") if key.strip()]
