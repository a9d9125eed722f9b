from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import ConfigurationError
from include.window import Window

DATES = st.dates(min_value=dt.date(2020, 1, 1), max_value=dt.date(2030, 12, 31))
OSLO = ZoneInfo("Europe/Oslo")


def test_the_last_day_is_not_included() -> None:
    window = Window.parse("2026-11-01", "2026-12-01")
    assert window.contains(dt.date(2026, 11, 1))
    assert window.contains(dt.date(2026, 11, 30))
    assert not window.contains(dt.date(2026, 12, 1))


@given(DATES, DATES, DATES)
def test_neighbouring_windows_share_no_day_and_lose_none(first: dt.date, second: dt.date, day: dt.date) -> None:
    low, high = sorted({first, second, first + dt.timedelta(days=1)})[:2]
    parts = [Window(until=low), Window(low, high), Window(since=high)]
    assert sum(part.contains(day) for part in parts) == 1


def test_an_undated_document_belongs_to_no_window_but_the_open_one() -> None:
    assert Window().contains(None)
    assert not Window(since=dt.date(2026, 1, 1)).contains(None)


@pytest.mark.parametrize(("since", "until"), [("2026-11-02", "2026-11-01"), ("2026-11-02", "2026-11-02")])
def test_a_window_the_wrong_way_round_says_so(since: str, until: str) -> None:
    with pytest.raises(ConfigurationError, match="the wrong way round: until 2026-11-0"):
        Window.parse(since, until)


def test_a_date_that_is_none_names_the_param_and_the_form() -> None:
    with pytest.raises(ConfigurationError, match=r"Param since: '1\.11\.2026' is no date; write it as YYYY-MM-DD"):
        Window.parse("1.11.2026", None)


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25), dt.date(2026, 11, 15)])
def test_a_day_is_a_day_when_the_clocks_change(day: dt.date) -> None:
    start = dt.datetime.combine(day, dt.time(), OSLO).astimezone(dt.UTC)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), OSLO).astimezone(dt.UTC)
    assert Window.of_interval(start, end, "Europe/Oslo") == Window(day, day + dt.timedelta(days=1))


def test_a_five_minute_interval_holds_a_date_only_at_midnight() -> None:
    midnight = dt.datetime(2026, 11, 15, tzinfo=OSLO)
    five = dt.timedelta(minutes=5)
    assert Window.of_interval(midnight, midnight + five, "Europe/Oslo").contains(midnight.date())
    assert not Window.of_interval(midnight + five, midnight + 2 * five, "Europe/Oslo").contains(midnight.date())
