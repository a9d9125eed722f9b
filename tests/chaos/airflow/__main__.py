"""`python -m tests.chaos.airflow`: rounds of kills on one real Airflow; what `make chaos-airflow` runs."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from collections import Counter

from tests.chaos.airflow.rounds import Measure, Round, play
from tests.chaos.airflow.stage import stage
from tests.chaos.airflow.strikes import ON_SERVERS, ON_TASKS


def main(arguments: list[str] | None = None) -> int:
    """Play; 1 when something was violated."""
    chosen = _parser().parse_args(arguments)
    logging.disable(logging.WARNING)
    played: list[Round] = []
    with stage() as here:
        for seed in range(chosen.seed, chosen.seed + chosen.rounds):
            played.append(play(here, seed, dataclasses.replace(Measure(), documents=chosen.documents)))
            _tell(played[-1], chosen.verbose)
            if played[-1].is_stuck:
                # What still runs would disturb the next round.
                break
    print(_table(played))
    return int(any(one.violations for one in played) or len(played) < chosen.rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.airflow", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--rounds", type=int, default=6, help="how many, each with the next seed")
    parser.add_argument("--documents", type=int, default=Measure.documents, help="of a round, at least")
    parser.add_argument("--verbose", action="store_true", help="say what was struck when, in good rounds too")
    return parser


def _tell(one: Round, verbose: bool) -> None:
    print(one, flush=True)
    for violation in one.violations:
        print(f"  - {violation}", flush=True)
    if one.violations or verbose:
        for line in one.told:
            print(f"      {line}", flush=True)
    if one.violations:
        print(f"  repeat with: make chaos-airflow SEED={one.seed} ROUNDS=1", flush=True)


def _table(played: list[Round]) -> str:
    kinds = [*ON_TASKS, *ON_SERVERS]
    head = [
        "seed",
        "documents",
        "paid",
        *kinds,
        "nobody there",
        "ended by itself",
        "taken over",
        "recovery runs",
        "seconds",
        "violations",
    ]
    lines = [head]
    for one in played:
        struck = [str(one.struck[kind]) for kind in kinds]
        by_itself = str(one.ended_by_itself.total())
        rest = [by_itself, str(one.interrupted), str(one.recoveries), f"{one.seconds:.0f}", str(len(one.violations))]
        lines.append([str(one.seed), str(one.documents), str(one.paid), *struck, str(one.missed), *rest])
    total = sum((one.struck for one in played), Counter[str]())
    by_itself = str(sum(one.ended_by_itself.total() for one in played))
    sums = [str(sum(getattr(one, name) for one in played)) for name in ("documents", "paid")]
    recoveries, seconds = sum(one.recoveries for one in played), sum(one.seconds for one in played)
    violations = sum(len(one.violations) for one in played)
    rest = [by_itself, str(sum(one.interrupted for one in played)), str(recoveries), f"{seconds:.0f}", str(violations)]
    missed = str(sum(one.missed for one in played))
    lines.append(["all", *sums, *(str(total[kind]) for kind in kinds), missed, *rest])
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
