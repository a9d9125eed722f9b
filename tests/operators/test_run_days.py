"""Which days the runs of each kind are about, by the intervals that Airflow's own timetable gives them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pendulum
import pytest
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.timetables.interval import CronDataIntervalTimetable

from invoice_bridge.operators.daily_close.days import days_of
from invoice_bridge.operators.transfer.queue import window_of
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import ConfigurationError
from tests.builders import route
from tests.operators.airflow_run import Run
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

OSLO = "Europe/Oslo"
DAILY, WEEKLY = "0 3 * * *", "0 3 * * 1"
MOMENT = pendulum.datetime(2026, 11, 12, 1, tz=OSLO)
"""A Thursday, before the run that closes the 11th."""


def run_at(run_type: DagRunType, cron: str = DAILY, **params: str) -> Run:
    """A run with the last interval before the moment, as Airflow's form and its scheduler give it."""
    interval = CronDataIntervalTimetable(cron, OSLO).infer_manual_data_interval(run_after=MOMENT)
    run = Run(route(), run_type=run_type, params=dict(params), interval=(interval.start, interval.end))
    run.started = MOMENT
    return run


def days(run: Run) -> Window:
    return days_of(run.context("queue"), run.route)


@pytest.mark.parametrize("cron", [DAILY, WEEKLY])
def test_a_run_by_hand_closes_yesterday_whatever_the_form_fills_in(cron: str) -> None:
    assert days(run_at(DagRunType.MANUAL, cron)) == Window(dt.date(2026, 11, 11), dt.date(2026, 11, 12))


def test_a_run_by_hand_closes_the_days_that_it_was_given() -> None:
    found = days(run_at(DagRunType.MANUAL, since="2026-11-01", until="2026-11-03"))
    assert found == Window(dt.date(2026, 11, 1), dt.date(2026, 11, 3))


@pytest.mark.parametrize("run_type", [DagRunType.SCHEDULED, DagRunType.BACKFILL])
def test_other_runs_close_what_ended_in_their_interval(run_type: DagRunType) -> None:
    assert days(run_at(run_type)) == Window(dt.date(2026, 11, 10), dt.date(2026, 11, 11))
    assert days(run_at(run_type, WEEKLY)) == Window(dt.date(2026, 11, 2), dt.date(2026, 11, 9))


def test_only_a_backfill_of_transfers_is_about_its_interval() -> None:
    windows = {
        run_type: window_of(run_at(run_type).context("queue"), route())
        for run_type in (DagRunType.BACKFILL, DagRunType.SCHEDULED, DagRunType.MANUAL)
    }
    assert windows[DagRunType.BACKFILL] == Window(dt.date(2026, 11, 11), dt.date(2026, 11, 12))
    assert windows[DagRunType.SCHEDULED].is_open
    assert windows[DagRunType.MANUAL].is_open


def test_a_backfill_of_transfers_leaves_the_documents_of_other_days(world: World) -> None:
    for number, date in ((1, "2026-11-02"), (2, "2026-11-03"), (3, "2026-11-04")):
        world.sandbox.qondor.add(payment(number, invoiceDate=date))
    day = pendulum.datetime(2026, 11, 3, tz=OSLO)
    run = Run(world.route, run_type=DagRunType.BACKFILL, interval=(day, day.add(days=1)))
    assert [entry["source_id"] for entry in run.queue()] == ["50002"]


@pytest.mark.parametrize(
    "given", [{"since": "2026-11-01", "until": "2026-11-03"}, {"since": "2026-11-01"}, {"until": "2026-11-03"}]
)
def test_a_backfill_refuses_dates_that_would_be_those_of_all_its_runs(given: dict[str, str]) -> None:
    run = run_at(DagRunType.BACKFILL, **given)
    for dates in (days, lambda run: window_of(run.context("queue"), run.route)):
        with pytest.raises(ConfigurationError, match="cannot be used in a backfill: each of its runs is about") as told:
            dates(run)
        assert all(name.capitalize() in str(told.value) for name in given)
    assert window_of(run_at(DagRunType.MANUAL, **given).context("queue"), route()) == Window.parse(
        given.get("since"), given.get("until")
    )
