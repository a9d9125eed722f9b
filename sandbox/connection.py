"""Open sockets of the server, so that a fault can close one without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Scope

_Peer = tuple[str, int]


class OpenConnections:
    """Transports of the open connections by the client's address, which is unique while a connection is open."""

    def __init__(self) -> None:
        self._transports: dict[_Peer, asyncio.Transport] = {}

    def abort(self, scope: Scope) -> None:
        """Close the connection that a request came in on, at once and without a word."""
        transport = self._transports.get(tuple(scope["client"]))
        if transport is not None:
            transport.close()

    def protocol(self) -> type[asyncio.Protocol]:
        """Uvicorn's HTTP protocol, registering its connections here."""
        transports = self._transports

        class WatchedProtocol(H11Protocol):
            """An HTTP connection that can be found by its client's address."""

            _peer: _Peer | None = None

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                self._peer = transport.get_extra_info("peername")[:2]
                transports[self._peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                if self._peer is not None:
                    transports.pop(self._peer, None)
                super().connection_lost(exc)

        return WatchedProtocol
