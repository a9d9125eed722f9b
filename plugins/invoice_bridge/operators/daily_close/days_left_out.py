"""Days before a run's own that no run has closed, as after a pause."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge.operators.daily_close.days import days_of
from invoice_bridge_core.reports.reports_folder import RouteReports

if TYPE_CHECKING:
    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route

LOOKS_BACK = 31
"""How many days before its own a scheduled run looks for days that no run has closed."""


def days_left_out(context: Context, route: Route) -> list[str]:
    """One line that names the days without a report and the command that closes them; the schedule does not come back.

    Nothing where there are none, or the run is not a scheduled one.
    """
    since = days_of(context, route).since
    if since is None or context["dag_run"].run_type != "scheduled":
        return []
    days = RouteReports(route.route).days_without(since, at_most=LOOKS_BACK)
    if not days:
        return []
    command = _backfill(context["ti"].dag_id, route, days[0], since)
    if len(days) == 1:
        return [f"1 earlier day has no report: {days[0]}. To close it: {command}"]
    return [f"{len(days)} earlier days have no report, from {days[0]} to {days[-1]}. To close them: {command}"]


def _backfill(dag_id: str, route: Route, since: dt.date, until: dt.date) -> str:
    """The command that closes these days, wherever Airflow and the route are."""
    zone = ZoneInfo(route.schedule.timezone)
    first, after = (dt.datetime.combine(day, dt.time(), zone).isoformat(timespec="minutes") for day in (since, until))
    return f"airflow backfill create --dag-id {dag_id} --from-date {first} --to-date {after}"
