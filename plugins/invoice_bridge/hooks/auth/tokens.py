"""Access tokens that all task processes share: one of them asks for a new one, the others find it in the store.

A refresh token may be good for one use only (Xero), so the new one is stored durably before the new access token is
used, and only one process at a time may ask (contract xero.md, access). The OAuth grants are in `hooks/auth/oauth.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from invoice_bridge.hooks.http.authentication import AUTHORIZATION, RenewableAuth, bearer, token_of
from invoice_bridge.hooks.masking import mask_secret
from invoice_bridge_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from requests import PreparedRequest

MARGIN = dt.timedelta(minutes=2)
"""How long before its end a token is renewed; a tenth of its life where that is less."""

log = logging.getLogger(__name__)


class Token(BaseModel):
    """What a grant yields.

    :param renew_at: when to ask for a new one, in seconds since 1970; `None`: when this one is refused.
    :param refresh: the refresh token that gets the next one.
    :param origin: fingerprint of the credentials that it comes from; changed credentials make it worthless.
    """

    model_config = ConfigDict(frozen=True)

    access: str
    renew_at: float | None = None
    refresh: str | None = None
    origin: str = ""

    def __repr__(self) -> str:
        return f"Token(renew_at={self.renew_at})"


def renewal_time(issued_at: float, lifetime_seconds: float | None) -> float | None:
    """When to renew a token that lives so long: 2 minutes before its end, or a tenth of a shorter life."""
    if lifetime_seconds is None:
        return None
    return issued_at + lifetime_seconds - min(MARGIN.total_seconds(), lifetime_seconds / 10)


def fingerprint(*parts: str) -> str:
    """A hash by which later runs see that credentials have changed. Stored tokens hold it: never change its form."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class TokenSlot(Protocol):
    """One named token, which no other process can change at the moment."""

    @property
    def value(self) -> str | None:
        """What is stored."""

    def store(self, text: str) -> None:
        """Store it, durably before this returns."""


class TokenStore(Protocol):
    """Where the task processes share tokens: the ledger's `TokenVault`, or `MemoryTokenStore` without a ledger."""

    def peek(self, name: str) -> str | None:
        """What is stored, without waiting for whoever is just replacing it."""

    def exclusive(self, name: str) -> AbstractContextManager[TokenSlot]:
        """The token's slot for one holder at a time, among all processes that use the store."""


class MemoryTokenStore:
    """Tokens of this process alone: for `test_connection` and for hooks used without a ledger."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._lock = threading.RLock()

    def peek(self, name: str) -> str | None:
        """What is stored."""
        return self._values.get(name)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[TokenSlot]:
        """The token's slot for one thread at a time."""
        with self._lock:
            yield _MemorySlot(self._values, name)


class _MemorySlot:
    def __init__(self, values: dict[str, str], name: str) -> None:
        self._values = values
        self._name = name

    @property
    def value(self) -> str | None:
        return self._values.get(self._name)

    def store(self, text: str) -> None:
        self._values[self._name] = text


class Grant(Protocol):
    """One way of getting an access token."""

    @property
    def conn_id(self) -> str:
        """The connection that holds the credentials."""

    @property
    def origin(self) -> str:
        """Fingerprint of the credentials, the same in every process and without any secret in it."""

    @property
    def needs_durable_store(self) -> bool:
        """Whether the user would be locked out if the stored token were lost."""

    def obtain(self, stored: Token | None) -> Token:
        """A new token.

        :param stored: the last token of the same credentials, good or not.
        :raises CredentialsRefusedError: they are not accepted.
        :raises TransientError: the identity service could not say.
        """


class TokenAuth(RenewableAuth):
    """Signs requests with `Authorization: Bearer …`, keeping the token fresh.

    :param name: the token's name in the store, such as `xero:xero_default`.
    :param clock: seconds since 1970.
    :raises ConfigurationError: the grant rotates its refresh token and the store would forget it.
    """

    def __init__(self, grant: Grant, store: TokenStore, *, name: str, clock: Callable[[], float] = time.time) -> None:
        if grant.needs_durable_store and isinstance(store, MemoryTokenStore):
            raise ConfigurationError(
                f"Connection {grant.conn_id} has a refresh token that changes with every use. "
                "It works only together with the ledger, which keeps the next one"
            )
        self._grant = grant
        self._store = store
        self._name = name
        self._clock = clock
        self._at_hand: Token | None = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign the request."""
        request.headers[AUTHORIZATION] = bearer(self.access_token())
        return request

    def access_token(self) -> str:
        """A token that is not about to end: the one at hand, the stored one, or a new one."""
        token = self._at_hand
        if token is None or not self._is_fresh(token):
            token = self._read(self._store.peek(self._name))
        if token is None or not self._is_fresh(token):
            token = self._replace(refused=None)
        self._at_hand = token
        return token.access

    def renew(self, refused: PreparedRequest) -> None:
        """Replace the token of a request that was answered with 401; once, however many were refused with it."""
        self._at_hand = self._replace(refused=token_of(refused))

    def _replace(self, refused: str | None) -> Token:
        with self._store.exclusive(self._name) as slot:
            stored = self._read(slot.value)
            if stored is not None and stored.access != refused and self._is_fresh(stored):
                return stored
            token = self._grant.obtain(stored).model_copy(update={"origin": self._grant.origin})
            _mask(token)
            slot.store(token.model_dump_json())
        return token

    def _is_fresh(self, token: Token) -> bool:
        return token.renew_at is None or self._clock() < token.renew_at

    def _read(self, text: str | None) -> Token | None:
        """The stored token, unless it comes from other credentials than the connection holds now."""
        if text is None:
            return None
        try:
            token = Token.model_validate_json(text)
        except ValidationError:
            log.warning("The stored token %s is unreadable and left alone", self._name)
            return None
        _mask(token)
        return token if token.origin == self._grant.origin else None


def _mask(token: Token) -> None:
    mask_secret(token.access)
    if token.refresh:
        mask_secret(token.refresh)
