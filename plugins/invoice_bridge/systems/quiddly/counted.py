"""How a row counts: quantity, price and discount that multiply to the line's amount, whatever the source multiplied."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import round_half_up
from invoice_bridge_core.documents.money import format_number

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Line

_FOUR_PLACES = Decimal("0.0001")
_HALF_A_CENT = Decimal("0.005")
_NOTHING = Decimal("0.00")
_LARGEST = Decimal(10**18)
"""No amount of money; rounding a larger one would not be exact."""


@dataclass(frozen=True)
class Counted:
    """Quantity, price and discount of a row; `note`: what the source counted when the row cannot say so."""

    quantity: Decimal
    price: Decimal
    discount: Decimal = _NOTHING
    note: str = ""


def counted_as_sent(line: Line, net: Decimal) -> Counted:
    """What the row of a line says.

    :param net: what the line comes to without VAT, two decimals.
    """
    quantity = Decimal(1) if line.quantity is None else line.quantity.copy_abs()
    if quantity and quantity == round_half_up(quantity):
        kept = _at_stated_price(line, quantity, net) or _at_derived_price(quantity, net)
        if kept is not None:
            return kept
    return Counted(Decimal(1), net, note=_note(line))


def _at_stated_price(line: Line, quantity: Decimal, net: Decimal) -> Counted | None:
    stated = line.unit_price_excl_vat
    if stated is None or not _has_four_places(stated) or abs(quantity * stated) >= _LARGEST:
        return None
    # The row's sign is the total's: a returned piece has a negative quantity in some sources.
    price = stated.copy_abs().copy_sign(net) if net else stated
    plain = Counted(quantity, price)
    if _gives(plain, net):
        return plain
    gap = quantity * price - net
    is_discount = abs(quantity * price) > abs(net) and abs(gap) > (quantity + 1) * _HALF_A_CENT
    discounted = Counted(quantity, price, round_half_up(gap))
    return discounted if is_discount and _gives(discounted, net) else None


def _at_derived_price(quantity: Decimal, net: Decimal) -> Counted | None:
    derived = Counted(quantity, round_half_up(net / quantity, _FOUR_PLACES))
    return derived if _gives(derived, net) else None


def _gives(counted: Counted, net: Decimal) -> bool:
    return round_half_up(counted.quantity * counted.price - counted.discount) == net


def _has_four_places(value: Decimal) -> bool:
    return value == round_half_up(value, _FOUR_PLACES)


def _note(line: Line) -> str:
    """What the source counted, for people to read, where the row says one piece at the line's total."""
    if line.quantity is None or line.quantity == 1:
        return ""
    price = line.unit_price_excl_vat if line.unit_price_excl_vat is not None else line.unit_price_incl_vat
    if line.quantity == 0 and not price:
        return ""
    counted = format_number(line.quantity.copy_abs())
    return f" (quantity {counted})" if price is None else f" ({counted} × {format_number(price.copy_abs())})"
