"""What is late, by the ledger and the clock alone."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invoice_bridge_core.ledger.notices import CLOSE_MARK, LATE_RUN, QUEUE_MARK, WATCHED_MARK, Mark, RouteView
from invoice_bridge_core.notices.late import late
from invoice_bridge_core.routes.notify import Notify
from tests.builders import route

OSLO = ZoneInfo("Europe/Oslo")
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def oslo(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=OSLO)


def items(
    now: str, *, looked: str | None = None, closed: str | None = None, watched: dt.datetime = LONG_AGO, **section: Any
) -> list[str]:
    schedule = section.pop("schedule", {})
    notify = Notify.model_validate({"channels": [{"webhook": {}}], **section})
    marks = {WATCHED_MARK: Mark(watched, None, None)}
    if looked is not None:
        marks[QUEUE_MARK] = Mark(oslo(looked), None, None)
    if closed is not None:
        marks[CLOSE_MARK] = Mark(LONG_AGO, dt.date.fromisoformat(closed), None)
    view = RouteView(now=oslo(now), documents=[], refused=[], marks=marks)
    return [one.item for one in late(route(schedule=schedule), notify, view)]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-30T12:34", []),
        ("2026-11-30T12:35", ["late queue 2026-11-30T11:05:00+00:00"]),
        ("2026-12-01T12:00", ["late queue 2026-11-30T11:05:00+00:00"]),
    ],
)
def test_a_queue_that_nobody_looked_at_is_late_once(now: str, expected: list[str]) -> None:
    assert items(now, looked="2026-11-30T12:03", close_by=None) == expected


def test_a_queue_is_not_late_while_it_is_not_due() -> None:
    at_work = {"transfer": "*/5 8-16 * * 1-5"}
    assert items("2026-11-30T08:29", looked="2026-11-27T16:55", schedule=at_work, close_by=None) == []
    assert items("2026-11-30T08:30", looked="2026-11-27T16:55", schedule=at_work, close_by=None) != []


def test_a_queue_that_was_never_looked_at_is_late_from_when_it_is_watched() -> None:
    watched = oslo("2026-11-30T12:00")
    assert items("2026-11-30T12:34", watched=watched, close_by=None) == []
    assert items("2026-11-30T12:35", watched=watched, close_by=None) != []


@pytest.mark.parametrize(
    ("now", "closed", "expected"),
    [
        ("2026-11-30T05:59", "2026-11-28", []),
        ("2026-11-30T06:00", "2026-11-28", ["late close 2026-11-29"]),
        ("2026-11-30T06:00", "2026-11-29", []),
        ("2026-12-01T05:00", "2026-11-28", ["late close 2026-11-29"]),
        ("2026-12-01T06:00", "2026-11-29", ["late close 2026-11-30"]),
        ("2026-11-30T06:00", None, ["late close 2026-11-29"]),
        # The clocks go back and forth between the run and the time by which it is done.
        ("2026-10-25T06:00", "2026-10-23", ["late close 2026-10-24"]),
        ("2026-03-29T06:00", "2026-03-27", ["late close 2026-03-28"]),
        ("2026-03-29T05:59", "2026-03-27", []),
    ],
)
def test_a_day_is_closed_by_its_time(now: str, closed: str | None, expected: list[str]) -> None:
    assert items(now, closed=closed, queue_within_minutes=None) == expected


def test_a_close_that_runs_on_working_days_is_late_on_those() -> None:
    schedule = {"daily": "0 3 * * 1-5"}
    friday = "2026-11-26"
    assert items("2026-11-29T12:00", closed=friday, schedule=schedule, queue_within_minutes=None) == []
    assert items("2026-11-30T06:00", closed=friday, schedule=schedule, queue_within_minutes=None) == [
        "late close 2026-11-29"
    ]


def test_what_was_due_before_it_was_watched_is_not_late() -> None:
    watched = oslo("2026-11-30T03:30")
    assert items("2026-11-30T06:00", watched=watched, queue_within_minutes=None) == []


def test_what_nobody_is_told_about_is_not_looked_at() -> None:
    assert items("2026-11-30T06:00", about=["held"]) == []


def test_runs_that_airflow_found_late_are_among_them() -> None:
    marks = {
        WATCHED_MARK: Mark(oslo("2026-11-30T12:00"), None, None),
        f"{LATE_RUN}a/b": Mark(LONG_AGO, None, "Run b of a hangs"),
    }
    view = RouteView(now=oslo("2026-11-30T12:01"), documents=[], refused=[], marks=marks)
    notify = Notify.model_validate({"channels": [{"webhook": {}}]})
    assert [(one.item, one.text) for one in late(route(), notify, view)] == [("late run a/b", "Run b of a hangs")]
