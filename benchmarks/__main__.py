"""`make bench`: documents against empty tasks, what they ask for, parse time; Xero's limits; growth; calls in batches.

`python -m benchmarks limits` runs one of them alone. The first one takes half an hour: `BENCH_DOCUMENTS=40` makes it
short, `BENCH_ROUNDS` says how often it is done, and `BENCH_AT_ONCE` with how many tasks at once (`4,8`). On a busy
machine its processor times and counts are worth something still, and its times are not. `growth` takes its sizes from
`BENCH_GROWTH_FINISHED` and `BENCH_GROWTH_HELD`, numbers with commas between them. `grid` runs only if it is named.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import calls, cost, grid, growth, limits, parsing

if TYPE_CHECKING:
    from collections.abc import Sequence


def speed(work: Path) -> None:
    """Documents against empty tasks, what they ask for, parse time."""
    parsing.report(work, cost.report(work))


BENCHMARKS = {"speed": speed, "limits": limits.report, "growth": growth.report, "calls": calls.report}
ONLY_IF_NAMED = {"grid": grid.report}


def main(names: Sequence[str]) -> None:
    """Run the benchmarks of these names, the usual ones without any, one after the other.

    :raises SystemExit: there is no such benchmark.
    """
    known = {**BENCHMARKS, **ONLY_IF_NAMED}
    for name in names or BENCHMARKS:
        if name not in known:
            raise SystemExit(f"There is no benchmark {name!r}: {' or '.join(known)}")
        with tempfile.TemporaryDirectory(prefix="invoice-bridge-bench-") as folder:
            work = Path(folder)
            # The system user that PostgreSQL runs as, when this runs as root, has to get there.
            work.chmod(0o755)
            known[name](work)


if __name__ == "__main__":
    main(sys.argv[1:])
