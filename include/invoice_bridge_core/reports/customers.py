"""Who is only on one side, and what differs: a page, a table, and the text of a run's summary."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.reports.reports_folder import RouteReports
from invoice_bridge_core.reports.text_table import listed, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2
    import pandas as pd

    from invoice_bridge_core.customers.plan import Plan
    from invoice_bridge_core.ledger.customers.customer_ledger import PlannedRow
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow
    from invoice_bridge_core.routes.model import Route

_TEMPLATE = Path(__file__).with_name("customers.html.jinja")
_DIFFERS, _HELD, _CONFLICT = "Differs", "Held", "Changed on both sides"


@dataclass(frozen=True)
class Finding:
    """One line of the table. Its fields are the columns of the CSV file, a public interface."""

    finding: str
    customer: str
    source_key: str
    finance_id: str
    field: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""


def findings_of(plan: Plan) -> list[Finding]:
    """What is not in step: a line for each customer, and one for each field that differs."""
    return [found for row in plan.rows for found in _findings(plan, row)]


def write_customers(plan: Plan, route: Route, *, dry_run: bool, reports: RouteReports | None = None) -> str:
    """Write page and table over those of the last run; the page's file name.

    :param dry_run: it gets a page of its own, and takes nobody's place.
    :raises ConfigurationError: the reports folder cannot be written.
    """
    from invoice_bridge_core.reports.reconciliation_table import ENCODING, csv_text

    reports = reports or RouteReports(route.route)
    stem = "customers_dry_run" if dry_run else "customers"
    found = findings_of(plan)
    page = _page(plan, route, found, f"{stem}.csv", dry_run=dry_run)
    reports.write(f"{stem}.html", page.encode())
    reports.write(f"{stem}.csv", csv_text(_table(found)).encode(ENCODING))
    return f"{stem}.html"


def customers_text(route: Route, rows: Sequence[CustomerRow], left: Sequence[str] = ()) -> str:
    """How many customers stand how, then what somebody has to look at.

    :param left: what was not done in this run, and why.
    """
    is_source_master = route.customers is None or route.customers.is_source_master
    ours = [row for row in rows if (row.source_key if is_source_master else row.finance_id) is not None]
    master = route.source.system_name if is_source_master else route.finance.system_name
    counts = Counter(row.state for row in rows)
    agree = sum(row.state is CustomerState.IN_STEP for row in ours)
    lines = [f"Route {route.route}: {agree} of {len(ours)} customers of {master} are in step"]
    lines += [f"  {state:<8}  {counts[state]}" for state in CustomerState if counts[state]]
    open_ones = [row for row in rows if row.state in (CustomerState.HELD, CustomerState.CONFLICT)]
    lines += listed("Somebody has to look at:", [(row.label, row.reason or "") for row in open_ones])
    lines += sentences("Left for now:", left)
    return "\n".join(lines)


def _findings(plan: Plan, row: PlannedRow) -> list[Finding]:
    only = _only_in(plan, row)
    keys = (row.label, row.source_key or "", row.finance_id or "")
    match row.state:
        case CustomerState.IN_STEP:
            return []
        case CustomerState.WANTED:
            reason = f"is made in {plan.direction.other_name}" if only else ""
            return [Finding(only or _DIFFERS, *keys, *change, reason) for change in row.changes]
        case CustomerState.ALONE:
            return [Finding(only or _DIFFERS, *keys, reason=row.reason or "")]
        case CustomerState.CONFLICT:
            return [Finding(_CONFLICT, *keys, reason=row.reason or "")]
        case _:
            return [Finding(_HELD, *keys, reason=row.reason or "")]


def _only_in(plan: Plan, row: PlannedRow) -> str:
    if row.finance_id is None:
        return f"Only in {plan.direction.source_name}"
    return f"Only in {plan.direction.finance_name}" if row.source_key is None else ""


def _table(found: Sequence[Finding]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([asdict(one) for one in found], columns=[one.name for one in fields(Finding)], dtype=object)


def _page(plan: Plan, route: Route, found: Sequence[Finding], csv_name: str, *, dry_run: bool) -> str:
    zone = ZoneInfo(route.schedule.timezone)
    titles = dict.fromkeys(one.finding for one in found)
    return _template().render(
        route=route.route,
        source=plan.direction.source_name,
        finance=plan.direction.finance_name,
        master=plan.direction.master_name,
        made_at=f"{dt.datetime.now(zone):%Y-%m-%d %H:%M} ({route.schedule.timezone})",
        dry_run=dry_run,
        agree=plan.states[CustomerState.IN_STEP],
        all=len(plan.rows),
        parts=[(title, [one for one in found if one.finding == title]) for title in titles],
        csv_name=csv_name,
    )


@cache
def _template() -> jinja2.Template:
    from invoice_bridge_core.reports.page_style import page_environment

    return page_environment().from_string(_TEMPLATE.read_text("utf-8"))
