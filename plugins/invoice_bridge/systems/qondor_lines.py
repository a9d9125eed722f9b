"""The lines of a Qondor payment, with the sign of credit notes turned once (contract qondor.md)."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

from include.documents import Line

if TYPE_CHECKING:
    from invoice_bridge.hooks.fields import Fields

EXACT = Context(prec=60)
"""Wide enough that no amount that is read gets rounded."""


def read_lines(fields: Fields, *, is_turned: bool) -> tuple[Line, ...]:
    """The payment's lines.

    :param is_turned: whether the payment's amounts are written with the opposite sign.
    :raises UnreadableError: there is no list of lines, or a line has no total.
    """
    lines = fields.children("lines")
    if lines is None:
        raise fields.missing("lines")
    return tuple(_line(line, is_turned=is_turned) for line in lines)


def _line(fields: Fields, *, is_turned: bool) -> Line:
    excl, vat, incl = (fields.amount(name) for name in ("totalExclVat", "vatAmount", "totalInclVat"))
    if incl is None and excl is not None and vat is not None:
        incl = EXACT.add(excl, vat)
    if incl is None:
        raise fields.missing("totalInclVat")
    if vat is None and excl is not None:
        vat = EXACT.subtract(incl, excl)
    line = Line(
        description=fields.text("description"),
        article_number=fields.word("articleNumber", "artNo"),
        quantity=fields.amount("quantity"),
        unit_price_excl_vat=fields.amount("unitPriceExclVat"),
        unit_price_incl_vat=fields.amount("unitPriceInclVat"),
        vat_percentage=fields.amount("vatPercentage"),
        total_excl_vat=excl,
        vat_amount=vat,
        total_incl_vat=incl,
    )
    return _turned_line(line) if is_turned else line


def _turned_line(line: Line) -> Line:
    """The line with its amounts' signs turned; the quantity becomes positive and the price carries the sign."""
    total = _negated(line.total_incl_vat)

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


def turned(amount: Decimal | None, is_turned: bool) -> Decimal | None:
    """The amount, with the opposite sign when it is written that way."""
    return _negated(amount) if is_turned and amount is not None else amount


def _negated(amount: Decimal) -> Decimal:
    # The minus operator would round to the context's precision.
    return amount if amount.is_zero() else amount.copy_negate()
