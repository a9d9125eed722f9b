"""A document's lines as Quiddly's article rows.

What is sent multiplies: price × quantity − discount is the row's total to the cent, whatever the source multiplied. The
quantity is a text with two decimals and positive always (seed 003); prices have four decimals at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.quiddly.counted import counted_as_sent
from invoice_bridge.systems.quiddly.signs import signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge.systems.quiddly.vat import VatSplit
    from invoice_bridge_core.documents import Document, Line

_SEPARATOR = " · "


def article_rows(document: Document, splits: Sequence[VatSplit], *, unit: str) -> list[dict[str, Any]]:
    """A row for each priced line. Quiddly has no rows of text: a text stands in the row before it, or in the first one.

    :param splits: of the priced lines.
    """
    rows: list[dict[str, Any]] = []
    texts: list[str] = []
    split_of = iter(splits)
    for line in document.lines:
        if not line.is_text:
            row = article_row(line, next(split_of), unit=unit, is_credit=document.is_credit_note)
            rows.append(row | {"description": _SEPARATOR.join([*texts, row["description"]])})
            texts = []
        elif text := (line.description or "").strip():
            if rows:
                rows[-1]["description"] += f"{_SEPARATOR}{text}"
            else:
                texts.append(text)
    return rows


def article_row(line: Line, split: VatSplit, *, unit: str, is_credit: bool) -> dict[str, Any]:
    """The row of one line; `total` is without VAT, as in the seed's sample.

    A source's price that is higher than what the line comes to is kept, with the difference as the row's discount.
    """
    counted = counted_as_sent(line, split.net)
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


def _description(line: Line) -> str:
    return (line.description or "").strip() or (line.article_number or "").strip() or "-"
