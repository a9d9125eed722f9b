"""`python -m tests.cluster`: documents through the services of `docker-compose.yaml`, with one worker or several.

`--kill 0.25:worker-2 --kill 0.5:redis` kills these containers after so many of the documents.
"""

from __future__ import annotations

import argparse
import logging
import sys
from random import Random

from tests.chaos.airflow.papers import journeys_of
from tests.cluster.images import missing_programs
from tests.cluster.play import Play
from tests.cluster.stage import ANSWER_SECONDS, cluster


def main(arguments: list[str] | None = None) -> int:
    """Play; 1 when something was violated, 2 when no cluster can run here."""
    chosen = _parser().parse_args(arguments)
    if why := missing_programs():
        print(f"No cluster: {why}.", file=sys.stderr)
        return 2
    logging.disable(logging.WARNING)
    journeys = journeys_of(Random(chosen.seed), chosen.documents)
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
    parser.add_argument("--pay", action="store_true", help="let the bookkeepers pay, and the sources be told")
    return parser


if __name__ == "__main__":
    sys.exit(main())
