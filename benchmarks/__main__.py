"""`make bench`: documents against empty tasks, calls, memory, parse time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import parsing, transfer


def main() -> None:
    """Run all benchmarks, one after the other."""
    with tempfile.TemporaryDirectory(prefix="invoice-bridge-bench-") as folder:
        work = Path(folder)
        # The system user that PostgreSQL runs as, when this runs as root, has to get there.
        work.chmod(0o755)
        parsing.report(work, transfer.report(work))


if __name__ == "__main__":
    main()
