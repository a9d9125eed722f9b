"""`python -m tests.chaos`: everything, one case, or rounds from a seed; what `make chaos` runs."""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.chaos.report import Finding
    from tests.chaos.world import ChaosWorld

BULK = "bulk"
"""The name of all cases, and of the rounds, in which documents are booked ahead in batches."""
SAID_EVERY = 100
"""Rounds after which those who wait are told how far it came."""

_WORKERS = 1 + (os.cpu_count() or 1)
"""A worker waits for sandbox and PostgreSQL about a third of its time."""

_TIMEOUT = 1_800
"""Seconds for one trouble on one journey, 90 cases at most, also on a busy machine."""

_OPTIONS = ["-m", "not airflow", "-n", str(_WORKERS), f"--timeout={_TIMEOUT}"]
_OPTIONS += ["-q", "--show-capture=no", "--tb=short", "--durations=3"]


def main(arguments: list[str] | None = None) -> int:
    """Play what was asked for; 1 when something was violated."""
    chosen = _parser().parse_args(arguments)
    if chosen.case == BULK:
        return _bulk(chosen.seed, chosen.rounds, only_rounds=chosen.seed is not None)
    if chosen.case:
        return _one(lambda world: _play_case(world, chosen.case))
    if chosen.people:
        return _rounds_with_people(chosen.seed or 1, chosen.rounds)
    if chosen.sales:
        return _rounds_of_sales(chosen.seed or 1, chosen.rounds)
    if chosen.seed is not None:
        return _rounds(chosen.seed, chosen.rounds)
    with _world() as world:
        _say_sizes(world)
    if chosen.count:
        return 0
    os.environ["CHAOS"] = "full"
    os.environ["CHAOS_ROUNDS"] = str(chosen.rounds)
    started = time.monotonic()
    status = subprocess.run([sys.executable, "-m", "pytest", "tests/chaos", *_OPTIONS]).returncode
    print(f"{time.monotonic() - started:.0f} s")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--case", help="a case's name, as a violation prints it; or bulk, for all that is booked ahead")
    parser.add_argument("--seed", type=int, help="of the first round")
    parser.add_argument("--rounds", type=int, default=2_000, help="how many, each with the next seed")
    parser.add_argument("--people", action="store_true", help="rounds in which people act at random; from seed 1 on")
    parser.add_argument("--sales", action="store_true", help="rounds of sales alone, with people; from seed 1 on")
    parser.add_argument("--count", action="store_true", help="only say how many cases there are")
    return parser


def _say_sizes(world: ChaosWorld) -> None:
    """Say how many boundaries and cases there are, of each journey and in all."""
    from tests.chaos.cases import boundaries_of, cases_of, share_of
    from tests.chaos.journeys import journeys
    from tests.chaos.overlaps import OVERLAPS, overlaps_of
    from tests.chaos.share import ONE_IN
    from tests.chaos.troubles import TROUBLES
    from tests.chaos.world import PACES

    all_cases = all_shared = 0
    for name in journeys():
        kinds = Counter(boundary.kind for pace in PACES for boundary in boundaries_of(world, name, pace))
        groups = [list(cases_of(world, name, trouble)) for trouble in TROUBLES]
        overlaps = [case for overlap in OVERLAPS for case in overlaps_of(world, name, overlap)]
        count = len(overlaps) + sum(map(len, groups))
        shared = sum(len(share_of(group, ONE_IN)) for group in groups)
        shared += len(share_of(overlaps, ONE_IN, at_least_one=False))
        all_cases, all_shared = all_cases + count, all_shared + shared
        told = ", ".join(f"{met} {kind}s" for kind, met in sorted(kinds.items()))
        print(f"{name}: {told}; {count} cases, {shared} of them in the share")
    print(f"in all {all_cases} cases, {all_shared} in the share")


def _rounds(first: int, count: int) -> int:
    from tests.chaos.rounds import run_round

    def play(world: ChaosWorld) -> Iterator[Finding | None]:
        for seed in range(first, first + count):
            yield run_round(world, seed)

    return _one(play)


def _bulk(first: int | None, count: int, *, only_rounds: bool) -> int:
    """Every case of what is booked ahead, then random rounds; from a seed on only those."""
    status = 0
    if not only_rounds:
        os.environ["CHAOS"] = "full"
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", "tests/chaos/test_bulk.py", *_OPTIONS]
        status = subprocess.run(command).returncode
        print(f"{time.monotonic() - started:.0f} s")
    from tests.chaos.bulk_rounds import run_bulk_round

    def play(world: ChaosWorld) -> Iterator[Finding | None]:
        for seed in range(first or 1, (first or 1) + count):
            yield run_bulk_round(world, seed)

    return _one(play) or status


def _rounds_with_people(first: int, count: int) -> int:
    from tests.chaos.people.rounds import play_people

    acts: Counter[str] = Counter()
    ends: Counter[str] = Counter()

    def play(world: ChaosWorld) -> Iterator[Finding | None]:
        for seed in range(first, first + count):
            played = play_people(world, seed)
            acts.update(deed.verb for deed in played.acts)
            acts.update(f"said {said}" for said in played.said)
            ends.update(played.ends)
            yield played.finding

    status = _one(play)
    for title, counted in (("acts", acts), ("ends", ends)):
        print(f"{title}: {sum(counted.values())}")
        print(*(f"  {name:<45} {number:>6}" for name, number in counted.most_common()), sep="\n")
    return status


def _rounds_of_sales(first: int, count: int) -> int:
    """Play rounds of sales, in turn into Xero and into Quiddly; 1 when something was violated."""
    import tests.conftest  # noqa: F401 - gives Airflow a folder of its own
    from sandbox.sandbox import Sandbox
    from tests.chaos.boundary import STAGE
    from tests.payments.snapshot import Snapshot
    from tests.postgres import fresh_ledger_url, postgres_server
    from tests.sales.rounds import play_round
    from tests.sales.shop import shop

    logging.disable(logging.ERROR)
    started, violated = time.monotonic(), 0
    with (
        postgres_server() as server,
        fresh_ledger_url(server) as url,
        Sandbox(documents=0, data="plain") as sandbox,
        STAGE.installed(),
    ):
        for conn_id, connection in sandbox.connections.items():
            os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(connection)
        made = shop(sandbox, url, "xero")
        routes = {name: shop(sandbox, url, name).world.route for name in ("xero", "quiddly")}
        empty = Snapshot(made.world)
        for place, seed in enumerate(range(first, first + count), 1):
            made.world.route = routes["xero" if seed % 2 else "quiddly"]
            empty.restore()
            sandbox.qondor.sales.clear()
            if found := play_round(made.world, seed):
                violated += 1
                print(*found, sep="\n", flush=True)
            if place % SAID_EVERY == 0:
                print(f"{place} played so far, {violated} violated", flush=True)
        made.world.close()
    print(f"{count} played, {violated} violated, {time.monotonic() - started:.1f} s")
    return int(violated > 0)


def _play_case(world: ChaosWorld, name: str) -> Iterator[Finding | None]:
    from tests.chaos.cases import Case, run_case
    from tests.chaos.overlaps import OVERLAPS, SLOW, run_overlap

    case = Case.parse(name)
    yield run_overlap(world, case) if case.trouble in (*OVERLAPS, *SLOW) else run_case(world, case)


def _one(play: Callable[[ChaosWorld], Iterator[Finding | None]]) -> int:
    started, played, violated = time.monotonic(), 0, 0
    with _world() as world:
        for finding in play(world):
            played += 1
            if finding is not None:
                violated += 1
                print(finding.text, flush=True)
            if played % SAID_EVERY == 0:
                print(f"{played} played so far, {violated} violated", flush=True)
    print(f"{played} played, {violated} violated, {time.monotonic() - started:.1f} s")
    return int(violated > 0)


@contextmanager
def _world() -> Iterator[ChaosWorld]:
    """What the fixtures of the tests make, without pytest."""
    import tests.conftest  # noqa: F401 - gives Airflow a folder of its own
    from tests.chaos.boundary import STAGE
    from tests.chaos.played import played
    from tests.chaos.world import ChaosWorld
    from tests.postgres import fresh_ledger_url, postgres_server

    logging.disable(logging.WARNING)
    with postgres_server() as server, fresh_ledger_url(server) as url, played() as sandbox, STAGE.installed():
        for conn_id, connection in sandbox.connections.items():
            os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(connection)
        world = ChaosWorld(sandbox, url)
        try:
            yield world
        finally:
            world.close()


if __name__ == "__main__":
    sys.exit(main())
