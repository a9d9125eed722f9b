"""Xero's identity service: tokens for custom connections, and rotating refresh tokens (xero.md, "Access")."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import TYPE_CHECKING

from sandbox.store import Row, Store, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock

CLIENT_ID = "SANDBOX0CLIENT0ID0000000000000000"
CLIENT_SECRET = "sandbox-xero-client-secret"  # noqa: S105 - made up
SCOPES = "accounting.invoices accounting.payments accounting.contacts accounting.settings accounting.settings.read"
_GRACE_SECONDS = 30 * 60
_REFRESH_SECONDS = 60 * 86_400
_READ_ONLY = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.contacts",
    "accounting.settings",
    "accounting.attachments",
)
_KNOWN_SCOPES = {
    "offline_access",
    "openid",
    "profile",
    "email",
    "accounting.transactions",
    "accounting.transactions.read",
    *_READ_ONLY,
    *(f"{scope}.read" for scope in _READ_ONLY),
}


class TokenRefusedError(Exception):
    """An OAuth error code and the HTTP status that goes with it."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Identity:
    """Issues and checks tokens."""

    def __init__(self, store: Store, clock: Clock, token_seconds: int) -> None:
        self._clock, self.token_seconds = clock, token_seconds
        self._access = Table(store, "xero", "access_tokens", "token")
        # One row per consent: its current refresh token, the one before, and when that one was replaced.
        self._consents = Table(
            store,
            "xero",
            "consents",
            "id",
            {"current": lambda row: row["current"], "previous": lambda row: row["previous"]},
        )

    def issue(self, form: Mapping[str, str], authorization: str) -> Row:
        """The answer to a token request."""
        client, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if (client, secret) != (CLIENT_ID, CLIENT_SECRET):
            raise TokenRefusedError("invalid_client", 401)
        grant = form.get("grant_type")
        if grant == "client_credentials":
            return self._token(self._scopes(form.get("scope") or SCOPES))
        if grant == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        raise TokenRefusedError("unsupported_grant_type")

    def consent(self, scopes: str = f"{SCOPES} offline_access") -> str:
        """The first refresh token, as if a user had just agreed in the browser."""
        return str(
            self._consents.put(self._rotated({"id": str(uuid.uuid4()), "scopes": scopes, "current": None}))["current"]
        )

    def expire_access_tokens(self) -> None:
        """Every access token is worth nothing from now on."""
        for row in self._access.rows():
            self._access.remove(row["token"])

    def scopes_of(self, authorization: str) -> set[str] | None:
        """The scopes of a bearer token; `None` when it is unknown or expired."""
        row = self._access.get(authorization.removeprefix("Bearer ").strip())
        if row is None or row["until"] <= self._clock.seconds():
            return None
        return set(row["scopes"].split())

    def _scopes(self, wanted: str) -> str:
        if not set(wanted.split()) <= _KNOWN_SCOPES:
            raise TokenRefusedError("invalid_scope")
        return wanted

    def _token(self, scopes: str) -> Row:
        token = f"at-{uuid.uuid4().hex}{uuid.uuid4().hex}"
        self._access.put({"token": token, "scopes": scopes, "until": int(self._clock.seconds()) + self.token_seconds})
        return {"access_token": token, "expires_in": self.token_seconds, "token_type": "Bearer", "scope": scopes}

    def _refresh(self, token: str) -> Row:
        """A new pair. The token used last stays good for half an hour; whatever was issued beside it is lost."""
        now = self._clock.seconds()
        current = self._consents.find("current", token)
        previous = [row for row in self._consents.find("previous", token) if now < row["rotated"] + _GRACE_SECONDS]
        if current and now < current[0]["rotated"] + _REFRESH_SECONDS:
            consent = self._rotated(current[0])
        elif previous:
            consent = self._rotated(previous[0]) | {"previous": token, "rotated": previous[0]["rotated"]}
        else:
            raise TokenRefusedError("invalid_grant")
        self._consents.put(consent)
        return {**self._token(consent["scopes"]), "refresh_token": consent["current"]}

    def _rotated(self, consent: Row) -> Row:
        fresh = f"rt-{uuid.uuid4().hex}{uuid.uuid4().hex}"
        return {**consent, "current": fresh, "previous": consent["current"], "rotated": int(self._clock.seconds())}


def allows(scopes: set[str], area: str, *, reading: bool) -> bool:
    """Whether scopes allow to use an area (`invoices`, `payments`, `contacts`, `settings`)."""
    names = {f"accounting.{area}"}
    if area in ("invoices", "payments"):
        names.add("accounting.transactions")
    if reading:
        names |= {f"{name}.read" for name in names}
    return bool(scopes & names)


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client, secret
