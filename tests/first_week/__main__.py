"""`python -m tests.first_week`: random documents as people write them, through the whole package on all four routes."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter

BATCH = 100


def main(arguments: list[str] | None = None) -> int:
    """Play so many documents of a seed, or one batch; 1 when something does not hold."""
    chosen = _parser().parse_args(arguments)
    import tests.conftest  # noqa: F401 - gives Airflow a folder of its own
    from sandbox.sandbox import Sandbox
    from tests.first_week.batches import Batch
    from tests.first_week.findings import findings
    from tests.first_week.play import play
    from tests.postgres import postgres_server

    logging.disable(logging.WARNING)
    started, counted, finals, found = time.monotonic(), Counter[str](), Counter[str](), 0
    batches = range(-(-chosen.documents // chosen.size)) if chosen.batch is None else (chosen.batch,)
    print(f"seed {chosen.seed}, {len(batches)} batches of {chosen.size} documents", flush=True)
    with postgres_server() as server, Sandbox(documents=0, data="plain") as sandbox:
        for conn_id, connection in sandbox.connections.items():
            os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(connection)
        for index in batches:
            batch = Batch.of(chosen.seed, index, chosen.size)
            clean, mangled = (play(sandbox, server, batch, mangled=each) for each in (False, True))
            counted.update(f"{batch.route.route}: {outcome}" for outcome in mangled.outcomes.values())
            finals.update(rule for rules in mangled.problems.values() for rule in rules if rule)
            for finding in findings(batch, clean, mangled):
                found += 1
                print(finding.text, flush=True)
            if index % 10 == 9:
                print(f"{index + 1} batches, {found} findings, {time.monotonic() - started:.0f} s", flush=True)
    for outcome, count in sorted(counted.items()):
        print(f"{outcome}: {count}")
    print(f"rejected for: {dict(finals)}")
    print(f"{counted.total()} documents, {found} findings, {time.monotonic() - started:.0f} s, seed {chosen.seed}")
    return int(found > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.first_week", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="how many; each is played clean, too")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same documents")
    parser.add_argument("--size", type=int, default=BATCH, help="documents that share a queue and their customers")
    parser.add_argument("--batch", type=int, help="only this batch, as a finding prints it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
