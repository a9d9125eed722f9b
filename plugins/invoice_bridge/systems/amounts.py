"""Amounts as sources write them: the third of three that must add up, and the sign of credit notes.

A `Document` carries a credit note as positive amounts; sources write it in either way.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Line

_EXACT = Context(prec=60)
"""So wide that no amount is rounded while it is read."""

Amounts = tuple[Decimal | None, Decimal | None, Decimal | None]


def completed(excl: Decimal | None, vat: Decimal | None, incl: Decimal | None) -> Amounts:
    """The total without VAT, the VAT and the total with VAT. A missing VAT or total with VAT comes from the others."""
    if incl is None and excl is not None and vat is not None:
        incl = _EXACT.add(excl, vat)
    if vat is None and excl is not None and incl is not None:
        vat = _EXACT.subtract(incl, excl)
    return excl, vat, incl


def turned(amount: Decimal | None, is_turned: bool) -> Decimal | None:
    """The amount, with the opposite sign when it is written that way."""
    return negated(amount) if is_turned and amount is not None else amount


def turned_line(line: Line) -> Line:
    """The line with its amounts' signs turned; the quantity becomes positive and the price carries the sign."""
    total = negated(line.total_incl_vat)

    def signed(price: Decimal | None) -> Decimal | None:
        return price if price is None else price.copy_abs().copy_sign(total)

    return line.model_copy(
        update={
            "quantity": None if line.quantity is None else line.quantity.copy_abs(),
            "unit_price_excl_vat": signed(line.unit_price_excl_vat),
            "unit_price_incl_vat": signed(line.unit_price_incl_vat),
            "total_excl_vat": turned(line.total_excl_vat, True),
            "vat_amount": turned(line.vat_amount, True),
            "total_incl_vat": total,
        }
    )


def negated(amount: Decimal) -> Decimal:
    """The amount with the other sign, every digit kept: the minus operator would round to the context's precision."""
    return amount if amount.is_zero() else amount.copy_negate()
