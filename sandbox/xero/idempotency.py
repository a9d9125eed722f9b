"""Idempotency keys: an answer, errors included, is replayed for six minutes (xero.md, "Writing")."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sandbox.store import Store, Table

if TYPE_CHECKING:
    from starlette.responses import Response

    from sandbox.clock import Clock

KEPT_SECONDS = 360
KEY_LENGTH = 128


class KeyReusedError(Exception):
    """The key was used with another request."""


class Replays:
    """Answers by idempotency key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._table = Table(store, "xero", "replays", "key")
        self._clock = clock

    def find(self, key: str, request: str) -> tuple[int, str, bytes] | None:
        """The kept answer (status, content type, body) to the same request; `KeyReusedError` if it was another."""
        row = self._table.get(key)
        if row is None or not self.is_kept(key):
            return None
        if row["request"] != request:
            raise KeyReusedError
        return row["status"], row["type"], row["body"].encode()

    def is_kept(self, key: str) -> bool:
        """Whether there is an answer to whatever was sent with the key."""
        row = self._table.get(key)
        return row is not None and bool(row["until"] > self._clock.seconds())

    def keep(self, key: str, request: str, response: Response) -> None:
        """Remember an answer, and forget the old ones."""
        now = self._clock.seconds()
        for row in self._table.rows():
            if row["until"] > now:
                break
            self._table.remove(row["key"])
        self._table.remove(key)
        self._table.put(
            {
                "key": key,
                "request": request,
                "status": response.status_code,
                "type": response.headers["content-type"],
                "body": bytes(response.body).decode(),
                "until": int(now) + KEPT_SECONDS,
            }
        )


def fingerprint(method: str, path: str, query: str, body: bytes) -> str:
    """What makes two requests the same."""
    digest = hashlib.sha256(body).hexdigest()
    return f"{method} {path}?{query} {digest}"
