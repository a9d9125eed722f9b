"""Tokens are encrypted as Airflow encrypts its connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from airflow.models.crypto import get_fernet
from cryptography.fernet import Fernet, MultiFernet

from invoice_bridge.ledger_access import fingerprint_keys, open_tokens, token_cipher
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "xero:xero_default"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger.connect(ledger_url)
    yield ledger
    ledger.close()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets Airflow's keys."""

    def set_keys(text: str) -> None:
        monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", text)
        get_fernet.cache_clear()

    return set_keys


def test_a_token_of_an_earlier_release_is_read_and_the_first_key_encrypts(
    ledger: Ledger, keys: Callable[[str], None]
) -> None:
    # The vault of that release made the MultiFernet itself, out of the same setting.
    ledger.token_vault(lambda: MultiFernet([Fernet(OLD)])).store(NAME, "refresh-1")
    keys(f"{NEW},{OLD}")
    vault = open_tokens(ledger)
    assert vault.peek(NAME) == "refresh-1"
    with vault.exclusive(NAME) as slot:
        slot.store("refresh-2")
    assert ledger.token_vault(lambda: Fernet(NEW)).peek(NAME) == "refresh-2"


def test_with_an_empty_key_no_token_is_asked_for(ledger: Ledger, keys: Callable[[str], None]) -> None:
    keys("")
    vault = open_tokens(ledger)
    with pytest.raises(ConfigurationError, match=r"core\.fernet_key is empty"), vault.exclusive(NAME):
        pytest.fail("the slot was given out")


@pytest.mark.parametrize("bad", ["not a key", "c2hvcnQ=", f"{NEW},"], ids=["no base64", "too short", "an empty second"])
def test_a_key_that_is_none_is_named_and_not_shown(keys: Callable[[str], None], bad: str) -> None:
    keys(bad)
    with pytest.raises(ConfigurationError, match=r"core\.fernet_key holds a key that is not 32 bytes") as caught:
        token_cipher()
    assert bad not in str(caught.value)
    assert caught.value.__suppress_context__


def test_fingerprints_are_made_with_keys_of_airflows_own_that_show_none_of_them(keys: Callable[[str], None]) -> None:
    keys(OLD)
    [old] = fingerprint_keys()
    keys(f"{NEW}, {OLD}")
    new, still = fingerprint_keys()
    assert still == old != new
    assert OLD.encode() not in old
    keys("")
    assert fingerprint_keys() == ()
