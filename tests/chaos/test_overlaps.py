"""A scheduled run, a backfill or a cleared task beside an attempt at every boundary, its lease good or over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.cases import share_of
from tests.chaos.journeys import journeys
from tests.chaos.overlaps import OVERLAPS, overlaps_of, run_overlap
from tests.chaos.share import IS_FULL, ONE_IN

if TYPE_CHECKING:
    from tests.chaos.world import ChaosWorld


@pytest.mark.parametrize("overlap", OVERLAPS)
@pytest.mark.parametrize("journey", journeys())
def test_two_on_one_document_do_it_once(world: ChaosWorld, journey: str, overlap: str) -> None:
    cases = list(overlaps_of(world, journey, overlap))
    if not IS_FULL:
        cases = share_of(cases, ONE_IN, at_least_one=False)
    found = [finding for case in cases if (finding := run_overlap(world, case))]
    assert not found, "\n\n".join([f"{len(found)} of {len(cases)} cases", *(each.text for each in found)])
