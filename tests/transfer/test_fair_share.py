"""Which of too many documents have their turn: oldest first, and whatever fails for ever, nothing waits for ever."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.transfer.fair_share import fair_share
from tests.examples import examples
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

BEGIN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class One:
    """A document that waits, and whether it moves when it is tried."""

    number: int
    dated: int
    moves: bool
    was_tried: bool = False
    tried_at: dt.datetime = field(default=BEGIN)

    @property
    def age_key(self) -> tuple[dt.date, str, str]:
        return (dt.date(2026, 1, 1) + dt.timedelta(days=self.dated), f"{self.number:06}", str(self.number))


DOCUMENTS = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=60)


def numbered(given_ones: list[tuple[int, bool]], first: int = 0) -> dict[int, One]:
    return {
        number: One(number, dated, moves, tried_at=BEGIN + dt.timedelta(seconds=number))
        for number, (dated, moves) in enumerate(given_ones, start=first)
    }


@settings(max_examples=examples(150))
@given(waiting=DOCUMENTS, limit=st.integers(1, 20))
def test_a_run_takes_as_many_as_it_may_and_the_oldest_of_each_kind(waiting: list[tuple[int, bool]], limit: int) -> None:
    ones = list(numbered(waiting).values())
    ones = [replace(one, was_tried=one.number % 3 == 0) for one in ones]
    chosen = fair_share(ones, limit)
    assert len(chosen) == min(limit, len(ones))
    assert len({one.number for one in chosen}) == len(chosen)
    assert [one.age_key for one in chosen] == sorted(one.age_key for one in chosen)
    if limit > 1:
        left = {one.number for one in ones} - {one.number for one in chosen}
        fresh = [one for one in ones if not one.was_tried]
        for later in (one for one in chosen if not one.was_tried):
            assert all(later.age_key <= one.age_key for one in fresh if one.number in left)


@settings(max_examples=examples(100))
@given(waiting=DOCUMENTS, arriving=DOCUMENTS, limit=st.integers(1, 12))
def test_everything_is_tried_though_the_oldest_fail_for_ever(
    waiting: list[tuple[int, bool]], arriving: list[tuple[int, bool]], limit: int
) -> None:
    """Runs until each has been tried: no more runs than half a run's places need for all of them, twice over."""
    left = numbered(waiting)
    later = numbered(arriving, first=1000)
    count = len(left) + len(later)
    tried: dict[int, int] = {}
    runs = 2 * (-(-count // max(limit // 2, 1))) + 2
    for run in range(runs):
        if run == 1:
            left |= later
        now = BEGIN + dt.timedelta(hours=run + 1)
        for one in fair_share(list(left.values()), limit):
            tried[one.number] = tried.get(one.number, 0) + 1
            if one.moves:
                del left[one.number]
            else:
                left[one.number] = replace(one, was_tried=True, tried_at=now)
    assert len(tried) == count
    # What moves has moved; what fails has had its turn again wherever there was room.
    assert all(not one.moves for one in left.values())


@settings(max_examples=examples(60))
@given(count=st.integers(2, 30), limit=st.integers(2, 8))
def test_what_failed_is_tried_again_though_new_ones_never_end(count: int, limit: int) -> None:
    left = {one.number: one for one in numbered([(0, False)] * count).values()}
    tries = dict.fromkeys(left, 0)
    number = 1000
    for run in range(2 * (count // (limit // 2) + 1) + count):
        now = BEGIN + dt.timedelta(hours=run + 1)
        fresh = [One(number + one, 30, moves=True, tried_at=now) for one in range(limit)]
        number += limit
        for one in fair_share([*left.values(), *fresh], limit):
            if one.number in tries:
                tries[one.number] += 1
                left[one.number] = replace(one, was_tried=True, tried_at=now)
    assert min(tries.values()) >= 1


def test_documents_that_fail_in_every_run_do_not_keep_newer_ones(world: World) -> None:
    for number in range(6):
        world.sandbox.qondor.add(payment(number, invoiceDate=f"2026-10-{number + 1:02}"))
    for number in range(10, 14):
        world.sandbox.qondor.add(payment(number, invoiceDate="2026-10-20"))
    failing = {str(50000 + number) for number in range(6)}
    moved: set[str] = set()
    for _ in range(4):
        for facts in world.select(limit=4).invoices:
            source_id = facts.ref.source_id
            if source_id in failing:
                claim = world.ledger.claim(facts.ref, route=world.route.route, claimant="test/fails")
                assert claim is not None
                claim.release("Xero did not answer")
            else:
                world.transfer(source_id)
                moved.add(source_id)
    assert moved == {str(50000 + number) for number in range(10, 14)}
    assert all(world.row(one).route is not None for one in failing)
