"""What `docker compose up` does: containers in their order, health checks, restarts."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import psutil

from local.errors import LocalError
from local.processes import Guard, last_meaningful_line, undisturbed
from local.settings import PROJECT
from tests.cluster.compose import COMPLETED, HEALTHY, Mount, Service
from tests.cluster.container import Container
from tests.cluster.images import build, image_of
from tests.cluster.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

UP_SECONDS = 900.0
_BETWEEN_CHECKS = 2.0
_STOPPED_FIRST = ("worker", "scheduler", "dag-processor", "triggerer", "sandbox", "api-server")


class Engine:
    """The services of a compose file on one machine; all stopped at the end of the `with` block.

    :param work: a folder that only this engine uses.
    :param scale: how many containers a service has, where it is not one.
    """

    def __init__(
        self, services: Mapping[str, Service], work: Path, scale: Mapping[str, int], say: Callable[[str], None] = print
    ) -> None:
        self._services, self.work, self._scale = services, work, scale
        self._say = say
        self._network = Network()
        self._cleanup = ExitStack()
        self._hosts: list[tuple[str, str]] = []
        self._done: set[str] = set()
        self._delays: dict[str, float] = {}
        self._guard: Guard
        self.containers: dict[str, Container] = {}
        self.addresses: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._cleanup.callback(self._stop)
        try:
            self._network.open()
            self._cleanup.callback(self._network.close)
            self._guard = Guard(PROJECT)
            self._cleanup.callback(self._guard.dismiss)
            # Last in, first out: containers end before their network.
            self._cleanup.callback(self._stop)
            self._make()
        except BaseException:
            with undisturbed():
                self._cleanup.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with undisturbed():
            self._cleanup.close()

    def of(self, service: str) -> list[Container]:
        """The containers of a service."""
        return [each for each in self.containers.values() if each.service.name == service]

    def volume(self, name: str) -> Path:
        """The folder of a named volume; a new one belongs to root."""
        folder = self.work / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def empty_volumes(self, container: Container) -> None:
        """Lose what a stopped container has in its named volumes."""
        for mount in container.service.mounts:
            if mount.is_volume:
                for each in self.volume(mount.source).iterdir():
                    shutil.rmtree(each) if each.is_dir() else each.unlink()

    def up(self) -> None:
        """Start every service when what it waits for has come; ends when all are up and healthy.

        :raises LocalError: one has failed, or it takes too long.
        """
        started, deadline = time.monotonic(), time.monotonic() + UP_SECONDS
        healthy: set[str] = set()
        while True:
            self.look()
            for container in self.containers.values():
                if not container.starts and self._may_start(container.service, healthy):
                    self.start(container)
                    self._say(f"{time.monotonic() - started:5.0f} s  {container.name} started")
                elif container.running() and container.name not in healthy and self._is_healthy(container):
                    healthy.add(container.name)
                    self._say(f"{time.monotonic() - started:5.0f} s  {container.name} is healthy")
            waiting = [each for each in self.containers.values() if not self._is_settled(each, healthy)]
            if not waiting:
                return
            if time.monotonic() > deadline:
                names = ", ".join(f"{each.name} ({last_meaningful_line(each.log)})" for each in waiting)
                raise LocalError(f"not up after {UP_SECONDS:.0f} s: {names}")
            time.sleep(0.2)

    def start(self, container: Container) -> None:
        """Start one container."""
        process = container.start(self._hosts_file(container))
        self._guard.watch(process)

    def look(self) -> list[str]:
        """Start again what ended and is to be restarted; the names of those.

        :raises LocalError: something that has to succeed once has failed.
        """
        again = []
        for container in self.containers.values():
            if not container.starts or container.running() or container.is_gone or container.name in self._done:
                continue
            if container.service.restarts:
                self._say(f"{container.name} has ended and starts again: {last_meaningful_line(container.log)}")
                time.sleep(self._delays.setdefault(container.name, 0.1))
                self._delays[container.name] = min(2 * self._delays[container.name], 60)
                self.start(container)
                again.append(container.name)
                continue
            container.process.reap()
            code = container.process.exit_code
            if code:
                raise LocalError(f"{container.name} failed: {last_meaningful_line(container.log)} ({container.log})")
            self._done.add(container.name)
        return again

    def _make(self) -> None:
        for target in sorted({each.target for each in self._services.values() if each.target}):
            self._build(target)
        owners: dict[str, str] = {}
        for service in self._services.values():
            count = self._scale.get(service.name, 1)
            for number in range(1, count + 1):
                name = service.name if count == 1 else f"{service.name}-{number}"
                owners.setdefault(service.name, name)
                if service.network_of is None:
                    self.addresses[name] = self._network.add(name)
                    self._hosts += [(self.addresses[name], each) for each in dict.fromkeys((service.name, name))]
                space = self._network.path(owners[service.network_of] if service.network_of else name)
                mounts = [(self._folder(mount), mount) for mount in service.mounts]
                self.containers[name] = Container(name, service, image_of(service, self.work), self.work, space, mounts)

    def _build(self, target: str) -> None:
        (self.work / "images" / target).mkdir(parents=True)
        lines = build(target, self.work)
        for number, line in enumerate(lines):
            name = f"build-{target}-{number}"
            if name not in self.addresses:
                self.addresses[name] = self._network.add(name)
            service = Service(name, "", target, entrypoint=("/bin/sh", "-ec", line), user="0:0")
            container = Container(name, service, image_of(service, self.work), self.work, self._network.path(name), ())
            self.start(container)
            while container.running():
                time.sleep(0.1)
            if container.process.exit_code:
                raise LocalError(f"RUN {line} failed: {last_meaningful_line(container.log)}")

    def _folder(self, mount: Mount) -> Path:
        return self.volume(mount.source) if mount.is_volume else PROJECT / mount.source

    def _hosts_file(self, container: Container) -> str:
        lines = ["127.0.0.1 localhost", "::1 localhost"]
        # Its own name first: that is how it learns its address.
        own = [line for line in self._hosts if line[1] == container.name]
        lines += [f"{address} {name}" for address, name in [*own, *(each for each in self._hosts if each not in own)]]
        return "\n".join(lines) + "\n"

    def _may_start(self, service: Service, healthy: set[str]) -> bool:
        return all(self._has_come(other, how, healthy) for other, how in service.after.items())

    def _has_come(self, service: str, how: str, healthy: set[str]) -> bool:
        names = {each.name for each in self.of(service)}
        if how == COMPLETED:
            return names <= self._done
        return names <= healthy if how == HEALTHY else all(self.containers[name].starts for name in names)

    def _is_settled(self, container: Container, healthy: set[str]) -> bool:
        if not container.service.restarts and container.service.check is None:
            return container.name in self._done
        return container.name in healthy if container.service.check else bool(container.starts)

    def _is_healthy(self, container: Container) -> bool:
        check = container.service.check
        if check is None or time.monotonic() < self._delays.get(f"check {container.name}", 0.0):
            return False
        self._delays[f"check {container.name}"] = time.monotonic() + min(check.interval, _BETWEEN_CHECKS)
        try:
            return container.check().returncode == 0
        except (psutil.NoSuchProcess, IndexError):
            return False

    def _stop(self) -> None:
        names = [name for first in _STOPPED_FIRST for name in self.containers if name.startswith(first)]
        for name in [*names, *(each for each in self.containers if each not in names)]:
            container = self.containers[name]
            if container.running():
                # What moves is over by now; a worker would wait for two minutes.
                container.kill()
