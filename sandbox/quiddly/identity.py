"""Who may call Quiddly: a service token, or a user who signs in for a day (quiddly.md, "Base URL and access")."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from sandbox.store import Row, Store, Table

if TYPE_CHECKING:
    from sandbox.clock import Clock

USER = "sandbox-erp"
PASSWORD = "sandbox-quiddly-password"  # noqa: S105 - made up
SERVICE_TOKEN = "sandbox-quiddly-service-token"  # noqa: S105 - made up
TOKEN_SECONDS = 86_400


class Identity:
    """Issues and checks tokens."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._tokens = Table(store, "quiddly", "tokens", "token")

    def sign_in(self, body: Any) -> Row | None:
        """The answer to the right user and password, which does not say how long the token lives."""
        if not isinstance(body, dict) or (body.get("username"), body.get("password")) != (USER, PASSWORD):
            return None
        token = f"eyJ{uuid.uuid4().hex}{uuid.uuid4().hex}"
        self._tokens.put({"token": token, "until": int(self._clock.seconds()) + TOKEN_SECONDS})
        return {"idToken": token, "tokenType": "Bearer"}

    def accepts(self, authorization: str) -> bool:
        """Whether the header holds a token that is good now."""
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer":
            return False
        row = self._tokens.get(token)
        return token == SERVICE_TOKEN or (row is not None and self._clock.seconds() < row["until"])
