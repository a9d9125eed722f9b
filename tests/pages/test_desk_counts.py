"""Transferred documents are counted up to a number, and the list says so; what is open is counted whatever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.ledger.desk import listing
from tests.ledger.many_documents import fill

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from tests.pages.desk_world import Desk

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

MANY = 600


@pytest.fixture(autouse=True)
def filled(ledger: Ledger) -> None:
    """So many documents that each state has some."""
    fill(ledger, MANY)


def counts(desk: Desk, **query: Any) -> tuple[int, bool, dict[str, int], list[str], int]:
    listed = desk.documents(**query)
    summed = sum(one["count"] for one in listed["sums"])
    return listed["count"], listed["has_more"], listed["states"], listed["more_of"], summed


@pytest.mark.parametrize("query", [{}, {"text": "kongress"}, {"route": "other"}, {"kind": "credit note"}], ids=str)
def test_what_is_counted_no_further_says_so(desk: Desk, query: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    count, has_more, states, more_of, summed = counts(desk, view="all", **query)
    transferred = states["transferred"]
    assert (has_more, more_of, summed) == (False, [], count)
    assert transferred > 5
    for most, is_cut in ((transferred, False), (transferred - 1, True), (5, True)):
        monkeypatch.setattr(listing, "MOST_COUNTED", most)
        cut = counts(desk, view="all", **query)
        left_out = transferred - most if is_cut else 0
        assert cut[:2] == (count - left_out, is_cut)
        assert cut[2] == {**states, "transferred": transferred - left_out}
        assert cut[3:] == (["transferred"] if is_cut else [], 0 if is_cut else count)


def test_states_that_are_counted_to_the_end_are_summed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counts(desk, view="all")
    wanted = {"view": "all", "state": ["held", "in doubt", "rejected"]}
    before = counts(desk, **wanted)
    monkeypatch.setattr(listing, "MOST_COUNTED", 5)
    count, has_more, states, more_of, summed = counts(desk, **wanted)
    assert (count, has_more, summed) == (before[0], False, before[0])
    assert (states, more_of) == ({**whole[2], "transferred": 5}, ["transferred"])


@pytest.mark.parametrize("view", ["open", "aside"])
def test_what_is_open_is_counted_to_the_end(desk: Desk, view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts(desk, view=view)
    monkeypatch.setattr(listing, "MOST_COUNTED", 1)
    assert counts(desk, view=view) == before
    assert before[4] == before[0]


def test_every_page_is_there_whatever_is_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 5)
    pages = [desk.documents(view="all", size=200, page=page)["documents"] for page in range(1, 5)]
    assert len({entry["id"] for page in pages for entry in page}) == MANY
