"""What a sales run found, in one table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.sales.findings import SaleFinding, finding_of_sale, for_a_person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger.sales.row import SaleRow
    from invoice_bridge_core.routes.model import Route


def news_of_sales(sales: Sequence[SaleRow], route: Route) -> dict[int, str | None]:
    """What has changed in what somebody has to look at, by the row's id; `None` where nobody has to look now."""
    texts = {sale.id: for_a_person(sale, route) for sale in sales}
    known = {sale.id: sale.announced for sale in sales}
    return {sale_id: text for sale_id, text in texts.items() if text != known[sale_id]}


def sales_text(route: Route, sales: Sequence[SaleRow], news: Mapping[int, str | None], left: Sequence[str] = ()) -> str:
    """The table finding × count × sum per currency, then what somebody has to look at, once.

    :param left: what was not done in this run, and why.
    """
    parts = [f"Route {route.route}: {len(sales)} documents of {route.finance.system_name} with a project"]
    if sales:
        parts.append(_table(sales))
    parts += _listed("Somebody has to look at:", [
        f"{sale.label}: {text}" for sale in sales if (text := news.get(sale.id)) is not None
    ])  # fmt: skip
    told_before = sum(for_a_person(sale, route) is not None and sale.id not in news for sale in sales)
    if told_before:
        parts.append(f"{told_before} more were listed in earlier runs and still wait for somebody")
    return "\n".join([*parts, *_listed("Left for now:", list(left))])


def _listed(title: str, lines: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def _table(sales: Sequence[SaleRow]) -> str:
    import pandas as pd

    order = {one: place for place, one in enumerate(SaleFinding)}
    frame = pd.DataFrame(
        [
            (
                order[found],
                str(found),
                sale.facts.currency,
                -sale.facts.amount_incl_vat if sale.facts.kind == "credit_note" else sale.facts.amount_incl_vat,
            )
            for sale in sales
            for found in (finding_of_sale(sale),)
        ],
        columns=["place", "sale", "currency", "total"],
    )
    table = frame.groupby(["place", "sale", "currency"], as_index=False).agg(
        documents=("total", "size"), sum=("total", "sum")
    )
    table["sum"] = table["sum"].map(format_amount)
    return table[["sale", "documents", "sum", "currency"]].to_string(index=False)
