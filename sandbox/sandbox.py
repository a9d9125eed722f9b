"""The sandbox as one object: its world behind a real HTTP server, steered from Python or over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.connection import OpenConnections
from sandbox.control import control_app
from sandbox.gateway import Gateway
from sandbox.server import Server
from sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class Sandbox(World):
    """All systems on one port; a context manager. The arguments are those of `World` and of `Server`."""

    def __init__(
        self,
        *,
        seed: int = 7,
        documents: int = 140,
        limits: str = "relaxed",
        data: str = "mixed",
        state: Path | str | None = None,
        port: int = 0,
        host: str | None = None,
        token_seconds: int = 1800,
    ) -> None:
        super().__init__(
            seed=seed, documents=documents, limits=limits, data=data, state=state, token_seconds=token_seconds
        )
        connections = OpenConnections()
        gateway = Gateway(
            self.systems, control_app(self), self.store, self.clock, self.traffic, self.faults, connections
        )
        self._server = Server(gateway, connections.protocol(), port, host)

    @property
    def url(self) -> str:
        """Base address of the server."""
        return self._server.url

    @property
    def connections(self) -> dict[str, dict[str, Any]]:
        """Airflow connections (id → connection JSON) for all systems."""
        return {name: value for system in self.systems for name, value in system.connections(self.url).items()}

    def start(self) -> Sandbox:
        """Start serving."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving and close the state file."""
        self._server.stop()
        self.store.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
