"""The ledger by Airflow's connection, and its tokens under Airflow's own cipher."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from airflow.models.crypto import get_fernet
from airflow.sdk import BaseHook
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowRuntimeError

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Collection

    from invoice_bridge_core.ledger import TokenVault
    from invoice_bridge_core.ledger.connections.fingerprints import Keys
    from invoice_bridge_core.ledger.connections.tokens import Cipher

LEDGER_CONN_ID = "invoice_bridge_ledger"


def open_ledger(run_key: str | None = None, names: Collection[str] = ()) -> Ledger:
    """The ledger that the connection `invoice_bridge_ledger` names.

    :param run_key: names the run whose task asks, and how often it was cleared.
    :param names: what the task begins with of all that the run has kept.
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
    url = connection.get_uri()
    return Ledger.connect(url) if run_key is None else Ledger.connect_for(url, run_key, names)


def open_tokens(ledger: Ledger) -> TokenVault:
    """The stored tokens of a ledger."""
    return ledger.token_vault(token_cipher)


def token_cipher() -> Cipher:
    """Airflow's own cipher, which also encrypts connections and variables.

    It encrypts with the first key of `core.fernet_key` and decrypts with all of them. With an empty key it changes
    nothing; `TokenVault` refuses that one.

    :raises ConfigurationError: a key is not valid.
    """
    try:
        return get_fernet()
    except AirflowException:
        # Without its cause, whose text may show the key.
        raise ConfigurationError(
            "Tokens cannot be kept: Airflow's setting core.fernet_key holds a key that is not 32 bytes in base64"
        ) from None


def fingerprint_keys() -> Keys:
    """Secrets of Airflow, not in the ledger, for the fingerprints that it keeps of credentials; newest first.

    Derived from `core.fernet_key`, so that a new key may stand before the old one for a while; none without it.
    """
    keys = conf.get("core", "fernet_key", fallback="").split(",")
    return tuple(hashlib.blake2b(key.strip().encode(), person=b"fingerprints").digest() for key in keys if key.strip())
