"""What a sales run found, in one table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.reports.text_table import listed, sentences, totals_table
from invoice_bridge_core.sales.findings import finding_of_sale, for_a_person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from invoice_bridge_core.ledger.sales.row import SaleRow
    from invoice_bridge_core.routes.model import Route


def news_of_sales(sales: Sequence[SaleRow], route: Route) -> dict[int, str | None]:
    """What has changed in what somebody has to look at, by the row's id; `None` where nobody has to look now."""
    texts = {sale.id: for_a_person(sale, route) for sale in sales}
    known = {sale.id: sale.announced for sale in sales}
    return {sale_id: text for sale_id, text in texts.items() if text != known[sale_id]}


def sales_text(route: Route, sales: Sequence[SaleRow], news: Mapping[int, str | None], left: Sequence[str] = ()) -> str:
    """The table finding × count × sum per currency, then what somebody has to look at, once.

    :param sales: those that are not over, and those that were shown in this run.
    :param left: what was not done in this run, and why.
    """
    whose = f"documents of {route.finance.system_name} with a project"
    parts = [f"Route {route.route}: {len(sales)} {whose} that are open, or were shown in this run"]
    if sales:
        parts += totals_table("sale", [(finding_of_sale(sale), sale.facts.currency, _total(sale)) for sale in sales])
    told = [(sale.label, text) for sale in sales if (text := news.get(sale.id)) is not None]
    parts += listed("Somebody has to look at:", told)
    told_before = sum(for_a_person(sale, route) is not None and sale.id not in news for sale in sales)
    if told_before:
        parts.append(f"{told_before} more were listed in earlier runs and still wait for somebody")
    return "\n".join([*parts, *sentences("Left for now:", left)])


def _total(sale: SaleRow) -> Decimal:
    amount = sale.facts.amount_incl_vat
    return -amount if sale.facts.kind == "credit_note" else amount
