"""`airflow invoice-bridge reopen` and `forget-token`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from invoice_bridge.ledger_access import open_tokens
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from tests.commands.conftest import Command

NAME = "xero:xero_default"


def test_a_stored_token_is_forgotten_by_name(ledger: Ledger, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    tokens = open_tokens(ledger)
    tokens.store(NAME, "refresh-1")
    assert tokens.peek(NAME) == "refresh-1"
    code, text, _ = command("forget-token", NAME)
    assert (code, text) == (0, f"The token {NAME} is deleted; the next task asks for a new one.\n")
    assert tokens.peek(NAME) is None
    assert command("forget-token", NAME) == (1, "", f"The ledger stores no token {NAME}\n")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "core.fernet_key is empty"),
        ("c2hvcnQ=", "core.fernet_key holds a key that is not 32 bytes in base64"),
    ],
)
def test_a_token_is_never_stored_in_plain_text(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, key: str, message: str
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", key)
    tokens = open_tokens(ledger)
    with pytest.raises(ConfigurationError, match=message) as refused, tokens.exclusive(NAME):
        pytest.fail("a token was asked for")
    assert not key or key not in str(refused.value)
    with pytest.raises(ConfigurationError, match=message):
        tokens.store(NAME, "refresh-1")
    assert tokens.peek(NAME) is None


def test_a_connection_that_is_open_needs_no_command(command: Command) -> None:
    code, text, problem = command("reopen", "xero_default")
    assert (code, text) == (1, "")
    assert problem.startswith("The connection xero_default is neither closed nor refused")


def test_a_person_can_open_a_closed_connection_again(ledger: Ledger, command: Command) -> None:
    ledger.connections.close("xero_default", "Xero", "its day is over", dt.timedelta(hours=5))
    assert ledger.connections.health(["xero_default"])["xero_default"].is_closed
    code, text, _ = command("reopen", "xero_default")
    assert (code, text) == (0, "The next run calls the connection xero_default again.\n")
    assert not ledger.connections.health(["xero_default"])["xero_default"].is_closed
    assert command("reopen", "xero_default")[0] == 1
