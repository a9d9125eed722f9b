"""Every trouble at every boundary of one document of each kind on each route.

An ordinary run takes a share of the cases, the same one every time; `make chaos` takes all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.cases import cases_of, run_case, share_of
from tests.chaos.journeys import journeys
from tests.chaos.share import IS_FULL, ONE_IN
from tests.chaos.troubles import TROUBLES

if TYPE_CHECKING:
    from tests.chaos.world import ChaosWorld


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("journey", journeys())
def test_nothing_is_lost_or_done_twice_wherever_it_strikes(world: ChaosWorld, journey: str, trouble: str) -> None:
    cases = list(cases_of(world, journey, trouble))
    if not IS_FULL:
        cases = share_of(cases, ONE_IN)
    found = [finding for case in cases if (finding := run_case(world, case))]
    assert not found, "\n\n".join([f"{len(found)} of {len(cases)} cases", *(each.text for each in found)])
