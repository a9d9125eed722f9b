"""Airflow's deadline alerts: what is said of a run that is not done in time.

The module is imported at parse time and by whatever process Airflow runs a deadline's callback in: it is light.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)

PROGRESS = dt.timedelta(minutes=10)
"""A run whose route wrote something of a document within this is busy, not stuck."""
_CALLBACK = f"{__name__}.run_is_late"


def deadlines(route: Route, run_timeout: dt.timedelta, *, first: dt.timedelta | None = None) -> list[DeadlineAlert]:
    """The alerts of one DAG of a route; none where nobody is told what is late.

    :param run_timeout: when Airflow ends the run by force; a minute later people hear of it.
    :param first: an earlier alert, for a run that shows no progress by then.
    """
    if route.notify is None or "late" not in route.notify.topics:
        return []
    waits = [(first, False), (run_timeout + dt.timedelta(minutes=1), True)]
    return [
        DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=wait,
            callback=SyncCallback(_CALLBACK, kwargs={"route": route.route, "is_ended": is_ended}),
            name="run was stopped" if is_ended else "run is late",
        )
        for wait, is_ended in waits
        if wait is not None
    ]


def run_is_late(context: Mapping[str, Any], route: str, is_ended: bool) -> None:
    """What Airflow calls when a deadline has passed; also for runs that ended badly before it.

    :param context: Airflow's, with `dag_run` as its API shows it.
    :param is_ended: whether it is the deadline after the run's time-out.
    """
    from invoice_bridge.ledger_access import open_ledger
    from invoice_bridge.operators.notices.tell import tell
    from invoice_bridge_core.ledger.notices import LATE_RUN
    from invoice_bridge_core.routes.loader import load_route

    found = load_route(route)
    if found is None or found.notify is None:
        return
    ledger = open_ledger()
    try:
        text = late_run(context["dag_run"], context["deadline"]["deadline_time"], found, ledger, is_ended=is_ended)
        if text is None:
            log.info("The run is not late, or shows progress")
            return
        run = context["dag_run"]
        ledger.notices.mark(route, f"{LATE_RUN}{run['dag_id']}/{run['dag_run_id']}", note=text)
    finally:
        ledger.close()
    told = tell(found, found.notify)
    for line in [*told.lines, *told.failures]:
        log.info("%s", line)


def late_run(run: Mapping[str, Any], deadline: object, route: Route, ledger: Ledger, *, is_ended: bool) -> str | None:
    """What people are told of the run; `None` when it is nothing.

    A backfill's runs wait for each other, and whoever started it watches it.
    """
    from invoice_bridge_core.notices.late import written

    if run["run_type"] == "backfill" or run["state"] == "success":
        return None
    timezone = route.schedule.timezone
    queued = _instant(run["queued_at"] or run["run_after"])
    end = None if run["end_date"] is None else _instant(run["end_date"])
    about = f"Run {run['dag_run_id']} of {run['dag_id']}, queued {written(queued, timezone)},"
    if is_ended:
        if end is None:
            return f"{about} is still not done. It can be ended in Airflow: mark the run as failed"
        was_stopped = run["state"] == "failed" and end >= _instant(deadline) - dt.timedelta(minutes=5)
        if not was_stopped:
            return None
        return (
            f"{about} was not done in time and was ended by force {written(end, timezone)}, so that the next run can "
            "start. What it had begun is taken up by the next run"
        )
    if end is not None or _shows_progress(route, ledger):
        return None
    return f"{about} is not done, and nothing of its documents was written for {_minutes(PROGRESS)}. Look at its tasks"


def _shows_progress(route: Route, ledger: Ledger) -> bool:
    moved = ledger.notices.last_moved_at(route.route)
    return moved is not None and dt.datetime.now(dt.UTC) - moved < PROGRESS


def _instant(value: object) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))


def _minutes(span: dt.timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} minutes"
