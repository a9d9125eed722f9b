"""`make test`: all tests in parts, the quick ones first, and how long each part took.

`python -m tests.run quick slow` runs the named parts alone; `long` and `cluster` run only if they are named. What
follows `--` goes to pytest. A part that fails is the last one.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Airflow's processes keep both cores busy by themselves.
PARTS = {
    "quick": ("quick", ["-n", "2"]),
    "slow": ("slow and not long and not chaos and not airflow", ["-n", "2"]),
    "chaos": ("chaos and not airflow", ["-n", "2"]),
    "airflow": ("airflow and not long", []),
    "long": ("long", ["-n", "2"]),
    "cluster": ("cluster", ["-s"]),
}
ONLY_IF_NAMED = ("long", "cluster")


def main(arguments: Sequence[str]) -> int:
    """Run the parts; returns pytest's exit code of the last one."""
    wanted, more = _parted(arguments)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"There is no part {unknown[0]!r}: name one or more of {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    lines: list[str] = []
    for name in wanted or [each for each in PARTS if each not in ONLY_IF_NAMED]:
        marks, how = PARTS[name]
        started = time.monotonic()
        code = subprocess.call([sys.executable, "-m", "pytest", "-m", marks, *how, *more])
        lines.append(f"{name}: {spoken(time.monotonic() - started)}{'' if code == 0 else ', failed'}")
        print(lines[-1], flush=True)
        if code != 0:
            break
    print("How long the parts took:", *lines, sep="\n  ")
    return code


def spoken(seconds: float) -> str:
    """`3 min 12 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _parted(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return list(arguments), []
    place = list(arguments).index("--")
    return list(arguments[:place]), list(arguments[place + 1 :])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
