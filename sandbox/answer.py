"""A finished HTTP answer that can still be changed before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names, without the content length) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, response: Response) -> Answer:
        """The answer that a Starlette response stands for."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.raw_headers}
        headers.pop("content-length", None)
        return cls(response.status_code, headers, bytes(response.body))

    def with_headers(self, extra: Mapping[str, str]) -> Answer:
        """The same answer with more headers."""
        return replace(self, headers={**self.headers, **{name.lower(): value for name, value in extra.items()}})

    def raw_headers(self, length: int) -> list[tuple[bytes, bytes]]:
        """Headers as ASGI wants them, announcing a body of the given length."""
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        if self.status != 204:
            headers.append((b"content-length", str(length).encode()))
        return headers


async def ask(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Run an app on a request whose body is already here and collect its whole answer."""
    status, headers, chunks = 500, {}, []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message.get("headers", [])}
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    headers.pop("content-length", None)
    return Answer(status, headers, b"".join(chunks))
