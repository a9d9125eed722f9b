"""Random acts by several people beside transfers and payment runs: nothing is booked twice, and no act is lost."""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.desk.rounds import DeskRound
from tests.postgres import fresh_ledger_url

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.postgres import PostgresServer

log = logging.getLogger(__name__)

ALL_ACTS = int(os.environ.get("DESK_ACTS", "10000"))
SEEDS = int(os.environ.get("DESK_SEED", "1"))


@pytest.mark.parametrize("seed", range(2))
def test_a_few_acts(sandbox: Sandbox, ledger_url: str, seed: int) -> None:
    played = DeskRound(sandbox, ledger_url, seed)
    assert played.play(stages=2, acts_each=4) == []
    assert any(one.is_done for one in played.told)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_ten_thousand_acts(sandbox: Sandbox, postgres: PostgresServer) -> None:
    acts: Counter[tuple[str, bool]] = Counter()
    seed = SEEDS
    while acts.total() < ALL_ACTS:
        sandbox.reset(documents=0, data="plain")
        with fresh_ledger_url(postgres) as url:
            played = DeskRound(sandbox, url, seed)
            wrong = played.play(stages=3, acts_each=30)
        assert wrong == [], f"seed {seed}: {wrong}"
        acts.update((one.act, one.is_done) for one in played.told)
        seed += 1
        done = sum(count for (_, is_done), count in acts.items() if is_done)
        log.warning("%s rounds, %s acts, %s done: %s", seed - SEEDS, acts.total(), done, sorted(acts.items()))
    for name in ("step_done", "step_not_done"):
        assert acts[name, True] > 0, f"{name} is done in some rounds"
