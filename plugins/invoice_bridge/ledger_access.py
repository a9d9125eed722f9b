"""The ledger by Airflow's connection, and its tokens under Airflow's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger import Ledger

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import TokenVault

LEDGER_CONN_ID = "invoice_bridge_ledger"


def open_ledger() -> Ledger:
    """The ledger that the connection `invoice_bridge_ledger` names.

    :raises ConfigurationError: there is no such connection.
    :raises LedgerError: the database cannot be reached or used.
    """
    try:
        connection = BaseHook.get_connection(LEDGER_CONN_ID)
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise ConfigurationError(
            f"Airflow finds no connection {LEDGER_CONN_ID}: add one that names the ledger's PostgreSQL database; if it "
            "is there, check Airflow's own database and its secrets backend"
        ) from error
    return Ledger.connect(connection.get_uri())


def open_tokens(ledger: Ledger) -> TokenVault:
    """The stored tokens of a ledger."""
    return ledger.token_vault(_fernet_keys())


def _fernet_keys() -> list[str]:
    keys = conf.get("core", "fernet_key", fallback="") or ""
    return [key.strip() for key in keys.split(",") if key.strip()]
