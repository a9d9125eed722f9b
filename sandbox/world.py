"""All that the sandbox plays, without the server: systems with state, clock, traffic, faults, expectations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.bookkeeping import BadRequestError
from sandbox.clock import Clock
from sandbox.demo.stories import build_scene
from sandbox.faults import Fault, Faults
from sandbox.ixpole.system import Ixpole
from sandbox.qondor.system import Qondor
from sandbox.quiddly.system import Quiddly
from sandbox.registry import systems
from sandbox.store import Row, Store, Table
from sandbox.system import Settings, System
from sandbox.traffic import Traffic
from sandbox.xero.system import Xero

if TYPE_CHECKING:
    from sandbox.bookkeeping import Bookkeeper

_S = TypeVar("_S", bound=System)


class World:
    """The systems and what they share.

    `documents` waiting documents are made from `seed`: with `data="mixed"` every special case and ordinary ones to
    fill up, with `data="plain"` ordinary invoices only. The other routes' documents come on top of a mixed scene:
    office 9's, and iXpole's. Without `state` nothing outlives the object; with it a later world on the same folder
    goes on where this one stopped, whatever its seed.
    """

    def __init__(
        self, *, seed: int, documents: int, limits: str, data: str, state: Path | str | None, token_seconds: int
    ) -> None:
        self.clock, self.traffic, self.faults = Clock(), Traffic(), Faults()
        self.store = Store(None if state is None else Path(state))
        settings = Settings(limits=limits, token_seconds=token_seconds)
        self.systems = [system(self.store, self.clock, settings) for system in systems()]
        self._planted = Table(self.store, "sandbox", "planted", "seed")
        self._expectations = Table(self.store, "sandbox", "expectations", "source_id")
        if not self._planted:
            self._plant(seed, documents, data)

    def _plant(self, seed: int, documents: int, data: str) -> None:
        scene = build_scene(seed, documents, data)
        for system in self.systems:
            system.plant(scene)
        for expectation in scene.expectations:
            self._expectations.put(expectation)
        self._planted.put({"seed": seed, "documents": documents, "data": data})
        self.store.flush()

    @property
    def expectations(self) -> list[Row]:
        """What the data of each document calls for."""
        return self._expectations.rows()

    @property
    def qondor(self) -> Qondor:
        """Qondor's state."""
        return self.system(Qondor)

    @property
    def ixpole(self) -> Ixpole:
        """The state of iXpole's two tenants."""
        return self.system(Ixpole)

    @property
    def xero(self) -> Xero:
        """Xero's state."""
        return self.system(Xero)

    @property
    def quiddly(self) -> Quiddly:
        """Quiddly's state."""
        return self.system(Quiddly)

    def system(self, kind: type[_S]) -> _S:
        """The played system of a class."""
        return next(system for system in self.systems if isinstance(system, kind))

    def bookkeeper(self, name: str) -> Bookkeeper:
        """The bookkeeper of the finance system with this name.

        :raises BadRequestError: there is none.
        """
        for system in self.systems:
            if system.name == name and system.bookkeeper is not None:
                return system.bookkeeper
        raise BadRequestError(f"There is no finance system {name!r} here.")

    def calls(self) -> dict[str, dict[str, Any]]:
        """Calls per system since the last reset."""
        return self.traffic.counts([system.name for system in self.systems])

    def fault(self, kind: str, system: str = "*", method: str = "*", path: str = "*", **how: Any) -> Fault:
        """Switch a fault on; see `Fault` for what it can do."""
        return self.faults.add(
            Fault.model_validate({"kind": kind, "system": system, "method": method, "path": path, **how})
        )

    def reset(self, seed: int = 7, documents: int = 140, data: str = "mixed") -> None:
        """Begin anew with a fresh scene: state, log, faults, limits and clock. The server goes on."""
        self.faults.clear()
        self.clock.reset()
        for system in self.systems:
            system.limits.forget()
        for table in self.store.tables:
            table.clear()
        self._plant(seed, documents, data)
        self.traffic.reset()
