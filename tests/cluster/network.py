"""A network of this machine's own, on which every container has an address."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

_MADE = Path("/run/netns")
_OURS = re.compile(r"invbridge-(\d+)-")


class Network:
    """A bridge, and a network namespace for each container; both go at the end."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._bridge = f"ib{self._pid}"
        self._prefix = f"10.213.{self._pid % 250 + 1}"
        self._hosts: dict[str, str] = {}

    def open(self) -> None:
        """Make the bridge; what a killed harness left is taken away first."""
        self._sweep()
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self._prefix}.1/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def add(self, name: str) -> str:
        """A namespace for a container; its address."""
        number = len(self._hosts) + 2
        space, outer, address = self.space(name), f"{self._bridge}v{number}", f"{self._prefix}.{number}"
        self._hosts[name] = address
        _ip("netns", "add", space)
        _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", outer, "master", self._bridge, "up")
        _ip("-n", space, "link", "set", "lo", "up")
        _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        return address

    def space(self, name: str) -> str:
        """The name of a container's namespace."""
        return f"invbridge-{self._pid}-{name}"

    def path(self, name: str) -> Path:
        """Where the namespace can be entered."""
        return _MADE / self.space(name)

    def close(self) -> None:
        """Take everything away."""
        for name in self._hosts:
            _ip("netns", "del", self.space(name))
        self._hosts.clear()
        _ip("link", "del", self._bridge)

    def _sweep(self) -> None:
        if not _MADE.exists():
            return
        for each in _MADE.iterdir():
            found = _OURS.match(each.name)
            if found and not Path(f"/proc/{found[1]}").exists():
                _ip("netns", "del", each.name)
                subprocess.run(["ip", "link", "del", f"ib{found[1]}"], capture_output=True, check=False)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
