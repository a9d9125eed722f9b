"""What the summary of a daily close says of days that the schedule has passed over."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from airflow.sdk.api.datamodels._generated import DagRunType

from invoice_bridge_core.reports.reports_folder import RouteReports
from tests.operators.airflow_run import Run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

COMMAND = "airflow backfill create --dag-id "


@pytest.fixture
def reports(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RouteReports:
    monkeypatch.setenv("INVOICE_BRIDGE_REPORTS_DIR", str(tmp_path))
    return RouteReports(world.route.route)


def closing(world: World, day: dt.date, run_type: DagRunType = DagRunType.SCHEDULED) -> Run:
    """The run that closes a day and finds nothing; it ends well."""
    start = dt.datetime.combine(day, dt.time(2), dt.UTC)
    run = Run(world.route, run_type=run_type, interval=(start, start + dt.timedelta(days=1)))
    run.queue()
    run.poll()
    assert run.daily_summary() is None
    return run


def test_days_that_a_pause_left_out_are_named_with_what_closes_them(world: World, reports: RouteReports) -> None:
    reports.write("2026-11-06.html", b"")
    run = closing(world, dt.date(2026, 11, 10))
    [line] = [line for line in run.logged if COMMAND in line]
    assert line.startswith("3 earlier days have no report, from 2026-11-07 to 2026-11-09. To close them: ")
    assert line.endswith(" --from-date 2026-11-07T00:00+01:00 --to-date 2026-11-10T00:00+01:00")


def test_a_single_day_that_was_left_out_is_named(world: World, reports: RouteReports) -> None:
    reports.write("2026-11-08.html", b"")
    run = closing(world, dt.date(2026, 11, 10))
    [line] = [line for line in run.logged if COMMAND in line]
    assert line.startswith("1 earlier day has no report: 2026-11-09. To close it: ")


def test_a_month_is_as_far_as_it_looks_back(world: World, reports: RouteReports) -> None:
    reports.write("2026-03-01.html", b"")
    run = closing(world, dt.date(2026, 11, 10))
    [line] = [line for line in run.logged if COMMAND in line]
    assert line.startswith("31 earlier days have no report, from 2026-10-10 to 2026-11-09. To close them: ")
    assert "--from-date 2026-10-10T00:00+02:00" in line


@pytest.mark.parametrize("reported", [(), ("2026-11-09",), ("2026-11-03_2026-11-09",)])
def test_days_that_follow_one_another_are_not_reported_again(
    world: World, reports: RouteReports, reported: tuple[str, ...]
) -> None:
    for name in reported:
        reports.write(f"{name}.html", b"")
    assert not [line for line in closing(world, dt.date(2026, 11, 10)).logged if COMMAND in line]


def test_the_days_of_a_backfill_come_in_any_order(world: World, reports: RouteReports) -> None:
    reports.write("2026-11-06.html", b"")
    run = closing(world, dt.date(2026, 11, 10), DagRunType.BACKFILL)
    assert not [line for line in run.logged if COMMAND in line]
