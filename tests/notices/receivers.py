"""A mail server and a receiver of webhooks on localhost, each with the faults that such servers have."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


@dataclass
class Receiver:
    """What arrived, and the fault of the moment.

    `fault` is empty; `refused`: it says no; `lost`: it takes what it is sent, and its answer is lost; `broken`: it says
    that it failed itself; `moved`: it is elsewhere.
    """

    port: int = 0
    fault: str = ""
    arrived: list[Any] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: Any) -> None:
        with self.lock:
            self.arrived.append(message)

    def taken(self) -> list[Any]:
        """What arrived since it was asked last."""
        with self.lock:
            arrived, self.arrived = self.arrived, []
        return arrived


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        self.say("220 localhost ready")
        while line := self.rfile.readline():
            command = line.strip().upper()
            if command.startswith(b"EHLO"):
                self.say("250-localhost\r\n250 8BITMIME")
            elif command == b"DATA":
                self.say("354 go on")
                message = self.data()
                if receiver.fault == "refused":
                    self.say("554 not wanted")
                    continue
                receiver.take(message_from_bytes(message, policy=policy.default))
                if receiver.fault == "lost":
                    return
                self.say("250 taken")
            elif command == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class _Http(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        status = {"refused": 404, "broken": 502, "moved": 308}.get(receiver.fault, 204)
        if status in (204, 502):
            receiver.take((self.path, dict(self.headers), json.loads(body)))
        if receiver.fault == "lost":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        if status == 308:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _ThreadingTCPServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[Receiver]:
    """The server at work."""
    receiver = Receiver(port=server.server_address[1])
    server.receiver = receiver  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


def mail_server(port: int = 0) -> socketserver.TCPServer:
    """A mail server on a port of localhost."""
    return _ThreadingTCPServer(("127.0.0.1", port), _Smtp)


def webhook_server(port: int = 0) -> socketserver.TCPServer:
    """A receiver of webhooks on a port of localhost."""
    return ThreadingHTTPServer(("127.0.0.1", port), _Http)


def html_of(mail: EmailMessage) -> str:
    """The HTML part of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    text: str = part.get_content()
    return text
