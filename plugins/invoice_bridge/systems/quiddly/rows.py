"""A document's lines as Quiddly's article rows.

What is sent multiplies: price × quantity − discount is the row's total to the cent, whatever the source multiplied. The
quantity is a text with two decimals and positive always (seed 003); prices have four decimals at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.quiddly.signs import signed
from invoice_bridge_core.documents import round_half_up

if TYPE_CHECKING:
    from invoice_bridge.systems.quiddly.vat import VatSplit
    from invoice_bridge_core.documents import Line

_FOUR_PLACES = Decimal("0.0001")
_HALF_A_CENT = Decimal("0.005")
_NOTHING = Decimal("0.00")
_LARGEST = Decimal(10**18)
"""No amount of money; rounding a larger one would not be exact."""


@dataclass(frozen=True)
class _Counted:
    """Quantity, price and discount of a row; `note`: what the source counted when the row cannot say so."""

    quantity: Decimal
    price: Decimal
    discount: Decimal = _NOTHING
    note: str = ""


def article_row(line: Line, split: VatSplit, *, unit: str, is_credit: bool) -> dict[str, Any]:
    """The row of one line; `total` is without VAT, as in the seed's sample.

    A source's price that is higher than what the line comes to is kept, with the difference as the row's discount.
    """
    counted = _counted(line, split.net)
    return {
        "description": _description(line) + counted.note,
        "discountType": "CURRENCY" if counted.discount else "PERCENTAGE",
        "price": signed(counted.price, is_credit),
        "quantity": f"{counted.quantity:.2f}",
        "total": signed(split.net, is_credit),
        "totalDiscount": signed(counted.discount, is_credit),
        "totalExclVat": signed(split.net, is_credit),
        "totalVat": signed(split.vat, is_credit),
        "unit": unit,
        "vatPercentage": split.percentage,
    }


def _counted(line: Line, net: Decimal) -> _Counted:
    quantity = Decimal(1) if line.quantity is None else line.quantity.copy_abs()
    if quantity and quantity == round_half_up(quantity):
        kept = _at_stated_price(line, quantity, net) or _at_derived_price(quantity, net)
        if kept is not None:
            return kept
    return _Counted(Decimal(1), net, note=_note(line))


def _at_stated_price(line: Line, quantity: Decimal, net: Decimal) -> _Counted | None:
    stated = line.unit_price_excl_vat
    if stated is None or not _has_four_places(stated) or abs(quantity * stated) >= _LARGEST:
        return None
    # The row's sign is the total's: a returned piece has a negative quantity in some sources.
    price = stated.copy_abs().copy_sign(net) if net else stated
    plain = _Counted(quantity, price)
    if _gives(plain, net):
        return plain
    gap = quantity * price - net
    is_discount = abs(quantity * price) > abs(net) and abs(gap) > (quantity + 1) * _HALF_A_CENT
    discounted = _Counted(quantity, price, round_half_up(gap))
    return discounted if is_discount and _gives(discounted, net) else None


def _at_derived_price(quantity: Decimal, net: Decimal) -> _Counted | None:
    derived = _Counted(quantity, round_half_up(net / quantity, _FOUR_PLACES))
    return derived if _gives(derived, net) else None


def _gives(counted: _Counted, net: Decimal) -> bool:
    return round_half_up(counted.quantity * counted.price - counted.discount) == net


def _has_four_places(value: Decimal) -> bool:
    return value == round_half_up(value, _FOUR_PLACES)


def _note(line: Line) -> str:
    """What the source counted, for people to read, where the row says one piece at the line's total."""
    if line.quantity is None or line.quantity == 1:
        return ""
    price = line.unit_price_excl_vat if line.unit_price_excl_vat is not None else line.unit_price_incl_vat
    counted = _plain(line.quantity.copy_abs())
    return f" (quantity {counted})" if price is None else f" ({counted} × {_plain(price.copy_abs())})"


def _description(line: Line) -> str:
    return (line.description or "").strip() or (line.article_number or "").strip() or "-"


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
