"""Random rounds with people; the seeds of an ordinary run are always the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.traffic import Entry
from tests.chaos.people.acts import VERBS, PersonActs
from tests.chaos.people.rounds import PeopleRound, play_people
from tests.chaos.share import IS_FULL
from tests.chaos.wire import sent_again

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


@pytest.mark.parametrize(
    ("refused", "fault", "is_wrong"), [(True, None, False), (False, None, True), (True, "half_json after", True)]
)
def test_only_a_refusal_that_arrived_lets_a_write_be_sent_again_without_a_look(
    refused: bool, fault: str | None, is_wrong: bool
) -> None:
    path = "/api.xro/2.0/Invoices"
    body = {"Invoices": [{"InvoiceNumber": "T-1"}]}
    first = Entry(1, "xero", "PUT", path, path, "", {}, body, 200, fault, "", refused)
    again = Entry(2, "xero", "PUT", path, path, "", {}, body, 200, None, "")
    assert bool(list(sent_again([first, again]))) == is_wrong
