"""OAuth 2 grants: how a connection's credentials become an access token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from requests.auth import HTTPBasicAuth

from invoice_bridge.hooks.auth.tokens import Token, fingerprint, renewal_time
from invoice_bridge.hooks.http.address import check_token_url
from invoice_bridge.hooks.http.answers import Answer, cut
from invoice_bridge.hooks.http.authentication import is_sendable, unsigned
from invoice_bridge.hooks.masking import mask_secret
from invoice_bridge_core.errors import BridgeError, ConfigurationError, CredentialsRefusedError, GarbledAnswerError

if TYPE_CHECKING:
    from invoice_bridge.hooks.auth.token_service import TokenService

CLIENT_CREDENTIALS = "client_credentials"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - OAuth's name for the grant, and for the field of forms and answers
ACCESS_TOKEN = "access_token"  # noqa: S105 - a field's name
JSON_ONLY = {"Accept": "application/json"}


@dataclass(frozen=True)
class TokenEndpoint:
    """Where a client asks for tokens, and how it shows who it is.

    :param secret_in_form: client id and secret as form fields (iXpole) instead of HTTP Basic (Xero).
    :param setting: the connection's field that the address comes from.
    """

    service: TokenService
    url: str
    client_id: str
    client_secret: str = field(repr=False)
    secret_in_form: bool = False
    setting: str = "token_url"

    def __post_init__(self) -> None:
        for name, value in (("login", self.client_id), ("password", self.client_secret)):
            if not value:
                raise ConfigurationError(
                    f"Connection {self.conn_id} lacks its {name}: the client id and secret go there"
                )
        check_token_url(self.url, self.conn_id)
        mask_secret(self.client_secret)

    @property
    def system(self) -> str:
        """Whose endpoint it is, for messages."""
        return self.service.transport.system

    @property
    def conn_id(self) -> str:
        """The connection that holds the credentials."""
        return self.service.transport.conn_id

    def ask(self, form: dict[str, str], *, remedy: str) -> Token:
        """The token that the form gets.

        :param remedy: what people have to do when the credentials are refused for good.
        :raises CredentialsRefusedError: they are.
        :raises TransientError: a limit, an outage or a lost answer; asking again with the same form is right.
        :raises GarbledAnswerError: an answer that holds no token.
        """
        client = {"client_id": self.client_id, "client_secret": self.client_secret} if self.secret_in_form else {}
        basic = HTTPBasicAuth(self.client_id.encode(), self.client_secret.encode())
        auth = unsigned if self.secret_in_form else basic
        request = requests.Request("POST", self.url, data={**form, **client}, headers=JSON_ONLY, auth=auth)
        what = f"the request for an access token (connection {self.conn_id})"
        answer, asked_at = self.service.ask(
            request, what=what, refusal=lambda answer, text: self._refusal(answer, text, remedy)
        )
        return _token(answer, asked_at)

    def _refusal(self, answer: Answer, text: str, remedy: str) -> BridgeError:
        code = _error_code(answer)
        if answer.status in (400, 401, 403) and code:
            remedy = _remedy_for(code, self.conn_id, remedy)
            return answer.error(CredentialsRefusedError, f"{text}: {code}; {remedy}")
        if answer.status in (401, 403):
            return answer.error(CredentialsRefusedError, f"{text}; {remedy}")
        return answer.error(ConfigurationError, f"{text}; check {self.setting} of connection {self.conn_id}")


@dataclass(frozen=True)
class ClientCredentials:
    """The client signs in for itself. There is no refresh token: it signs in again."""

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
        return _origin(self.endpoint, self.endpoint.client_secret, self.scopes)

    def obtain(self, stored: Token | None) -> Token:
        """A new token for the client's own credentials."""
        form = {"grant_type": CLIENT_CREDENTIALS} | ({"scope": self.scopes} if self.scopes else {})
        return self.endpoint.ask(form, remedy=f"check client id and secret in connection {self.conn_id}")


@dataclass(frozen=True)
class RefreshToken:
    """Somebody authorised the client once; each use of the refresh token yields the next one.

    :param first: the refresh token in the connection. Once somebody replaces it there, the tokens that came from the
        old one are no longer used.
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
        return _origin(self.endpoint, self.first)

    def obtain(self, stored: Token | None) -> Token:
        """A new token from the newest refresh token; after a lost answer the same one is used again.

        Xero lets the previous refresh token work for 30 minutes for just that case.
        """
        newest = (stored.refresh if stored else None) or self.first
        form = {"grant_type": REFRESH_TOKEN, REFRESH_TOKEN: newest}
        remedy = (
            f"authorise Invoice Bridge in {self.endpoint.system} again and put the new refresh token "
            f"into connection {self.conn_id} (extra: refresh_token)"
        )
        token = self.endpoint.ask(form, remedy=remedy)
        return token if token.refresh else token.model_copy(update={"refresh": newest})


def _token(answer: Answer, asked_at: float) -> Token:
    body = answer.json()
    access = body.get(ACCESS_TOKEN) if isinstance(body, dict) else None
    if not isinstance(access, str) or not is_sendable(access):
        raise answer.error(GarbledAnswerError, f"{answer.system}'s answer to {answer.what} holds no access token")
    refresh = body.get(REFRESH_TOKEN)
    refresh = refresh if isinstance(refresh, str) and refresh else None
    for secret in filter(None, (access, refresh)):
        mask_secret(secret)
    return Token(access=access, refresh=refresh, renew_at=renewal_time(asked_at, _seconds(body.get("expires_in"))))


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < 1e9 else None


def _error_code(answer: Answer) -> str:
    """OAuth's own word, such as `invalid_grant`. Nothing else is taken from the body: it may repeat what was sent."""
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


def _origin(endpoint: TokenEndpoint, *parts: str) -> str:
    return fingerprint(endpoint.url, endpoint.client_id, *parts)
