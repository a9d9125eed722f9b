"""iXpole's tokens: client credentials, per tenant (ixpole.md, "Base URL and access")."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sandbox.store import Row, Store, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock
    from sandbox.ixpole.tenants import Tenant


class TokenRefusedError(Exception):
    """An OAuth error code and the HTTP status that goes with it."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Identity:
    """Issues and checks tokens; one opens its own tenant only."""

    def __init__(self, store: Store, clock: Clock, token_seconds: int) -> None:
        self._clock, self.token_seconds = clock, token_seconds
        self._tokens = Table(store, "ixpole", "access_tokens", "token")

    def issue(self, tenant: Tenant, form: Mapping[str, str]) -> Row:
        """The answer to a token request; id and secret come in the form."""
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusedError("unsupported_grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (tenant.client_id, tenant.client_secret):
            raise TokenRefusedError("invalid_client", 401)
        token = f"ix-{uuid.uuid4().hex}"
        until = int(self._clock.seconds()) + self.token_seconds
        self._tokens.put({"token": token, "tenant": tenant.name, "until": until})
        return {"access_token": token, "token_type": "bearer", "expires_in": self.token_seconds}

    def expire_all(self) -> None:
        """Every token is worth nothing from now on."""
        self._tokens.clear()

    def opens(self, authorization: str, tenant: str) -> bool:
        """Whether a bearer token is good for this tenant now."""
        kind, _, token = authorization.partition(" ")
        row = self._tokens.get(token.strip()) if kind.lower() == "bearer" else None
        return row is not None and row["tenant"] == tenant and row["until"] > self._clock.seconds()
