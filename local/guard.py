"""Watches over the launcher: `python -m local.guard` reads process ids, and stops them when its input ends.

The launcher holds the other end of the pipe. However it dies, the system closes that end.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from local.processes import stop_trees

if TYPE_CHECKING:
    from collections.abc import Iterable


def watch(lines: Iterable[str]) -> list[tuple[int, int]]:
    """The processes to stop, as (pid, signal), last started first; empty when the launcher said that it is done."""
    watched: list[tuple[int, int]] = []
    for line in lines:
        if line.strip() == "done":
            return []
        pid, number = line.split()
        watched.insert(0, (int(pid), int(number)))
    return watched


def main() -> None:
    """Wait for the launcher's end."""
    # Ctrl-C in a terminal is for the launcher, which then stops everything itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop_trees(watch(sys.stdin))


if __name__ == "__main__":
    main()
