"""Random rounds with people; the seeds of an ordinary run are always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.people.acts import VERBS, PersonActs
from tests.chaos.people.rounds import PeopleRound, play_people
from tests.chaos.share import IS_FULL

if TYPE_CHECKING:
    from tests.chaos.world import ChaosWorld

ROUNDS = 200 if IS_FULL else 8


@pytest.mark.parametrize("seed", range(1, ROUNDS + 1))
def test_every_document_has_an_end_whatever_people_do(world: ChaosWorld, seed: int) -> None:
    played = play_people(world, seed)
    assert played.finding is None, played.finding.text


def test_every_act_comes_up_within_a_hundred_seeds() -> None:
    acts = [act for seed in range(100) for stage in PeopleRound.of(seed).stages for act in stage.afterwards]
    assert {act.verbs[0] for act in acts if isinstance(act, PersonActs)} == set(VERBS)
