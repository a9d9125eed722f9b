"""Where a document's last task and its reconciliation are shown, below Airflow's base URL and without a slash before.

The page makes whole addresses of them: Airflow may be served below a path of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from invoice_bridge.page_addresses import REPORTS_PREFIX
from invoice_bridge_core.reports.reports_folder import RouteReports

if TYPE_CHECKING:
    import datetime as dt

CLOSE_OF_ROUTE = "daily_close__"
_TASK = re.compile(r"(?P<dag>[\w.~-]{1,250})/(?P<run>[\w.~:+ -]{1,250})/(?P<task>[\w.~-]{1,250})/(?P<index>-?\d{1,6})")


def task_link(actor: str | None) -> str | None:
    """The page of the task that an actor of the history names, as `dag/run/task/map index`; `None` for any other."""
    found = _TASK.fullmatch(actor or "")
    if found is None:
        return None
    dag, run, task = (quote(found[name], safe="") for name in ("dag", "run", "task"))
    mapped = "" if (index := int(found["index"])) < 0 else f"/mapped/{index}"
    return f"dags/{dag}/runs/{run}/tasks/{task}{mapped}"


class ReconciliationLinks:
    """The newest report of each document's day; each route's folder is looked into once."""

    def __init__(self) -> None:
        self._days = lru_cache(maxsize=None)(_days_of)

    def of(self, route: str | None, day: dt.date | None) -> str | None:
        """The page of the newest reconciliation that holds the day; `None` while the day was not closed."""
        if route is None or day is None:
            return None
        names = [name for name, first, last in self._days(route) if first <= day.isoformat() <= last]
        # A day of its own says more than a month that holds it.
        name = min(names, key=len, default=None)
        return name and f"{REPORTS_PREFIX.lstrip('/')}/{CLOSE_OF_ROUTE}{quote(route, safe='')}/{name}.html"


def _days_of(route: str) -> list[tuple[str, str, str]]:
    try:
        names = RouteReports(route).names()
    except (ValueError, OSError):
        return []
    return [(name, name[:10], name[11:21] or name[:10]) for name in names if not name.endswith("dry_run")]
