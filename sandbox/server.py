"""An ASGI app on a port, served by uvicorn in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp

_START_TIMEOUT = 20.0
LOOPBACK, ANY = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where a name is given by which others reach it


class Server:
    """Runs between `start` and `stop`; the port is known as soon as the object exists.

    :param host: the name by which other machines reach it; without one it listens on the loopback interface alone.
    """

    def __init__(self, app: ASGIApp, protocol: type[asyncio.Protocol], port: int = 0, host: str | None = None) -> None:
        self._host = host or LOOPBACK
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((ANY if host else LOOPBACK, port))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    @property
    def url(self) -> str:
        """Where the server is reached."""
        return f"http://{self._host}:{self.port}"

    def start(self) -> None:
        """Serve; returns when the first request can come."""
        self._thread.start()
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"The sandbox's server did not start on port {self.port}.")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop serving and wait for the thread."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._socket.close()
