"""What the desk's indexes cost those who fill the ledger, measured in one run, turn about."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.growth.plans import ServerTime
from tests.growth.waiting import FIRST, offer
from tests.pages.test_desk_scale import DROP, MAKE

if TYPE_CHECKING:
    from tests.world import World

NEW = 100


@pytest.mark.long
def test_a_queue_step_is_no_slower_for_the_desks_indexes(world: World) -> None:
    """By processor time of both sides, since other work on the machine is in every other figure."""
    took: dict[bool, list[float]] = {True: [], False: []}
    server = ServerTime(world.ledger)
    offer(world, NEW, first=FIRST - NEW)
    world.select(limit=1)
    for turn in range(12):
        has_indexes = turn % 2 == 0
        with world.ledger.transaction() as connection:
            for statement in MAKE if has_indexes else DROP:
                connection.execute(sa.text(statement))
        offer(world, NEW, first=FIRST + turn * NEW)
        began = time.process_time() + server.seconds()
        world.select(limit=1)
        took[has_indexes].append(time.process_time() + server.seconds() - began)
        for row in world.sandbox.qondor.waiting():
            world.sandbox.qondor.payments.change(row["id"], status=2, statusText="Processed")
    ratio = statistics.median(took[True]) / statistics.median(took[False])
    print(f"a queue step with the desk's indexes takes {ratio:.2f} of the time without them")  # noqa: T201
    assert ratio < 1.25
