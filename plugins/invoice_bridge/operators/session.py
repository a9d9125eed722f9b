"""The ledger and the two systems of one route, opened for one task."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from invoice_bridge.account_codes import account_codes_key, with_account_codes
from invoice_bridge.ledger_access import open_ledger, open_tokens
from invoice_bridge.route_access import guard_of
from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.errors import BridgeError, LedgerError
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route


@contextmanager
def route_session(route: Route, run_key: str, run_started: dt.datetime | None = None) -> Iterator[RouteSession]:
    """Open the ledger and both systems of a route; what their answers tell about the connections is noted at the end.

    :param run_started: when the run began; credentials that were refused before are tried again.
    :raises ConfigurationError: a connection or the account codes Variable is missing or wrong.
    :raises LedgerError: the ledger cannot be reached.
    """
    ledger = open_ledger(run_key, (account_codes_key(route), route.finance.conn_id))
    try:
        memory = LedgerRunMemory(ledger, run_key)
        route = with_account_codes(route, ledger, memory)
        tokens = open_tokens(ledger)
        source, finance = open_source(route, tokens, memory), open_finance(route, tokens)
        observed = (source.observations, finance.observations)
        guard = guard_of(route, ledger, observed, run=run_key, run_started=run_started)
        try:
            yield RouteSession(route, ledger, source, finance, guard)
        except BridgeError:
            # The task has to say this error, even where the observations cannot be kept either.
            with suppress(LedgerError):
                guard.keep_observations()
            raise
        guard.keep_observations()
    finally:
        ledger.close()


def run_key(context: Context) -> str:
    """Names this run and how often it was cleared: reference data is read once per key."""
    dag_run = context["dag_run"]
    return f"{dag_run.dag_id}/{dag_run.run_id}#{dag_run.clear_number or 0}"
