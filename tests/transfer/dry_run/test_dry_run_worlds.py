"""A dry run says of each document what the run that follows does with it, in random worlds.

`DRY_RUN_WORLDS` says how many worlds to try, and `DRY_RUN_SEED` where to begin. Each world has a seed of its own, which
is said where the two differ; `-s` shows what became of the documents.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.transfer.dry_run.comparison import compare

if TYPE_CHECKING:
    from tests.world import World

WORLDS = int(os.environ.get("DRY_RUN_WORLDS") or 20)
SEED = int(os.environ.get("DRY_RUN_SEED") or 20261129)


@pytest.mark.timeout(0)
def test_the_dry_runs_outcome_is_that_of_the_run_that_follows(world: World) -> None:
    world.fingerprint_keys = (b"not in the ledger",)
    outcomes: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    texts: Counter[bool] = Counter()
    wrong = []
    for seed in range(SEED, SEED + WORLDS):
        found = compare(world, seed)
        outcomes += found.outcomes
        cases += found.cases
        texts += found.texts
        wrong += [f"seed {seed}: {text}" for text in found.differences]
        for text in found.differences:
            sys.stdout.write(f"seed {seed}: {text}\n")
        if found.differences or (seed - SEED) % 50 == 49:
            sys.stdout.write(f"{seed - SEED + 1} worlds: {dict(outcomes)}, {dict(cases)}, {dict(texts)}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{WORLDS} worlds from seed {SEED}: {dict(outcomes)}, {dict(cases)}; same texts: {dict(texts)}\n")
    assert wrong == []
    assert WORLDS < 20 or outcomes.keys() >= {"transferred", "held", "rejected"}
