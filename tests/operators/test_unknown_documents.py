"""A run by hand in which one of the numbers that were asked for is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.operators.airflow_run import Run
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_others_go_and_the_summary_names_it_and_fails(world: World, *, dry_run: bool) -> None:
    for number in range(1, 6):
        world.sandbox.qondor.add(payment(number))
    asked = ["T-1", "T-2", "NO-SUCH", "T-3", "T-4", "T-5"]
    run = Run(world.route, params={"documents": asked, "dry_run": dry_run})
    assert [run.move(entry) for entry in run.queue()] == ["success"] * 5
    failure = run.summary()
    assert failure is not None
    assert failure.startswith("Documents: NO-SUCH does not wait in Qondor, and the ledger does not know it")
    assert failure in run.logged


def test_a_run_that_found_all_of_them_ends_well(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    run = Run(world.route, params={"documents": ["T-1"]})
    assert [run.move(entry) for entry in run.queue()] == ["success"]
    assert run.summary() is None
