"""What tests of tokens need: credentials, a store that outlives processes, and answers of an identity service."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import requests
from requests import PreparedRequest, Request

from invoice_bridge.hooks.auth.oauth import ClientCredentials, RefreshToken, TokenEndpoint
from invoice_bridge.hooks.auth.token_service import TokenService
from invoice_bridge.hooks.auth.tokens import TokenAuth, TokenSlot, TokenStore
from invoice_bridge.hooks.http.transport import Transport
from invoice_bridge_core.errors import LedgerError
from tests.hooks.scripted_server import Reply, ScriptedServer, reply

if TYPE_CHECKING:
    from collections.abc import Iterator


SECRET = "client-secret-Zx81"


NAME = "xero:xero_default"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


class DurableStore:
    """A store that outlives processes, as far as a test can tell; notes the order of things."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.history: list[str] = []
        self.broken = False
        self._lock = threading.Lock()

    def peek(self, name: str) -> str | None:
        return self.texts.get(name)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[TokenSlot]:
        with self._lock:
            yield _Slot(self, name)


class _Slot:
    def __init__(self, store: DurableStore, name: str) -> None:
        self.store_ = store
        self.name = name

    @property
    def value(self) -> str | None:
        return self.store_.texts.get(self.name)

    def store(self, text: str) -> None:
        if self.store_.broken:
            raise LedgerError("the ledger is gone")
        self.store_.texts[self.name] = text
        self.store_.history.append(json.loads(text)["refresh"])


def service(clock: Clock, system: str = "Xero", conn_id: str = "xero_default") -> TokenService:
    return TokenService(Transport(requests.Session(), system, conn_id), sleep=lambda _: None, clock=clock.time)


def endpoint(server: ScriptedServer, clock: Clock, **changes: Any) -> TokenEndpoint:
    values: dict[str, Any] = {
        "service": service(clock),
        "url": f"{server.url}/connect/token",
        "client_id": "client-1",
        "client_secret": SECRET,
    }
    return TokenEndpoint(**values | changes)


def client(server: ScriptedServer, clock: Clock, store: TokenStore, **changes: Any) -> TokenAuth:
    grant = ClientCredentials(endpoint(server, clock, **changes), "accounting.invoices accounting.contacts")
    return TokenAuth(grant, store, name=NAME, clock=clock.time)


def refresher(server: ScriptedServer, clock: Clock, store: TokenStore, first: str = "first-refresh") -> TokenAuth:
    return TokenAuth(RefreshToken(endpoint(server, clock), first), store, name=NAME, clock=clock.time)


def granted(token: str, refresh: str | None = None, lifetime: object = 1800) -> Reply:
    return reply({"access_token": token, "expires_in": lifetime, "token_type": "Bearer", "refresh_token": refresh})


def forms(server: ScriptedServer) -> list[dict[str, str]]:
    return [{key: values[0] for key, values in parse_qs(seen.body.decode()).items()} for seen in server.seen]


def signed_with(auth: TokenAuth) -> PreparedRequest:
    return Request("GET", "http://127.0.0.1/", auth=auth).prepare()
