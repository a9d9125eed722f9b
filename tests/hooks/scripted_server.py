"""A real HTTP server that answers what a test has written down, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: tuple[str, int]


@dataclass(frozen=True)
class Reply:
    """One answer.

    `drop`: the connection closes without a word. `cut_short`: the body breaks off. `delay`: seconds before it comes.
    """

    status: int = 200
    body: bytes = b"{}"
    content_type: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False
    cut_short: bool = False


def reply(body: Any = None, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; underscores in header names stand for dashes."""
    text = b"" if body is None else json.dumps(body).encode()
    return Reply(status, text, headers={name.replace("_", "-"): value for name, value in headers.items()})


DROP = Reply(drop=True)


class ScriptedServer:
    """Answers with `script`, one reply per request, and with the last one for ever."""

    def __init__(self) -> None:
        self.script: list[Reply] = [reply({})]
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}"

    def answers(self, *script: Reply) -> None:
        self.script = list(script)

    def encrypt(self, context: ssl.SSLContext) -> None:
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "https"

    def next_reply(self, request: Seen) -> Reply:
        with self._lock:
            self.seen.append(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    @contextmanager
    def running(self) -> Iterator[ScriptedServer]:
        thread = threading.Thread(target=lambda: self._server.serve_forever(0.02), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told = outer.next_reply(
                    Seen(self.command, self.path, dict(self.headers.items()), body, self.client_address)
                )
                time.sleep(told.delay)
                if told.drop:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(told.status)
                if told.content_type is not None:
                    self.send_header("Content-Type", told.content_type)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                if told.status != 204:
                    self.send_header("Content-Length", str(len(told.body) + (100 if told.cut_short else 0)))
                self.end_headers()
                if told.status != 204:
                    with suppress(ConnectionError):
                        self.wfile.write(told.body)
                if told.cut_short:
                    self.close_connection = True

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    with ScriptedServer().running() as server:
        yield server


def connection_json(**values: Any) -> str:
    """What AIRFLOW_CONN_… holds."""
    return json.dumps(values)
