"""OAuth 2 grants: how a connection's credentials become an access token."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from airflow.sdk.log import mask_secret
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict

from invoice_bridge.hooks.auth.tokens import Token, renewal_time
from invoice_bridge.hooks.http.answers import Answer, cut
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

TIMEOUT = (5.0, 30.0)
"""Seconds for connecting, and for each wait for bytes."""
LONGEST_WAIT = 5.0
"""Seconds of waiting in place: other processes wait for the same token meanwhile."""


@dataclass(frozen=True)
class TokenEndpoint:
    """Where a client asks for tokens, and how it shows who it is.

    :param secret_in_form: client id and secret as form fields (iXpole) instead of HTTP Basic (Xero).
    :param session: a session set up with the connection's proxies and certificates.
    """

    system: str
    conn_id: str
    url: str
    client_id: str
    client_secret: str = field(repr=False)
    secret_in_form: bool = False
    session: requests.Session | None = field(default=None, repr=False, compare=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False, compare=False)
    clock: Callable[[], float] = field(default=time.time, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, value in (("login", self.client_id), ("password", self.client_secret)):
            if not value:
                raise ConfigurationError(
                    f"Connection {self.conn_id} lacks its {name}: the client id and secret go there"
                )
        if not self.url.startswith(("https://", "http://")):
            raise ConfigurationError(f"Connection {self.conn_id}: token_url {self.url!r} is no address")
        mask_secret(self.client_secret)

    def ask(self, form: dict[str, str], *, remedy: str) -> Token:
        """The token that the form gets.

        :param remedy: what people have to do when the credentials are refused for good.
        :raises CredentialsRefusedError: they are.
        :raises TransientError: a limit, an outage or a lost answer; asking again with the same form is right.
        :raises GarbledAnswerError: an answer that holds no token.
        """
        issued_at = self.clock()
        answer = CallRetry(is_read=True, longest_wait=LONGEST_WAIT).call(lambda: self._send(form, remedy), self.sleep)
        return _token(answer, issued_at)

    def _send(self, form: dict[str, str], remedy: str) -> Answer:
        what = f"the request for an access token (connection {self.conn_id})"
        shown = {"client_id": self.client_id, "client_secret": self.client_secret} if self.secret_in_form else {}
        basic = HTTPBasicAuth(self.client_id.encode(), self.client_secret.encode())
        try:
            response = (self.session or requests).request(
                "POST",
                self.url,
                data={**form, **shown},
                headers={"Accept": "application/json"},
                auth=_unsigned if self.secret_in_form else basic,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise transport_failure(
                error, system=self.system, conn_id=self.conn_id, what=what, is_write=False
            ) from error
        headers = CaseInsensitiveDict(response.headers)
        answer = Answer(response.status_code, headers, response.content, system=self.system, what=what)
        if answer.status == 200:
            return answer
        raise self._refusal(answer, remedy)

    def _refusal(self, answer: Answer, remedy: str) -> BridgeError:
        text = f"{self.system} answered {answer.status} to {answer.what}"
        code = _error_code(answer)
        if answer.status in (408, 425, 429) or answer.status >= 500:
            return TransientError(text, retry_after=retry_after(answer))
        if answer.status in (400, 401, 403) and code:
            return CredentialsRefusedError(f"{text}: {code}; {_remedy_for(code, self.conn_id, remedy)}")
        if answer.status in (401, 403):
            return CredentialsRefusedError(f"{text}; {remedy}")
        return ConfigurationError(f"{text}; check token_url of connection {self.conn_id}")


@dataclass(frozen=True)
class ClientCredentials:
    """The client asks for itself; no refresh token, it just asks again."""

    endpoint: TokenEndpoint
    scopes: str = ""

    @property
    def conn_id(self) -> str:
        """The connection that holds the credentials."""
        return self.endpoint.conn_id

    @property
    def needs_durable_store(self) -> bool:
        """A lost token is replaced by asking again."""
        return False

    @property
    def origin(self) -> str:
        """Changes with anything that the token depends on."""
        return _fingerprint(self.endpoint, self.endpoint.client_secret, self.scopes)

    def obtain(self, stored: Token | None) -> Token:
        """A new token for the client's own credentials."""
        form = {"grant_type": "client_credentials"} | ({"scope": self.scopes} if self.scopes else {})
        return self.endpoint.ask(form, remedy=f"check client id and secret in connection {self.conn_id}")


@dataclass(frozen=True)
class RefreshToken:
    """Somebody authorised the client once; each use of the refresh token yields the next one.

    :param first: the connection's own refresh token. When the user replaces it, the chain that grew from the old
        one is dropped.
    """

    endpoint: TokenEndpoint
    first: str = field(repr=False)

    def __post_init__(self) -> None:
        mask_secret(self.first)

    @property
    def conn_id(self) -> str:
        """The connection that holds the credentials."""
        return self.endpoint.conn_id

    @property
    def needs_durable_store(self) -> bool:
        """A lost refresh token can only be replaced by a person."""
        return True

    @property
    def origin(self) -> str:
        """Changes when the connection is given another refresh token or client."""
        return _fingerprint(self.endpoint, self.first)

    def obtain(self, stored: Token | None) -> Token:
        """A new token from the newest refresh token; after a lost answer the same one is used again.

        Xero lets the previous refresh token work for 30 minutes for just that case.
        """
        newest = (stored.refresh if stored else None) or self.first
        form = {"grant_type": "refresh_token", "refresh_token": newest}
        remedy = (
            f"authorise Invoice Bridge in {self.endpoint.system} again and put the new refresh token "
            f"into connection {self.conn_id} (extra: refresh_token)"
        )
        token = self.endpoint.ask(form, remedy=remedy)
        return token if token.refresh else token.model_copy(update={"refresh": newest})


def _token(answer: Answer, issued_at: float) -> Token:
    body = answer.json()
    access = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(access, str) or not access.isascii() or not access.isprintable() or " " in access or not access:
        raise GarbledAnswerError(f"{answer.system} answered {answer.what} with something that holds no access token")
    mask_secret(access)
    refresh = body.get("refresh_token")
    refresh = refresh if isinstance(refresh, str) and refresh else None
    if refresh:
        mask_secret(refresh)
    return Token(access=access, refresh=refresh, renew_at=renewal_time(issued_at, _seconds(body.get("expires_in"))))


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < 1e9 else None


def _error_code(answer: Answer) -> str:
    """OAuth's own word, such as `invalid_grant`; nothing else of the body, which may repeat what was sent."""
    try:
        body = answer.json()
    except GarbledAnswerError:
        return ""
    code = body.get("error") if isinstance(body, dict) else None
    return cut(code, 60) if isinstance(code, str) else ""


def _remedy_for(code: str, conn_id: str, remedy: str) -> str:
    if code in ("invalid_client", "unauthorized_client"):
        return f"check client id and secret in connection {conn_id}"
    if code == "invalid_scope":
        return f"check the scopes in connection {conn_id} (extra: scopes)"
    return remedy


def _fingerprint(endpoint: TokenEndpoint, *parts: str) -> str:
    text = "\n".join((endpoint.url, endpoint.client_id, *parts))
    return hashlib.sha256(text.encode()).hexdigest()


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from signing with what it finds in a .netrc file."""
    return request
