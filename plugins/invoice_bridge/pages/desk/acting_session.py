"""The two systems of a document's route, opened for one act of one person."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from invoice_bridge.ledger_access import open_tokens
from invoice_bridge.route_access import guard_of
from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.errors import BridgeError, LedgerError, NotResolvedError
from invoice_bridge_core.transfer.route_session import RouteSession
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.routes.model import Route


@contextmanager
def acting_session(route: Route, ledger: Ledger) -> Iterator[RouteSession]:
    """Both systems, as the commands open them: no act needs the route's account codes.

    :raises ConfigurationError: a connection is missing or wrong.
    :raises NotResolvedError: one of the two may not be called now.
    """
    # A run of its own, so that nothing is taken that a task read before.
    key = f"desk/{uuid.uuid4().hex}"
    tokens = open_tokens(ledger)
    source, finance = open_source(route, tokens, LedgerRunMemory(ledger, key)), open_finance(route, tokens)
    observed = (source.observations, finance.observations)
    guard = guard_of(route, ledger, observed, run=key, run_started=dt.datetime.now(dt.UTC))
    if (pause := guard.pause()) is not None:
        raise NotResolvedError(f"Nothing was changed. The document {pause.of_one}", may_pass=True)
    try:
        yield RouteSession(route, ledger, source, finance, guard)
    except BridgeError:
        with suppress(LedgerError):
            guard.keep_observations()
        raise
    guard.keep_observations()
