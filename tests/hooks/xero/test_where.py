"""Many conditions in few questions: each fits into a query string, and none is lost."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.hooks.xero.where import any_of, can_be_asked, equals, packed

VALUES = st.lists(st.text(min_size=1, max_size=12).filter(can_be_asked), max_size=12)
LIMITS = st.integers(min_value=40, max_value=300)


def fits(question: str, limit: int) -> bool:
    return len(quote(question, safe="")) <= limit


@given(values=VALUES, limit=LIMITS)
def test_all_are_asked_in_order_and_as_many_at_once_as_fit(values: list[str], limit: int) -> None:
    conditions = [equals("Name", value) for value in values]
    questions = list(packed(conditions, limit))
    assert " OR ".join(questions) == " OR ".join(conditions)
    assert all(fits(question, limit) or question in conditions for question in questions)
    for question, following in pairwise(questions):
        first = next(each for each in conditions if following == each or following.startswith(f"{each} OR "))
        assert not fits(f"{question} OR {first}", limit)


@given(values=VALUES, limit=LIMITS)
def test_the_first_ones_that_fit_are_asked(values: list[str], limit: int) -> None:
    conditions = [equals("Name", value) for value in values]
    asked = any_of(conditions, limit)
    count = next((n for n in range(len(conditions), 0, -1) if asked == " OR ".join(conditions[:n])), 0)
    assert asked == " OR ".join(conditions[:count])
    assert fits(asked, limit)
    assert count == len(conditions) or not fits(" OR ".join(conditions[: count + 1]), limit)
