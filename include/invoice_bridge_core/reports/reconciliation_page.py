"""The reconciliation as one page that needs nothing besides itself: read on a desk, on a phone and on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.reconciliation.kinds import Severity
from invoice_bridge_core.reports.page_style import page_environment

if TYPE_CHECKING:
    from decimal import Decimal

    import jinja2
    from markupsafe import Markup

    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from invoice_bridge_core.reports.reconciliation import Reconciliation

_TEMPLATE = Path(__file__).with_name("reconciliation.html.jinja")
_CLASSES = {Severity.CONTRADICTION: "look", Severity.OPEN: "open", Severity.PASSING: "passing", Severity.NONE: "agrees"}


def page_of(report: Reconciliation, *, csv_name: str | None) -> str:
    """The whole page as HTML; every text in it that came over the network is escaped.

    :param csv_name: the file beside it that holds the same as a table.
    """
    from invoice_bridge_core.reports.reconciliation_chart import charts_of

    rows = report.rows
    return _template().render(
        report=report,
        title=report.title,
        is_one_day=report.is_one_day,
        made_at=f"{report.made_at.astimezone(ZoneInfo(report.timezone)):%Y-%m-%d %H:%M} ({report.timezone})",
        rows=[row for row in rows if row.is_counted],
        counts=report.counts,
        charts=charts_of(report.totals),
        totals=report.totals.to_dict("records"),
        differing=[row for row in rows if row.severity is not Severity.NONE],
        agreeing=[row for row in rows if row.severity is Severity.NONE],
        csv_name=csv_name,
    )


@cache
def _template() -> jinja2.Template:
    environment = page_environment()
    environment.filters["amount"] = _amount
    environment.filters["severity_class"] = _CLASSES.__getitem__
    environment.filters["finance_name"] = _finance_name
    environment.filters["source_name"] = _source_name
    return environment.from_string(_TEMPLATE.read_text("utf-8"))


def _amount(value: Decimal | None) -> str:
    return "" if value is None else format_amount(value)


def _finance_name(row: ReconciledDocument) -> Markup:
    """The number in finance, as a link where there is an address that a browser may follow."""
    return _linked(row.finance_number, row.finance_link)


def _source_name(row: ReconciledDocument) -> Markup:
    """The document's number, as a link to it in its source where the route says where it is."""
    return _linked(row.number, row.source_link)


def _linked(text: str, address: str) -> Markup:
    from markupsafe import Markup, escape

    if not address.startswith("https://"):
        return escape(text)
    return Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(address, text)
