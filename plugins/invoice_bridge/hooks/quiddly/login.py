"""How a connection's user signs in to Quiddly (contract quiddly.md, "Base URL and access")."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests
from requests.auth import AuthBase

from invoice_bridge.hooks.auth.tokens import Token, renewal_time
from invoice_bridge.hooks.http.answers import Answer
from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.hooks.http.failures import retry_after, transport_failure
from invoice_bridge.hooks.http.retry import CallRetry
from invoice_bridge_core.errors import (
    BridgeError,
    ConfigurationError,
    CredentialsRefusedError,
    GarbledAnswerError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_SECONDS = 86_400.0
"""The life of a token; the answer does not tell it."""
TIMEOUT = (5.0, 30.0)
"""Seconds for connecting, and for each wait for bytes."""
LONGEST_WAIT = 5.0
"""Seconds of waiting in place: other processes wait for the same token meanwhile."""


class ServiceToken(AuthBase):
    """Signs requests with a token that lives until somebody withdraws it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class PasswordLogin:
    """Implements `invoice_bridge.hooks.auth.tokens.Grant`: user and password for a token that is good for a day.

    :param address: the connection's base URL.
    :param session: a session set up with the connection's proxies and certificates.
    """

    conn_id: str
    address: str
    user: str
    password: str = field(repr=False)
    session: requests.Session = field(repr=False, compare=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, compare=False)
    clock: Callable[[], float] = field(default=time.time, repr=False, compare=False)

    @property
    def origin(self) -> str:
        """Changes with anything that the token depends on."""
        return hashlib.sha256("\n".join((self.address, self.user, self.password)).encode()).hexdigest()

    @property
    def needs_durable_store(self) -> bool:
        """A lost token is replaced by signing in again."""
        return False

    def obtain(self, stored: Token | None) -> Token:
        """Sign in.

        :raises CredentialsRefusedError: user or password is wrong.
        :raises TransientError: Quiddly could not say.
        :raises GarbledAnswerError: an answer that holds no token.
        """
        issued_at = self.clock()
        answer = CallRetry(is_read=True, longest_wait=LONGEST_WAIT).call(self._send, self.sleep)
        body = answer.json()
        token = body.get("idToken") if isinstance(body, dict) else None
        if not isinstance(token, str) or not is_sendable(token):
            raise GarbledAnswerError(f"Quiddly answered {answer.what} with something that holds no token")
        return Token(access=token, renew_at=renewal_time(issued_at, TOKEN_SECONDS))

    def _send(self) -> Answer:
        what = f"signing in (connection {self.conn_id})"
        try:
            response = self.session.post(
                f"{self.address}/authenticate",
                data=write_json({"username": self.user, "password": self.password}).encode(),
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                auth=_unsigned,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise transport_failure(error, system="Quiddly", conn_id=self.conn_id, what=what, is_write=False) from error
        answer = Answer(response.status_code, response.headers, response.content, system="Quiddly", what=what)
        if 200 <= answer.status < 300:
            return answer
        raise self._refusal(answer)

    def _refusal(self, answer: Answer) -> BridgeError:
        # Nothing of the body is shown: it may repeat what was sent.
        text = f"Quiddly answered {answer.status} to {answer.what}"
        if answer.status in (408, 425, 429) or answer.status >= 500:
            return TransientError(text, retry_after=retry_after(answer))
        if answer.status in (400, 401, 403, 422):
            return CredentialsRefusedError(f"{text}; check login and password in connection {self.conn_id}")
        return ConfigurationError(f"{text}; check the host of connection {self.conn_id}")


def is_sendable(token: str) -> bool:
    """Whether a header can carry the token."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from signing with what it finds in a .netrc file."""
    return request
