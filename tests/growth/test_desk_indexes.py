"""What the desk's indexes cost those who fill the ledger, measured in one run, turn about."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.growth.waiting import FIRST, offer
from tests.pages.test_desk_scale import DROP, MAKE

if TYPE_CHECKING:
    from tests.world import World

NEW = 100


@pytest.mark.long
def test_a_queue_step_is_no_slower_for_the_desks_indexes(world: World) -> None:
    took: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(10):
        has_indexes = turn % 2 == 0
        with world.ledger.transaction() as connection:
            for statement in MAKE if has_indexes else DROP:
                connection.execute(sa.text(statement))
        offer(world, NEW, first=FIRST + turn * NEW)
        began = time.perf_counter()
        world.select(limit=1)
        took[has_indexes].append(time.perf_counter() - began)
        for row in world.sandbox.qondor.waiting():
            world.sandbox.qondor.payments.change(row["id"], status=2, statusText="Processed")
    ratio = min(took[True]) / min(took[False])
    print(f"a queue step with the desk's indexes takes {ratio:.2f} of the time without them")  # noqa: T201
    assert ratio < 1.25
