"""Random rounds; the seeds of an ordinary run are always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.rounds import run_round
from tests.chaos.share import ROUNDS
from tests.chaos.state import steps_taken

if TYPE_CHECKING:
    from tests.chaos.world import ChaosWorld

AT_ONCE = 10


@pytest.mark.parametrize("first", range(1, ROUNDS + 1, AT_ONCE))
def test_a_queue_in_disorder_is_moved_once(world: ChaosWorld, first: int) -> None:
    found = [finding for seed in range(first, first + AT_ONCE) if (finding := run_round(world, seed))]
    assert not found, "\n\n".join(finding.text for finding in found)


@pytest.mark.parametrize("seed", [3, 7, 13, 31])
def test_a_seed_repeats_every_step(world: ChaosWorld, seed: int) -> None:
    first, second = _played_twice(world, seed)
    assert first == second
    assert len({step.partition(" ")[0] for step in first}) > 1


def test_a_seed_repeats_every_step_whatever_the_clock_says(world: ChaosWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    from invoice_bridge.systems.ixpole import source

    monkeypatch.setattr(source, "LIST_SECONDS", 0.05)
    first, second = _played_twice(world, 7)
    assert first == second
    assert sum("GET /club/api/instalments" in step for step in first) > 1


def _played_twice(world: ChaosWorld, seed: int) -> list[list[str]]:
    taken = []
    for _ in range(2):
        run_round(world, seed)
        taken.append(world.played.ask(steps_taken))
    return taken
