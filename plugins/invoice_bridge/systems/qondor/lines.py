"""The lines of a Qondor payment, with the sign of credit notes turned once (contract qondor.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.systems.amounts import completed, turned_line
from invoice_bridge_core.documents import Line

if TYPE_CHECKING:
    from invoice_bridge.systems.source_object import SourceObject


_NOTHING = Decimal(0)


def read_lines(fields: SourceObject, *, is_turned: bool) -> tuple[Line, ...]:
    """The payment's lines.

    :param is_turned: whether the payment's amounts are written with the opposite sign.
    :raises UnreadableError: there is no list of lines, or a line has no total and does not only say something.
    """
    lines = fields.children("lines")
    if lines is None:
        raise fields.missing("lines")
    return tuple(_line(line, is_turned=is_turned) for line in lines)


def _line(fields: SourceObject, *, is_turned: bool) -> Line:
    excl, vat, incl = completed(*(fields.amount(name) for name in ("totalExclVat", "vatAmount", "totalInclVat")))
    line = Line(
        description=fields.text("description"),
        article_number=fields.code("articleNumber", "artNo"),
        quantity=fields.quantity("quantity"),
        unit_price_excl_vat=fields.amount("unitPriceExclVat"),
        unit_price_incl_vat=fields.amount("unitPriceInclVat"),
        vat_percentage=fields.rate("vatPercentage"),
        total_excl_vat=excl,
        vat_amount=vat,
        total_incl_vat=_NOTHING if incl is None else incl,
    )
    if incl is None and not (line.is_text and line.description):
        raise fields.missing("totalInclVat")
    return turned_line(line) if is_turned else line
