"""Which Item of Xero a line sells: known by the product's code, or by the article number where there is no product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge.hooks.xero.where import can_be_asked, not_askable
from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.documents import Product
from invoice_bridge_core.documents.problems import author_should

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.routes.model import Route

CODE_LIMIT = 30


def sold_product(line: Line, route: Route) -> Product | None:
    """The product that the line's Item stands for; `None` when the route ignores Items, or nothing names it."""
    if route.finance_as(XeroSettings).items == "ignore":
        return None
    if line.product is not None or line.article_number is None:
        return line.product
    return Product(product_id=line.article_number, code=line.article_number, name=line.article_number)


def item_of(line: Line, route: Route) -> dict[str, str]:
    """The part of a line item that names its Item."""
    product = sold_product(line, route)
    return {"ItemCode": product.code} if product else {}


def item_problems(document: Document, route: Route) -> list[Problem]:
    """Product codes that no Item can have."""
    codes = dict.fromkeys(product.code for line in document.lines if (product := sold_product(line, route)))
    problems = []
    for code in codes:
        if len(code) > CODE_LIMIT:
            problems.append(
                author_should(f"Product code '{code}' is longer than the {CODE_LIMIT} characters of an Item")
            )
        elif not can_be_asked(code):
            problems.append(
                author_should(
                    f"Product code '{code}' holds characters that Xero cannot search for: {not_askable(code)}"
                )
            )
    return problems
