"""When payments came to a total: against a model that asks on every single day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.documents.payment_sum import Part, reached_on

FIRST = dt.date(2026, 11, 1)
DAYS = st.integers(0, 6).map(lambda days: FIRST + dt.timedelta(days=days))
AMOUNTS = st.integers(-500, 500).map(lambda cents: Decimal(cents) / 100)
PARTS = st.lists(st.builds(Part, DAYS, AMOUNTS), max_size=8)
TOTALS = st.integers(1, 800).map(lambda cents: Decimal(cents) / 100)


def paid_by(parts: list[Part], day: dt.date) -> Decimal:
    return sum((part.amount for part in parts if part.on <= day), Decimal(0))


@given(parts=PARTS, total=TOTALS)
def test_it_is_the_first_day_from_which_on_nothing_was_left(parts: list[Part], total: Decimal) -> None:
    days = [FIRST + dt.timedelta(days=number) for number in range(8)]
    since = next((day for day in days if all(paid_by(parts, later) >= total for later in days if later >= day)), None)
    assert reached_on(parts, total) == since


@given(parts=PARTS, total=TOTALS)
def test_paid_in_full_means_that_all_amounts_together_are_enough(parts: list[Part], total: Decimal) -> None:
    assert (reached_on(parts, total) is not None) == (sum((part.amount for part in parts), Decimal(0)) >= total)


@given(parts=PARTS, total=TOTALS, data=st.data())
def test_the_order_in_which_they_arrive_means_nothing(parts: list[Part], total: Decimal, data: st.DataObject) -> None:
    assert reached_on(data.draw(st.permutations(parts)), total) == reached_on(parts, total)


@given(parts=PARTS, total=TOTALS, day=DAYS, amount=AMOUNTS.filter(lambda amount: amount > 0))
def test_a_payment_and_its_correction_on_one_day_pay_nothing(
    parts: list[Part], total: Decimal, day: dt.date, amount: Decimal
) -> None:
    assert reached_on([*parts, Part(day, amount), Part(day, -amount)], total) == reached_on(parts, total)


def test_nothing_is_paid_by_nothing() -> None:
    assert reached_on([], Decimal(1)) is None
