"""The account codes that a route's Airflow Variable lays over those of its file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import Variable

from invoice_bridge_core.ledger.run_snapshots import KEPT

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

BELIEVED_AFTER = dt.timedelta(days=2)
"""How long a Variable that was there has to be gone before its articles count as not mapped."""


def with_account_codes(route: Route, ledger: Ledger, memory: LedgerRunMemory) -> Route:
    """The route under its Variable, which is asked for once per run: each asking costs Airflow's API server a call.

    Airflow gives the same answer for a deleted Variable and for a secrets backend that is down. So where a Variable was
    there and is gone, its articles are held at first, and nobody is told that they are not mapped.

    :raises ConfigurationError: what is in the Variable is not account codes.
    """
    name, key = route.account_codes_variable, account_codes_key(route)
    found = memory.once(key, lambda: _ask(name, key, ledger))
    if found["text"]:
        return route.with_account_codes(found["text"])
    return route.without_account_codes(found["gone"]) if found.get("gone") else route


def account_codes_key(route: Route) -> str:
    """What a run keeps the Variable's text under."""
    return f"variable {route.account_codes_variable}"


def _ask(name: str, key: str, ledger: Ledger) -> dict[str, Any]:
    text = Variable.get(name, default=None)
    before = ledger.recent_reference_data(key, KEPT)
    if text is not None or before is None:
        return {"text": text}
    now = dt.datetime.now(dt.UTC)
    if before.body["text"] is not None:
        return {"text": None, "gone": before.body["text"], "gone_since": now.isoformat()}
    since = before.body.get("gone_since")
    if since is None or now - dt.datetime.fromisoformat(since) > BELIEVED_AFTER:
        return {"text": None}
    return before.body
