"""What the benchmark says: each lane is held against the empty tasks around it, and the middle round counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.cost_tables import Measured, Round, print_cpu, print_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


def measured(seconds: float) -> Measured:
    """A run that takes a second more than its mapped tasks, and half their time of the processor."""
    return Measured(seconds + 1, seconds, {"tasks": seconds / 2, "sandbox": 0.0}, Counter())


def a_round(empties: Sequence[float], one_by_one: float, ahead: float) -> Round:
    lanes = {"one by one": measured(one_by_one), "booked ahead": measured(ahead)}
    return Round([measured(each) for each in empties], lanes)


def test_a_lane_is_held_against_the_empty_tasks_before_and_after_it() -> None:
    one = a_round((9, 11, 19), one_by_one=13, ahead=18)
    assert (one.ratio("one by one"), one.ratio("booked ahead")) == (13 / 10, 18 / 15)
    assert one.ratio_of_run("one by one") == 14 / 11


def test_the_middle_round_counts_and_the_others_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = [a_round((10, 10, 10), one_by_one, ahead=11) for one_by_one in (12, 18, 13)]
    print_times(rounds, {"one by one": 1.35}, documents=200)
    said = next(line for line in capsys.readouterr().out.splitlines() if "wanted" in line)
    assert said.split()[:8] == ["one", "by", "one", "mapped", "tasks", "1.30", "(1.20", "to"]
    assert said.endswith("≤ 1.35")


def test_processor_time_is_the_mean_of_all_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = [a_round((10, 10, 10), one_by_one, ahead=11) for one_by_one in (12, 14)]
    print_cpu(rounds, documents=100, sandbox="sandbox")
    tasks = next(line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["tasks"])
    assert tasks.split() == ["tasks", "50", "65", "15", "55", "5"]
