"""Documents booked ahead in batches: every trouble, and every overlap, at every boundary of the task that does it.

An ordinary run takes a share of the cases, the same one every time; `make chaos CASE=bulk` takes all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.batched import batched
from tests.chaos.bulk_rounds import run_bulk_round
from tests.chaos.cases import boundaries_of, cases_of, run_case, share_of
from tests.chaos.overlaps import OVERLAPS, SLOW, overlaps_of, run_overlap
from tests.chaos.share import IS_FULL, ONE_IN
from tests.chaos.troubles import ALL_TROUBLES
from tests.chaos.world import PACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.report import Finding
    from tests.chaos.world import ChaosWorld

ROUNDS = 20
AT_ONCE = 10


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("journey", batched())
def test_documents_are_booked_in_batches(world: ChaosWorld, journey: str, pace: str) -> None:
    batches = [each for each in boundaries_of(world, journey, pace) if each.is_batch and each.is_ahead]
    assert any(each.path.endswith("/Invoices") for each in batches)
    most = batched()[journey].route.limits.batch
    assert max(len(each.elements) for each in batches if not each.path.endswith("/Contacts")) <= most


@pytest.mark.parametrize("trouble", ALL_TROUBLES)
@pytest.mark.parametrize("journey", batched())
def test_a_batch_is_booked_once_wherever_trouble_strikes(world: ChaosWorld, journey: str, trouble: str) -> None:
    cases = list(cases_of(world, journey, trouble))
    if not IS_FULL:
        cases = share_of(cases, ONE_IN * 3, at_least_one=False)
    found = [finding for case in cases if (finding := run_case(world, case))]
    _nothing(found, cases)


@pytest.mark.parametrize("overlap", [*OVERLAPS, *SLOW])
@pytest.mark.parametrize("journey", batched())
def test_a_batch_is_booked_once_whoever_comes_meanwhile(world: ChaosWorld, journey: str, overlap: str) -> None:
    cases = list(overlaps_of(world, journey, overlap))
    if not IS_FULL:
        cases = share_of(cases, ONE_IN * 3, at_least_one=False)
    found = [finding for case in cases if (finding := run_overlap(world, case))]
    _nothing(found, cases)


@pytest.mark.parametrize("first", range(1, ROUNDS + 1, AT_ONCE))
def test_a_queue_in_disorder_is_booked_ahead_once(world: ChaosWorld, first: int) -> None:
    found = [finding for seed in range(first, first + AT_ONCE) if (finding := run_bulk_round(world, seed))]
    _nothing(found, range(AT_ONCE))


def _nothing(found: Sequence[Finding], cases: Sequence[object]) -> None:
    assert not found, "\n\n".join([f"{len(found)} of {len(cases)} cases", *(each.text for each in found)])
