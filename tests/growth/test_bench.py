"""The benchmark of growth is itself run, over ledgers that are as small as can be."""

from __future__ import annotations

from benchmarks.growth import FOLLOWS_ALL, Cost, sizes, table


def test_the_table_shows_each_step_and_marks_what_grows() -> None:
    flat, grows = Cost(10, 5, 1), Cost(30, 15, 1)
    names = ("queue step", "20 claims", FOLLOWS_ALL[0])
    found = {
        (5000, 0): dict.fromkeys(names, flat),
        (5000, 20): dict.fromkeys(names, grows),
        (9000, 0): {"queue step": flat, "20 claims": grows, FOLLOWS_ALL[0]: grows},
    }
    lines = {line[:18].strip(): line for line in table(found).splitlines()}
    assert lines["queue step"].endswith("1.00×")
    assert lines["20 claims"].endswith("3.00× !")
    assert lines[FOLLOWS_ALL[0]].endswith("3.00×")
    assert "15 (10+5)" in lines["queue step"]


def test_sizes_are_numbers_with_commas() -> None:
    assert sizes("50, 5,500") == [5, 50, 500]
