"""`python -m tests.cluster`: documents through the services of `docker-compose.yaml`, with one worker or several.

`--kill 0.25:worker-2 --kill 0.5:redis!` kills these containers after so many of the documents; with `!` their volumes
are lost, too. `--compare` moves a part of the documents with two workers, the next one with one, and so on.
"""

from __future__ import annotations

import argparse
import logging
import sys
from random import Random
from typing import TYPE_CHECKING

from tests.chaos.airflow.papers import journeys_of
from tests.chaos.documents import ROUTES
from tests.cluster.compare import compare, ratio
from tests.cluster.images import missing_programs
from tests.cluster.play import Play
from tests.cluster.stage import ANSWER_SECONDS, cluster

if TYPE_CHECKING:
    from tests.chaos.journeys import Journey

TURNS = (2, 1, 2, 1)


def main(arguments: list[str] | None = None) -> int:
    """Play; 1 when something was violated, 2 when no cluster can run here."""
    chosen = _parser().parse_args(arguments)
    if why := missing_programs():
        print(f"No cluster: {why}.", file=sys.stderr)
        return 2
    logging.disable(logging.WARNING)
    journeys = journeys_of(Random(chosen.seed), chosen.documents)
    return _compare(journeys, chosen) if chosen.compare else _play(journeys, chosen)


def _compare(journeys: list[Journey], chosen: argparse.Namespace) -> int:
    per_run = chosen.documents // (len(ROUTES) * (len(TURNS) + 1))
    with cluster(journeys, per_run=per_run) as running:
        running.slow_down(chosen.answer)
        laps = []
        for lap in compare(running, TURNS):
            laps.append(lap)
            print(lap, flush=True)
    print(f"two workers move {ratio(laps):.2f} × as many documents a minute as one")
    return 0


def _play(journeys: list[Journey], chosen: argparse.Namespace) -> int:
    with cluster(journeys, workers=chosen.workers) as running:
        running.slow_down(chosen.answer)
        play = Play(running, journeys, [_strike(text) for text in chosen.kill])
        play.transfer()
        if chosen.pay:
            play.pay()
    print(*play.played.told, *play.played.violations, play.played, sep="\n")
    return int(bool(play.played.violations))


def _strike(text: str) -> tuple[float, str]:
    share, _, what = text.partition(":")
    return float(share), what


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    parser.add_argument("--documents", type=int, default=200, help="at least, over the four routes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="of the documents")
    parser.add_argument("--answer", type=float, default=ANSWER_SECONDS, help="seconds that each system takes")
    parser.add_argument("--kill", action="append", default=[], metavar="SHARE:CONTAINER")
    parser.add_argument("--compare", action="store_true", help="two workers against one")
    parser.add_argument("--pay", action="store_true", help="let the bookkeepers pay, and the sources be told")
    return parser


if __name__ == "__main__":
    sys.exit(main())
