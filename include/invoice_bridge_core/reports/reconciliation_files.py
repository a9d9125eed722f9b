"""The two files of a reconciliation: the page and the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.reports.reconciliation_page import page_of
from invoice_bridge_core.reports.reconciliation_table import ENCODING, csv_text
from invoice_bridge_core.reports.reports_folder import RouteReports

if TYPE_CHECKING:
    from invoice_bridge_core.reports.reconciliation import Reconciliation


def write_reconciliation(report: Reconciliation, reports: RouteReports | None = None) -> str:
    """Write page and table, each whole or not at all, over those of the same days; the page's file name.

    :raises ConfigurationError: the reports folder cannot be written.
    """
    reports = reports or RouteReports(report.route)
    page, table = f"{report.name}.html", f"{report.name}.csv"
    reports.write(page, page_of(report, csv_name=table).encode())
    # Last, because it is what the next report compares itself with: better told twice than never.
    reports.write(table, csv_text(report.table).encode(ENCODING))
    return page
