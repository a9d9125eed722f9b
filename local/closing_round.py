"""The closing round: one day of each route is closed, so that there is a report to look at."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from typing import TYPE_CHECKING

from local.transfer_runs import run_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from local.airflow import LocalAirflow
    from local.progress import Progress

PREFIX = "daily_close__"


def close_a_day(airflow: LocalAirflow, routes: Sequence[str], progress: Progress) -> None:
    """Close the fullest day of each route, and say where its report is. What it finds is no fault of the launcher."""
    from invoice_bridge_core.ledger import Ledger

    ledger = Ledger.connect(airflow.ledger_url)
    try:
        days = fullest_days(ledger.outcomes(), routes)
    finally:
        ledger.close()
    if not days:
        return
    progress.say("One day of each route is closed, so that there is a report:")
    started = time.monotonic()
    given = {
        f"{PREFIX}{route}": {"since": f"{day}", "until": f"{day + dt.timedelta(days=1)}"} for route, day in days.items()
    }
    run_all(airflow, list(given), progress, given)
    progress.say(f"Closed in {time.monotonic() - started:.0f} s.")
    for route, day in sorted(days.items()):
        progress.say(f"  {airflow.base_url}/invoice-bridge/reports/{PREFIX}{route}/{day}.html")


def fullest_days(rows: Iterable[DocumentRow], routes: Sequence[str]) -> dict[str, dt.date]:
    """The day with most documents by route, the newest of them; a route without documents has none."""
    counts: dict[str, Counter[dt.date]] = {route: Counter() for route in routes}
    for row in rows:
        day = row.facts.document_date
        if day is not None and row.route in counts:
            counts[row.route][day] += 1
    return {route: max(found, key=lambda day: (found[day], day)) for route, found in counts.items() if found}
