"""What the DAG files share: the form of a run, the tasks' settings, and one mapped task per document."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronDataIntervalTimetable, Param, get_parsing_context
from airflow.sdk.definitions._internal.types import NOTSET

from invoice_bridge.named_tasks import NAME
from invoice_bridge.operators.notices.late_runs import deadlines
from invoice_bridge.operators.retries import FIRST_DELAY, LONGEST_DELAY, PassingTroubleRetryPolicy

if TYPE_CHECKING:
    from airflow.sdk.bases.timetable import BaseTimetable
    from airflow.sdk.definitions.mappedoperator import OperatorPartial

    from invoice_bridge.operators.once import OnceOperator
    from invoice_bridge_core.routes.model import Route

FIRST_DAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
"""Backfills reach back to here."""

HOUR = dt.timedelta(hours=1)
LONGEST_RUN = 6 * HOUR
"""A run that is not done by then has lost a task: `LocalExecutor` takes none back, and the run would go on for ever.

Where one run at a time is active, nothing would be moved any more. Airflow then fails the run and skips what is left of
it; the ledger knows how far each document came, and the next run goes on from there. It is far more than a run takes,
since one that is only slow is cut off too.
"""
_PER_DOCUMENT = dt.timedelta(seconds=12)
"""Xero takes 60 calls a minute, and a document with contact, payment and files needs up to ten of them."""

PARAMS = {
    "documents": Param(
        [],
        type=["array", "null"],
        items={"type": "string"},
        title="Documents",
        description="Numbers or ids in the source system, one per line, 500 at most. Leave it empty to take everything "
        "that waits.",
    ),
    "since": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Since",
        description="Only documents dated on this day or later.",
    ),
    "until": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Until",
        description="Only documents dated before this day; the day itself is not included.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Only say what would be done and sent for each document. Nothing is written anywhere.",
    ),
}
"""Shared by the DAGs that move documents. `since` and `until` are dates; the day of `until` is not included."""


def run_params() -> dict[str, Param]:
    """`PARAMS` for a DAG; in a task's own process without their rules.

    Airflow's server has held what was entered against them before there was a run. In each task they would be checked
    twice more, and copied for each task of its DAG.
    """
    if get_parsing_context().task_id is None:
        return PARAMS
    return {name: _CheckedParam(param.value) for name, param in PARAMS.items()}


class _CheckedParam(Param):
    """A parameter whose value was held against its rules before."""

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """The value."""
        if value is not NOTSET:
            self.value = value
        return self.value

    def __deepcopy__(self, memo: dict[int, Any]) -> _CheckedParam:
        return _CheckedParam(self.value)


def longest_transfer(route: Route) -> dt.timedelta:
    """When a transfer run has lost a task: an hour for retries and pauses, and time for all documents of a run."""
    return HOUR + route.limits.documents_per_run * _PER_DOCUMENT


def run_settings(
    route: Route,
    prefix: str,
    schedule: str,
    *,
    runs_at_once: int = 1,
    longest: dt.timedelta = LONGEST_RUN,
    late_after: dt.timedelta | None = None,
    is_watched: bool = False,
) -> dict[str, Any]:
    """What all DAGs of a route have in common, as arguments of `DAG`.

    :param prefix: of the DAG's id, before the route's name.
    :param schedule: a crontab expression, read in the route's time zone.
    :param longest: when a run is ended by force; people hear of it where the route tells them what is late.
    :param late_after: when people hear of a run that shows no progress.
    :param is_watched: whether a run also starts when something new waits in the source.
    """
    return {
        "dag_id": f"{prefix}{route.route}",
        "schedule": _schedule(route, schedule, is_watched=is_watched),
        "start_date": FIRST_DAY,
        "catchup": False,
        "max_active_runs": runs_at_once,
        "dagrun_timeout": longest,
        "deadline": deadlines(route, longest, first=late_after) or None,
        "max_active_tasks": max(16, route.limits.parallel),
        "tags": ["invoice-bridge", route.source.system, route.finance.system],
        "default_args": default_args(),
    }


def _schedule(route: Route, cron: str, *, is_watched: bool) -> BaseTimetable | AssetOrTimeSchedule:
    by_time = CronDataIntervalTimetable(cron, timezone=route.schedule.timezone)
    # A task parses the file again, and what starts a run is nothing to it.
    if not is_watched or get_parsing_context().dag_id is not None:
        return by_time
    from invoice_bridge.triggers.queue import QueueTrigger

    queue = Asset(
        f"invoice_bridge_queue__{route.route}",
        uri=f"invoice-bridge://queue/{route.route}",
        watchers=[AssetWatcher("queue", QueueTrigger(route.route, route.source.conn_id))],
    )
    return AssetOrTimeSchedule(timetable=by_time, assets=[queue])


def default_args() -> dict[str, Any]:
    """The settings of every task: trouble that may pass by itself is tried again, and no task runs for ever.

    The delays here are for a task whose process was killed: Airflow then asks no retry policy.
    """
    return {
        "owner": "invoice-bridge",
        "retries": 5,
        "retry_policy": PassingTroubleRetryPolicy(),
        "retry_delay": FIRST_DELAY,
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": LONGEST_DELAY,
        "execution_timeout": dt.timedelta(minutes=30),
    }


def one_task_per_document(operator: type[OnceOperator], task_id: str, route: Route, **kwargs: Any) -> OperatorPartial:
    """Mapped tasks named after what they carry, at most `limits.parallel` of each such task in all runs of a DAG."""
    return operator.of_route(route).partial(
        task_id=task_id,
        route=route,
        map_index_template=NAME,
        max_active_tis_per_dag=route.limits.parallel,
        **kwargs,
    )
