"""What holds for every request to the desk, whichever part answers it.

A request that changes something has to come from a page of this Airflow. Every answer tells the browser what it may
do with it. What goes wrong is one sentence, and the log says the rest.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
NOT_KEPT, ASKED_FOR_AGAIN = "private, no-store", "private, no-cache"
"""A file is kept, and asked for by its mark: after an upgrade no page is made of files of two versions."""
_READS = ("GET", "HEAD")


class DeskGuard:
    """Around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_file = "/static/" in scope["path"]
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers["Cache-Control"] = ASKED_FOR_AGAIN if is_file and message["status"] < 400 else NOT_KEPT
            await send(message)

        if scope["method"] not in _READS and not is_of_own_page(Headers(scope=scope), scope):
            await _sentence(send_with_headers, 403, "Only a page of this Airflow may change something here.")
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            log.exception("The desk could not answer %s %s", scope["method"], scope["path"])
            if has_begun:
                raise
            await _sentence(
                send_with_headers, 500, "Something went wrong here. The log of Airflow's API server says what."
            )


def is_of_own_page(headers: Headers, scope: Mapping[str, Any]) -> bool:
    """Whether a request that changes something was made by a page of this Airflow, and not by another site.

    Browsers say it in `Sec-Fetch-Site`; where they do not, because the connection is not a safe one, in `Origin`.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return False
    if (site := headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    public = _origin(conf.get("api", "base_url", fallback=""))
    own = f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"
    origin = headers.get("origin")
    return bool(origin) and origin in (own, public)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


async def _sentence(send: Send, status: int, text: str) -> None:
    body = json.dumps({"error": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
