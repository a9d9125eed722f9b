"""What is late in a route, by the ledger and the clock: no run has to exist for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge_core.ledger.notices import CLOSE_MARK, LATE_RUN, QUEUE_MARK, WATCHED_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger.notices import RouteView
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.notify import Notify


@dataclass(frozen=True)
class Late:
    """One thing that is late; `item` is the same as long as it is."""

    item: str
    text: str


def late(route: Route, notify: Notify, view: RouteView) -> list[Late]:
    """All that is late now."""
    return [*_queue(route, notify, view), *_close(route, notify, view), *_runs(view)]


def next_due(cron: str, timezone: str, after: dt.datetime) -> dt.datetime:
    """When a schedule is due next, later than this instant."""
    from croniter import croniter  # type: ignore[import-untyped]

    found: dt.datetime = croniter(cron, after.astimezone(ZoneInfo(timezone))).get_next(dt.datetime)
    return found


def last_due(cron: str, timezone: str, before: dt.datetime) -> dt.datetime:
    """When a schedule was due last, earlier than this instant."""
    from croniter import croniter

    found: dt.datetime = croniter(cron, before.astimezone(ZoneInfo(timezone))).get_prev(dt.datetime)
    return found


def last_time_of_day(time: dt.time, timezone: str, now: dt.datetime) -> dt.datetime:
    """The last instant, up to now, at which it was this time of day."""
    local = now.astimezone(ZoneInfo(timezone))
    today = dt.datetime.combine(local.date(), time, ZoneInfo(timezone))
    if today <= local:
        return today
    return dt.datetime.combine(local.date() - dt.timedelta(days=1), time, ZoneInfo(timezone))


def written(instant: dt.datetime, timezone: str) -> str:
    """An instant as people of the route read it."""
    return f"{instant.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


def _queue(route: Route, notify: Notify, view: RouteView) -> Iterator[Late]:
    if notify.queue_within is None:
        return
    looked = view.marks.get(QUEUE_MARK)
    since = max(view.marks[WATCHED_MARK].at, looked.at) if looked is not None else view.marks[WATCHED_MARK].at
    due = next_due(route.schedule.transfer, route.schedule.timezone, since)
    if view.now - due < notify.queue_within:
        return
    timezone = route.schedule.timezone
    last = f"was last looked at {written(looked.at, timezone)}" if looked is not None else "was never looked at"
    yield Late(
        f"late queue {due.astimezone(dt.UTC).isoformat()}",
        f"The queue of {route.source.conn_id} {last}, and was due {written(due, timezone)}. Open invoice_transfer__"
        f"{route.route}: is it paused, does its last run hang, or did its task queue fail?",
    )


def _close(route: Route, notify: Notify, view: RouteView) -> Iterator[Late]:
    if notify.close_time is None:
        return
    timezone = route.schedule.timezone
    deadline = last_time_of_day(notify.close_time, timezone, view.now)
    due = last_due(route.schedule.daily, timezone, deadline)
    if due <= view.marks[WATCHED_MARK].at:
        return
    day = due.date() - dt.timedelta(days=1)
    closed = view.marks.get(CLOSE_MARK)
    if closed is not None and closed.day is not None and closed.day >= day:
        return
    yield Late(
        f"late close {day.isoformat()}",
        f"The day {day.isoformat()} is not closed. It was due {written(due, timezone)} and should be done by "
        f"{written(deadline, timezone)}. Open daily_close__{route.route}: is it paused, or did its "
        "run fail, or does it hang?",
    )


def _runs(view: RouteView) -> Iterator[Late]:
    for name, mark in sorted(view.marks.items()):
        if name.startswith(LATE_RUN):
            yield Late(name, mark.note or name)
