"""The ledger by Airflow's connection, and its tokens under Airflow's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowRuntimeError

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger import Ledger, TokenVault

if TYPE_CHECKING:
    from airflow.models.crypto import FernetProtocol

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
    """The stored tokens of a ledger. Airflow's key is read when the first token is needed."""
    return TokenVault(ledger, airflow_fernet)


def airflow_fernet() -> FernetProtocol:
    """What Airflow encrypts its connections with.

    :raises ConfigurationError: Airflow has no usable key, and would store plain text.
    """
    from airflow.models.crypto import get_fernet

    try:
        fernet = get_fernet()
    except AirflowException:
        # Without its cause, whose text may repeat the key.
        raise ConfigurationError(
            "Tokens cannot be stored: Airflow's setting core.fernet_key holds a key that is not 32 bytes in base64"
        ) from None
    if not fernet.is_encrypted:
        raise ConfigurationError("Tokens cannot be stored: Airflow's setting core.fernet_key is empty")
    return fernet
