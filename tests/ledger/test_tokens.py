"""Tokens are encrypted, durable, and replaced by one task at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet, MultiFernet

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger import Ledger, TokenVault
from invoice_bridge_core.ledger.database.tables import tokens
from tests.ledger.test_contacts import at_once

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.connections.tokens import VaultSlot

NAME = "xero:xero_default"
OLD, NEW = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())


class NoCipher:
    """What Airflow has while its key is empty."""

    def encrypt(self, msg: bytes) -> bytes:
        return msg

    def decrypt(self, msg: bytes | str) -> bytes:
        return msg.encode() if isinstance(msg, str) else msg


@pytest.fixture
def vault(ledger: Ledger) -> TokenVault:
    return ledger.token_vault(lambda: OLD)


def ciphertext(ledger: Ledger) -> str:
    with ledger.transaction() as connection:
        return connection.scalars(sa.select(tokens.c.ciphertext)).one()


def test_a_token_is_found_by_others_at_once(ledger_url: str, vault: TokenVault) -> None:
    assert vault.peek(NAME) is None
    other = Ledger.connect(ledger_url)
    with vault.exclusive(NAME) as slot:
        assert slot.value is None
        slot.store("refresh-1")
        assert other.token_vault(lambda: OLD).peek(NAME) == "refresh-1"
        slot.store("refresh-2")
        assert slot.value == "refresh-2"
    assert other.token_vault(lambda: OLD).peek(NAME) == "refresh-2"
    assert other.token_vault(lambda: OLD).peek("another") is None
    other.close()


def test_a_stored_token_survives_the_failure_that_follows(vault: TokenVault) -> None:
    def rotate(slot: VaultSlot) -> None:
        slot.store("refresh-2")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), vault.exclusive(NAME) as slot:
        rotate(slot)
    assert vault.peek(NAME) == "refresh-2"


def test_nobody_reads_the_token_in_the_database(ledger: Ledger, vault: TokenVault) -> None:
    vault.store(NAME, "very-secret")
    assert "very-secret" not in ciphertext(ledger)


def test_one_task_at_a_time_replaces_it(vault: TokenVault) -> None:
    vault.store(NAME, "0")

    def rotate() -> None:
        with vault.exclusive(NAME) as slot:
            slot.store(str(int(slot.value or "") + 1))

    at_once(8, rotate)
    assert vault.peek(NAME) == "8"


def test_keys_are_rotated_one_behind_the_other(ledger: Ledger, vault: TokenVault) -> None:
    vault.store(NAME, "refresh-1")
    both = ledger.token_vault(lambda: MultiFernet([NEW, OLD]))
    assert both.peek(NAME) == "refresh-1"
    with both.exclusive(NAME) as slot:
        slot.store("refresh-2")
    assert ledger.token_vault(lambda: NEW).peek(NAME) == "refresh-2"


def test_a_token_of_an_unknown_key_says_what_to_do(ledger: Ledger, vault: TokenVault) -> None:
    vault.store(NAME, "refresh-1")
    with pytest.raises(ConfigurationError, match=r"xero:xero_default.*another key.*core\.fernet_key") as caught:
        ledger.token_vault(lambda: NEW).peek(NAME)
    assert "refresh-1" not in str(caught.value)
    assert ledger.forget_token(NAME)
    assert not ledger.forget_token(NAME)
    assert ledger.token_vault(lambda: NEW).peek(NAME) is None


def test_nothing_is_stored_as_plain_text(ledger: Ledger) -> None:
    vault = ledger.token_vault(NoCipher)
    with pytest.raises(ConfigurationError, match=r"core\.fernet_key is empty.*plain text"), vault.exclusive(NAME):
        pytest.fail("the slot was given out")
    with pytest.raises(ConfigurationError, match="plain text"):
        vault.store(NAME, "refresh-1")
    assert vault.peek(NAME) is None


def test_a_token_is_not_used_where_the_key_was_taken_away(ledger: Ledger, vault: TokenVault) -> None:
    vault.store(NAME, "refresh-1")
    with pytest.raises(ConfigurationError, match=r"core\.fernet_key is empty"):
        ledger.token_vault(NoCipher).peek(NAME)


def test_without_a_good_key_no_token_is_asked_for(ledger: Ledger) -> None:
    def no_cipher() -> Fernet:
        raise ConfigurationError("a key is not valid")

    vault = ledger.token_vault(no_cipher)
    with pytest.raises(ConfigurationError, match="a key is not valid"), vault.exclusive(NAME):
        pytest.fail("the slot was given out")


def test_the_cipher_is_opened_when_a_token_is_needed_and_once(ledger: Ledger) -> None:
    opened: list[Fernet] = []

    def cipher() -> Fernet:
        opened.append(OLD)
        return OLD

    vault = ledger.token_vault(cipher)
    assert vault.peek(NAME) is None
    assert opened == []
    with vault.exclusive(NAME) as slot:
        slot.store("refresh-1")
        assert slot.value == "refresh-1"
    assert opened == [OLD]
