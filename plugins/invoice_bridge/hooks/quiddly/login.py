"""How a connection's user signs in to Quiddly (contract quiddly.md, "Base URL and access")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from invoice_bridge.hooks.auth.tokens import Token, fingerprint, renewal_time
from invoice_bridge.hooks.http.address import below
from invoice_bridge.hooks.http.authentication import is_sendable, unsigned
from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge_core.errors import BridgeError, ConfigurationError, CredentialsRefusedError, GarbledAnswerError

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.token_service import TokenService
    from invoice_bridge.hooks.http.answers import Answer

TOKEN_SECONDS = 86_400.0
"""The life of a token; the answer does not tell it."""
LOGIN_PATH = "authenticate"


@dataclass(frozen=True)
class PasswordLogin:
    """Implements `invoice_bridge.hooks.auth.tokens.Grant`: user and password for a token that is good for a day.

    :param address: the connection's base URL.
    """

    service: TokenService
    address: str
    user: str
    password: str = field(repr=False)

    @property
    def conn_id(self) -> str:
        """The connection that holds the credentials."""
        return self.service.transport.conn_id

    @property
    def origin(self) -> str:
        """Changes with anything that the token depends on."""
        return fingerprint(self.address, self.user, self.password)

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
        request = requests.Request(
            "POST",
            below(self.address, LOGIN_PATH),
            data=write_json({"username": self.user, "password": self.password}).encode(),
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            auth=unsigned,
        )
        what = f"signing in (connection {self.conn_id})"
        answer, asked_at = self.service.ask(request, what=what, refusal=self._refusal)
        body = answer.json()
        token = body.get("idToken") if isinstance(body, dict) else None
        if not isinstance(token, str) or not is_sendable(token):
            raise answer.error(GarbledAnswerError, f"Quiddly's answer to {answer.what} holds no token")
        return Token(access=token, renew_at=renewal_time(asked_at, TOKEN_SECONDS))

    def _refusal(self, answer: Answer, text: str) -> BridgeError:
        if answer.status in (400, 401, 403, 422):
            return answer.error(
                CredentialsRefusedError, f"{text}; check login and password in connection {self.conn_id}"
            )
        return answer.error(ConfigurationError, f"{text}; check the host of connection {self.conn_id}")
