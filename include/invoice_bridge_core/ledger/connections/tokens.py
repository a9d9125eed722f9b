"""Secrets that tasks on several machines share: encrypted, durable, and replaced by one of them at a time."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger.database.locks import LOCK_SECONDS, locked
from invoice_bridge_core.ledger.database.tables import NOW, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge_core.ledger.database.database import Database

_SAMPLE = b"whether it is changed"


class Cipher(Protocol):
    """What encrypts: a Fernet, a MultiFernet, or what Airflow's `get_fernet` returns."""

    def encrypt(self, msg: bytes, /) -> bytes:
        """The encrypted text, in ASCII."""

    def decrypt(self, msg: bytes | str, /) -> bytes:
        """The text again.

        :raises cryptography.fernet.InvalidToken: it was encrypted with another key.
        """


_STORED = sa.select(tokens.c.ciphertext).where(tokens.c.name == sa.bindparam("stored_as"))


class TokenVault:
    """The tokens of one ledger.

    :param open_cipher: gives the cipher; called when the first token is needed, since most routes need none.
    """

    def __init__(self, database: Database, open_cipher: Callable[[], Cipher]) -> None:
        self._database = database
        self._open_cipher = open_cipher

    def peek(self, name: str) -> str | None:
        """What is stored under the name, without waiting for whoever is just replacing it.

        :raises ConfigurationError: it was encrypted with a key that is not among ours.
        """
        with self._database.look() as connection:
            ciphertext = connection.scalar(_STORED, {"stored_as": name})
        return None if ciphertext is None else self._decrypt(name, ciphertext)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[VaultSlot]:
        """Lock the name's slot, among all tasks on all machines, until the block ends or the process dies.

        :raises TransientError: somebody else kept it for too long.
        :raises ConfigurationError: nothing encrypts; found out before any token is asked for.
        """
        _ = self._cipher
        with locked(self._database, (f"token {name}",), LOCK_SECONDS):
            yield VaultSlot(self, name)

    def store(self, name: str, text: str) -> None:
        """Store a text; it is durable when this returns. Within `exclusive` use the slot's own."""
        ciphertext = self._cipher.encrypt(text.encode()).decode()
        with self._database.transaction() as connection:
            connection.execute(
                insert(tokens)
                .values(name=name, ciphertext=ciphertext, updated_at=NOW)
                .on_conflict_do_update(index_elements=["name"], set_={"ciphertext": ciphertext, "updated_at": NOW})
            )

    @cached_property
    def _opened(self) -> Cipher:
        return self._open_cipher()

    @cached_property
    def _cipher(self) -> Cipher:
        """The cipher, which really encrypts.

        :raises ConfigurationError: there is no good key.
        """
        if self._opened.encrypt(_SAMPLE) == _SAMPLE:
            raise _no_key()
        return self._opened

    def _decrypt(self, name: str, ciphertext: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            text = self._opened.decrypt(ciphertext.encode()).decode()
        except InvalidToken:
            raise ConfigurationError(
                f"The stored token {name} was encrypted with another key. Add that key to Airflow's core.fernet_key "
                f"after a comma, or delete the token: airflow invoice-bridge forget-token {name}"
            ) from None
        # What gives the same back encrypts nothing either, and need not be asked to.
        if text == ciphertext:
            raise _no_key()
        return text


def _no_key() -> ConfigurationError:
    return ConfigurationError(
        "Tokens cannot be kept: Airflow's setting core.fernet_key is empty, so they would be stored as plain text. "
        "Set a key"
    )


class VaultSlot:
    """One name's slot, while nobody else can replace what is in it."""

    def __init__(self, vault: TokenVault, name: str) -> None:
        self._vault = vault
        self._name = name

    @property
    def value(self) -> str | None:
        """What is stored now.

        :raises ConfigurationError: it was encrypted with a key that is not among ours.
        """
        return self._vault.peek(self._name)

    def store(self, text: str) -> None:
        """Store a text, encrypted with the first key; it is durable when this returns."""
        self._vault.store(self._name, text)


def forget_token(database: Database, name: str) -> bool:
    """Drop a stored token; whether there was one. No key is needed for it."""
    with database.transaction() as connection:
        return connection.execute(sa.delete(tokens).where(tokens.c.name == name)).rowcount > 0
