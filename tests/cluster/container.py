"""One container: processes in namespaces of their own, as a container engine makes them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from local.processes import LocalProcess
from tests.cluster.images import HERE, HIDDEN, PYTHON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.cluster.compose import Mount, Service
    from tests.cluster.images import Image


class Container:
    """A service's container.

    :param work: the harness's work folder.
    :param space: the network namespace to live in.
    :param mounts: folders of this machine, each with what it is mounted as.
    """

    def __init__(
        self, name: str, service: Service, image: Image, work: Path, space: Path, mounts: Sequence[tuple[Path, Mount]]
    ) -> None:
        self.name, self.service, self.image = name, service, image
        self.log = work / "logs" / f"{name}.log"
        self.starts = 0
        self.is_gone = False
        self.code: int | None = None
        self._space = space
        self._mounts = mounts
        self._folder = work / "containers" / name
        self._process: LocalProcess | None = None
        self._environment = {**image.environment, **service.environment, "HOSTNAME": name}
        user = service.user
        self._user = image.user if user is None else (int(user.partition(":")[0]), int(user.partition(":")[2]))
        self._make_folders()

    @property
    def command(self) -> list[str]:
        """What runs in it."""
        command = self.service.command if self.service.command is not None else self.image.command
        if self.service.entrypoint is not None:
            return [*self.service.entrypoint, *(self.service.command or ())]
        # The image's entrypoint hands on what is no command of Airflow.
        entry = () if self.image.entry == ("airflow",) and command[:1] == ("bash",) else self.image.entry
        return [*entry, *command]

    @property
    def process(self) -> LocalProcess:
        """The process that watches over its first one; the container ends with it."""
        if self._process is None:
            raise AssertionError(f"{self.name} was never started")
        return self._process

    def start(self, hosts: str) -> LocalProcess:
        """Start it, again if need be; what it wrote outside of its mounts is kept, as in a restart."""
        (self._folder / "hosts").write_text(hosts, "utf-8")
        (self._folder / "hostname").write_text(f"{self.name}\n", "utf-8")
        accounts = Path("/etc/passwd").read_text("utf-8")
        (self._folder / "passwd").write_text(f"{self.image.account}\n{accounts}".lstrip(), "utf-8")
        spec = {
            "root": str(self._folder / "root"),
            "hostname": self.name,
            "places": self._places(),
            "hidden": HIDDEN,
            "files": [[str(self._folder / each), f"/etc/{each}"] for each in ("hosts", "hostname", "passwd")],
            "folder": self.image.folder,
            "user": self._user[0],
            "group": self._user[1],
            "environment": self._environment,
            "command": self.command,
        }
        file = self._folder / "spec.json"
        file.touch(0o600)
        file.write_text(json.dumps(spec), "utf-8")
        if self.log.exists():
            self.log.rename(self.log.with_suffix(f".{self.starts}.log"))
        self.starts += 1
        self.code = None
        command = ["nsenter", f"--net={self._space}", "unshare", "--mount", "--uts", "--ipc", "--pid", "--fork"]
        command += ["--kill-child", str(PYTHON / "python"), "-I", "-S", str(HERE / "inside.py"), str(file)]
        self._process = LocalProcess(
            self.name, command, env={"PATH": _PATH}, cwd=self._folder, log=self.log, stop_signal=signal.SIGKILL
        )
        return self._process

    def running(self) -> bool:
        """Whether its first process runs."""
        return self._process is not None and self._process.running()

    def first(self) -> psutil.Process:
        """Its first process, as this machine sees it."""
        return psutil.Process(self.process.pid).children()[0]

    def kill(self) -> None:
        """End everything in it by SIGKILL, as when memory has run out."""
        psutil.Process(self.process.pid).kill()
        self.process.reap()

    def stop(self) -> None:
        """As `docker stop`: ask, wait as long as the file says, then kill."""
        if not self.running():
            return
        try:
            self.first().send_signal(signal.Signals[self.image.signal])
        except (psutil.NoSuchProcess, IndexError):
            return
        deadline = time.monotonic() + self.service.grace
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.1)
        if self.running():
            self.kill()

    def run(
        self, command: Sequence[str], timeout: float, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as `docker exec` does; 124 when it took longer."""
        first = self.first().pid
        enter = ["nsenter", f"--target={first}", "--net", "--mount", "--uts", "--ipc", "--pid", "--root"]
        enter += [f"--wd={self._seen(first)}", "setpriv", f"--reuid={self._user[0]}", f"--regid={self._user[1]}"]
        process = subprocess.Popen(
            [*enter, "--clear-groups", "--", *command],
            env={**self._environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            for each in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
                each.kill()
            said, _ = process.communicate()
            return subprocess.CompletedProcess(list(command), 124, said)
        return subprocess.CompletedProcess(list(command), process.returncode, said)

    def check(self) -> subprocess.CompletedProcess[str]:
        """Run its health check once."""
        check = self.service.check
        if check is None:
            raise AssertionError(f"{self.name} has no health check")
        try:
            return self.run(check.command, check.timeout)
        except (psutil.NoSuchProcess, IndexError):
            # Its first process is not there yet, or no more.
            return subprocess.CompletedProcess(list(check.command), 1, "there is nobody to ask")

    def _seen(self, first: int) -> str:
        return f"/proc/{first}/root{self.image.folder}"

    def _make_folders(self) -> None:
        (self._folder / "root").mkdir(parents=True)
        self.log.parent.mkdir(exist_ok=True)
        for target, owner in self.image.layers.items():
            layer = self._layer(target)
            layer.mkdir(parents=True)
            shutil.chown(layer, *owner)

    def _layer(self, target: str) -> Path:
        return self._folder / "layers" / target.strip("/").replace("/", "-")

    def _places(self) -> list[list[object]]:
        places: dict[str, tuple[str, bool]] = {}
        for target in self.image.layers:
            places[target] = str(self._layer(target)), False
        for source, target in self.image.places:
            places[target] = source, False
        for folder, mount in self._mounts:
            places[mount.target] = str(folder), mount.read_only
        return [[source, target, read_only] for target, (source, read_only) in places.items()]


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
