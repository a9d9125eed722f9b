"""The lists of reports: all days of one route with how many documents need somebody, and all routes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from invoice_bridge_core.reconciliation.kinds import Severity
from invoice_bridge_core.reports.page_style import page_environment
from invoice_bridge_core.reports.reconciliation_table import ENCODING
from invoice_bridge_core.reports.reports_folder import CUSTOMER_REPORTS, RouteReports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import jinja2

PAGE = 31
"""Days on one page of a list: each of them is a file to be read."""
_TEMPLATE = Path(__file__).with_name("reports_list.html.jinja")


@dataclass(frozen=True)
class ListedReport:
    """One report of a list.

    :param address: from the list.
    :param counts: documents by severity; empty where the report has none, or cannot be read.
    """

    name: str
    address: str
    counts: Mapping[str, int]

    @property
    def documents(self) -> int | None:
        """How many rows it has."""
        return sum(self.counts.values()) if self.counts else None


def days_page(reports: RouteReports, title: str, *, page: int = 1, desk: str) -> str:
    """The days of one route, newest first.

    :param page: from 1; one that is not there is empty.
    :param desk: the address of the route's open documents, from the list.
    """
    names = reports.names()
    first = (page - 1) * PAGE
    listed = [_listed(reports, name) for name in names[first : first + PAGE]]
    pages = max(1, -(-len(names) // PAGE))
    return _template().render(
        title=title, listed=listed, links=[("../", "All routes")], desk=desk, page=page, pages=pages, shows_counts=True
    )


def customers_page(reports: RouteReports, title: str) -> str:
    """The reports about customers of one route."""
    names = [name for name in CUSTOMER_REPORTS if reports.path(f"{name}.html").is_file()]
    listed = [ListedReport(name.replace("_", " "), f"{name}.html", {}) for name in names]
    return _template().render(
        title=title, listed=listed, links=[("../", "All routes")], desk="", page=1, pages=1, shows_counts=False
    )


def routes_page(lists: Sequence[tuple[str, str]], desk: str, reports_of: Mapping[str, RouteReports]) -> str:
    """The lists of all routes.

    :param lists: what each is called, and its address; in their order.
    :param reports_of: by address; the counts are those of its newest day.
    """
    listed = []
    for name, address in lists:
        reports = reports_of.get(address)
        newest = next(iter(reports.names()), None) if reports is not None else None
        counts = _counts(reports, newest) if reports is not None and newest is not None else {}
        listed.append(ListedReport(f"{name}{f', last {newest}' if newest else ''}", address, counts))
    return _template().render(title="Reports", listed=listed, links=[], desk=desk, page=1, pages=1, shows_counts=True)


def _listed(reports: RouteReports, name: str) -> ListedReport:
    shown = name.replace("_dry_run", ", dry run").replace("_", " to ")
    return ListedReport(shown, f"{name}.html", _counts(reports, name))


def _counts(reports: RouteReports, name: str) -> dict[str, int]:
    """Rows by severity, as the table beside the page has them."""
    content = reports.read(f"{name}.csv")
    if content is None:
        return {}
    try:
        lines = csv.DictReader(io.StringIO(content.decode(ENCODING)))
        found = Counter(line["weight"] for line in lines)
    except (ValueError, KeyError, csv.Error):
        # Somebody has edited it.
        return {}
    return {str(severity): found[str(severity)] for severity in Severity}


@cache
def _template() -> jinja2.Template:
    return page_environment().from_string(_TEMPLATE.read_text("utf-8"))
