"""Connections that are to be called again, and tokens that are to be asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import UnknownNameError

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger


def reopen(ledger: Ledger, conn_id: str) -> str:
    """Let the next run call a connection, whatever its system said; returns what was done.

    :raises UnknownNameError: nothing keeps the next run from calling it.
    """
    if not ledger.connections.reopen(conn_id):
        raise UnknownNameError(f"The connection {conn_id} is neither closed nor refused; the next run calls it anyway")
    return f"The next run calls the connection {conn_id} again."


def forget_token(ledger: Ledger, name: str) -> str:
    """Delete a stored token; returns what was done.

    :raises UnknownNameError: no token of this name is stored.
    """
    if not ledger.forget_token(name):
        raise UnknownNameError(f"The ledger stores no token {name}")
    return f"The token {name} is deleted; the next task asks for a new one."
