"""A document's lines as Xero's line items.

Xero computes Quantity × UnitAmount itself and rounds it to two decimals; both have four decimals at most. What is
sent must therefore multiply to the line's amount, whatever the source multiplied.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.xero.arithmetic import LineAmountTypes
from invoice_bridge_core.documents import round_half_up
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.money import format_number

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Line

DESCRIPTION_LIMIT = 4000
_FOUR_PLACES = Decimal("0.0001")
_ONE = Decimal(1)


def line_item(line: Line, amount: Decimal, account_code: str, amount_types: LineAmountTypes) -> dict[str, Any]:
    """The body of one line whose amount in Xero is to be `amount`. Tax is left to the account (seed 002)."""
    quantity, price, note = _quantity_and_price(line, amount, amount_types)
    return {
        "Description": _description(line, note),
        "Quantity": quantity,
        "UnitAmount": price,
        "AccountCode": account_code,
    }


def text_line(line: Line) -> list[dict[str, Any]]:
    """A line that only says something, which Xero takes with a description alone; none where it says nothing."""
    text = (line.description or "").strip()
    return [{"Description": shorten(text, DESCRIPTION_LIMIT)}] if text else []


def _quantity_and_price(line: Line, amount: Decimal, amount_types: LineAmountTypes) -> tuple[Decimal, Decimal, str]:
    quantity = _ONE if line.quantity is None else line.quantity
    price = line.unit_price_incl_vat if amount_types is LineAmountTypes.INCLUSIVE else line.unit_price_excl_vat
    if price is not None and _gives(quantity, price, amount):
        return quantity, price, ""
    if quantity != 0:
        derived = round_half_up(amount / quantity, _FOUR_PLACES)
        if _gives(quantity, derived, amount):
            return quantity, derived, ""
    return _ONE, amount, _note(line, price)


def _gives(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    return _has_four_places(quantity) and _has_four_places(price) and round_half_up(quantity * price) == amount


def _has_four_places(value: Decimal) -> bool:
    return value == round_half_up(value, _FOUR_PLACES)


def _note(line: Line, price: Decimal | None) -> str:
    """What the source counted, for people to read, when Xero is told one piece at the line's total."""
    if line.quantity is None or line.quantity == _ONE:
        return ""
    known = price if price is not None else line.unit_price_excl_vat or line.unit_price_incl_vat
    if line.quantity == 0 and not known:
        return ""
    if known is None:
        return f" (quantity {format_number(line.quantity)})"
    return f" ({format_number(line.quantity)} × {format_number(known)})"


def _description(line: Line, note: str) -> str:
    text = (line.description or "").strip() or (line.article_number or "").strip() or "-"
    return shorten(text, DESCRIPTION_LIMIT - len(note)) + note
