"""Random rounds of people and troubles; `make chaos SALES=1 ROUNDS=500` plays as many as asked."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.boundary import STAGE
from tests.payments.snapshot import Snapshot
from tests.sales.rounds import play_round

if TYPE_CHECKING:
    from tests.sales.shop import Shop

ROUNDS = int(os.environ.get("SALES_ROUNDS", "6"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_both_sides_agree_after_any_round(both: Shop) -> None:
    route, wrong = both.world.route, []
    with STAGE.installed():
        empty = Snapshot(both.world)
        for seed in range(1, ROUNDS + 1):
            both.world.route = route
            empty.restore()
            both.sandbox.qondor.sales.clear()
            wrong += play_round(both.world, seed)
    gc.collect()
    assert wrong == []
