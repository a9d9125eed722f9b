"""What there is to say of a sale, and to whom."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.sales.row import SaleRow
    from invoice_bridge_core.routes.model import Route


class SaleFinding(StrEnum):
    """The rows of the summary of a sales run."""

    OPEN = "shown, not paid"
    PAID = "shown as paid"
    GONE = "shown as voided or deleted"
    NEVER_SHOWN = "gone before it was shown"
    TO_SHOW = "to be shown"
    NO_PROJECT = "project not known"
    HELD = "held"


def finding_of_sale(sale: SaleRow) -> SaleFinding:
    """What the source shows of it, or why it does not."""
    if sale.reason is not None and sale.has_news:
        return SaleFinding.HELD
    if sale.has_news:
        return SaleFinding.TO_SHOW
    if sale.facts.project_id is None:
        return SaleFinding.NO_PROJECT
    if sale.facts.gone is not None:
        return SaleFinding.NEVER_SHOWN if sale.is_never_shown else SaleFinding.GONE
    return SaleFinding.PAID if sale.facts.is_paid else SaleFinding.OPEN


def for_a_person(sale: SaleRow, route: Route) -> str | None:
    """What somebody has to do, in one sentence; `None` when nobody has to."""
    if finding_of_sale(sale) is SaleFinding.HELD:
        return sale.reason
    if finding_of_sale(sale) is SaleFinding.NO_PROJECT:
        return (
            f"it names project {sale.facts.project_number}, whose id in {route.source.system_name} is not known: "
            "add it to sales.others.projects of the route"
        )
    return None
