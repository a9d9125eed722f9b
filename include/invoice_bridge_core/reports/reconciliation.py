"""The reconciliation of a few days: made, compared with the last one of the same days, told in short."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.reconciliation.kinds import Severity
from invoice_bridge_core.reports.reconciliation_table import ENCODING, read_earlier, table_of, totals_of
from invoice_bridge_core.reports.reports_folder import RouteReports, name_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from invoice_bridge_core.reconciliation.sides import Systems
    from invoice_bridge_core.reports.reconciliation_table import Earlier

LISTED = 50
"""Rows that the log names; the page has all of them."""


@dataclass(frozen=True)
class Reconciliation:
    """The result for the documents dated from `since` up to and without `until`.

    :param timezone: the route's, in which the page tells times.
    :param run_key: the run that made it.
    :param earlier: what the last report of the same days found, by reference.
    """

    route: str
    source: str
    finance: str
    timezone: str
    since: dt.date
    until: dt.date
    rows: Sequence[ReconciledDocument]
    made_at: dt.datetime
    run_key: str
    dry_run: bool = False
    earlier: Mapping[str, Earlier] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its files, without their ending."""
        return name_of(self.since, self.until, dry_run=self.dry_run)

    @property
    def is_one_day(self) -> bool:
        """Whether it is about a single day."""
        return "_" not in name_of(self.since, self.until)

    @property
    def shows_sales(self) -> bool:
        """Whether the route shows sales, so that the report has a column for them."""
        return any(row.sale is not None for row in self.rows)

    @property
    def title(self) -> str:
        """Its heading."""
        first, last = self.since, self.until - self.until.resolution
        days = f"{first:%A} {first.day} {first:%B %Y}" if self.is_one_day else f"{first} to {last}"
        return f"Daily close, {days}"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One line per document."""
        return table_of(self.rows, dict(self.earlier), self.run_key)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Documents and sums by outcome and currency."""
        return totals_of(self.table)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows are of each severity."""
        found = Counter(row.severity for row in self.rows)
        return {str(severity): found[severity] for severity in Severity}

    @property
    def news(self) -> list[ReconciledDocument]:
        """The rows that contradict each other in a way that no earlier report of these days has shown.

        What this run found before it was interrupted is still its own news.
        """
        found_now = set(self.table.loc[self.table["found_by"] == self.run_key, "reference"])
        return [row for row in self.rows if row.reference in found_now]


def reconciliation_of(
    rows: Sequence[ReconciledDocument],
    systems: Systems,
    *,
    since: dt.date,
    until: dt.date,
    made_at: dt.datetime,
    run_key: str,
    dry_run: bool = False,
    reports: RouteReports | None = None,
) -> Reconciliation:
    """Compare the rows with the last report of the same days.

    :param until: the day after the last one.
    :param made_at: aware.
    :param reports: where reports lie; the route's own folder unless it is given.
    :raises ConfigurationError: the reports folder cannot be read.
    """
    reports = reports or RouteReports(systems.route.route)
    return Reconciliation(
        route=systems.route.route,
        source=systems.source,
        finance=systems.finance,
        timezone=systems.route.schedule.timezone,
        since=since,
        until=until,
        rows=rows,
        made_at=made_at,
        run_key=run_key,
        dry_run=dry_run,
        earlier=_earlier(reports, name_of(since, until)),
    )


def reconciliation_text(report: Reconciliation) -> str:
    """The result in short, for a log."""
    dry = " (dry run)" if report.dry_run else ""
    counted = sum(row.is_counted for row in report.rows)
    lines = [f"{report.title}, route {report.route}{dry}: {counted} documents"]
    for total in report.totals.to_dict("records"):
        lines.append(
            f"  {total['outcome']:<13} {total['documents']:>5} {format_amount(total['sum']):>16} {total['currency']}"
        )
    differing = [row for row in report.rows if row.severity is not Severity.NONE]
    if not differing:
        lines.append(f"{report.source}, ledger and {report.finance} agree")
    for row in differing[:LISTED]:
        said = "; ".join(f"{one.kind}: {one.text}" for one in row.differences)
        lines.append(f"  {row.severity:<8} {_label(row)}: {said}. Next: {row.next_step}")
    if len(differing) > LISTED:
        lines.append(f"  and {len(differing) - LISTED} more, which the page lists")
    return "\n".join(lines)


def _label(row: ReconciledDocument) -> str:
    amount = f"{format_amount(row.total)} {row.currency}" if row.total is not None else "no total"
    return f"{row.number} · {row.customer or 'no customer'} · {amount}"


def _earlier(reports: RouteReports, name: str) -> dict[str, Earlier]:
    content = reports.read(f"{name}.csv")
    if content is None:
        return {}
    try:
        return read_earlier(content.decode(ENCODING))
    except ValueError:
        # Somebody has edited it, or another release wrote it: then everything is news once more.
        return {}
