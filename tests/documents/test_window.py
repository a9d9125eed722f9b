from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pendulum
import pytest
from airflow.timetables.interval import CronDataIntervalTimetable
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import ConfigurationError

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
    with pytest.raises(ConfigurationError, match=r"Param since: '1\.11\.2026' is not a date; write it as YYYY-MM-DD"):
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


ZONES = st.sampled_from(["Europe/Oslo", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
CRONS = st.sampled_from(
    ["0 3 * * *", "0 0 * * *", "30 2 * * *", "0 3 * * 1", "0 */6 * * *", "15 23 * * 1-5", "0 4 1 * *"]
)


@given(CRONS, ZONES, st.dates(dt.date(2024, 1, 1), dt.date(2028, 1, 1)))
def test_neighbouring_runs_of_any_schedule_close_each_day_once(cron: str, zone: str, day: dt.date) -> None:
    intervals = scheduled(cron, zone, dt.datetime.combine(day, dt.time(), dt.UTC), runs=40)
    windows = [Window.closed_by(start, end, zone) for start, end in intervals]
    closed = [date for window in windows for date in days_in(window)]
    assert closed == [closed[0] + dt.timedelta(days=number) for number in range(len(closed))]
    for (start, end), window in zip(intervals, windows, strict=True):
        assert window.until is not None
        # Every closed day is over when the run starts, at the end of its interval.
        assert end.astimezone(ZoneInfo(zone)).date() >= window.until
        assert window.is_empty == (start.astimezone(ZoneInfo(zone)).date() == window.until)


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Oslo", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)]),
        ("America/New_York", [dt.date(2026, 3, 8), dt.date(2026, 11, 1)]),
    ],
)
@pytest.mark.parametrize("cron", ["0 3 * * *", "30 2 * * *", "0 0 * * *"])
@pytest.mark.parametrize("server", ["UTC", "Asia/Tokyo"])
def test_the_run_of_a_day_closes_it_when_the_clocks_change(
    zone: str, changes: list[dt.date], cron: str, server: str
) -> None:
    for change in changes:
        before = dt.datetime.combine(change - dt.timedelta(days=2), dt.time(12), ZoneInfo(zone))
        for start, end in scheduled(cron, zone, before, runs=4):
            first, last = (moment.astimezone(ZoneInfo(server)) for moment in (start, end))
            day = start.astimezone(ZoneInfo(zone)).date()
            assert Window.closed_by(first, last, zone) == Window(day, day + dt.timedelta(days=1))


def test_a_run_by_hand_closes_yesterday_where_the_route_is() -> None:
    moment = dt.datetime(2026, 11, 20, 2, 30, tzinfo=dt.UTC)
    assert Window.day_before(moment, "Europe/Oslo").since == dt.date(2026, 11, 19)
    assert Window.day_before(moment, "America/New_York").since == dt.date(2026, 11, 18)


def scheduled(cron: str, zone: str, after: dt.datetime, runs: int) -> list[tuple[dt.datetime, dt.datetime]]:
    """The data intervals that Airflow's own timetable makes."""
    timetable = CronDataIntervalTimetable(cron, zone)
    moments = [timetable._get_next(pendulum.instance(after))]
    for _ in range(runs):
        moments.append(timetable._get_next(moments[-1]))
    return list(itertools.pairwise(moments))


def days_in(window: Window) -> list[dt.date]:
    assert window.since is not None
    assert window.until is not None
    return [window.since + dt.timedelta(days=number) for number in range((window.until - window.since).days)]
