"""Lines of a booking, made comparable, and what differs between two times, for people."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from invoice_bridge_core.documents import format_amount, round_half_up
from invoice_bridge_core.documents.money import format_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invoice_bridge_core.ports.booking_status import BookingLine

LONGEST_KEPT = 4000
"""Of a description, in characters: as long as finance systems let it be."""
LONGEST_SHOWN, _LEAD = 80, 20
MOST_SHOWN = 5
NONE = "none"


class HeldLine(NamedTuple):
    """One line as it is compared: texts without noise, `None` where nothing is told or it is zero.

    Prices have two decimals, since some answers round them so. Tax is left out: finance rounds it as it likes.
    """

    description: str | None
    quantity: str | None
    price: str | None
    account: str | None
    item: str | None
    total: str | None


def comparable(lines: Iterable[BookingLine]) -> list[HeldLine]:
    """The lines in finance's own order."""
    return [
        HeldLine(
            description=" ".join((line.description or "").split())[:LONGEST_KEPT] or None,
            quantity=_number(line.quantity),
            price=_number(None if line.price is None else round_half_up(line.price)),
            account=line.account or None,
            item=line.item or None,
            total=_number(line.total),
        )
        for line in lines
    ]


def differing(before: Sequence[HeldLine], now: Sequence[HeldLine]) -> tuple[str, str] | None:
    """The lines that only one of the two has, one a row; `None` when they are the same, in whatever order."""
    gone, new = _only_in(before, now), _only_in(now, before)
    if not gone and not new:
        return None
    pairs = list(zip_longest(gone, new))
    return _rows(pairs, 0, len(gone)), _rows(pairs, 1, len(new))


def _only_in(these: Sequence[HeldLine], those: Sequence[HeldLine]) -> list[HeldLine]:
    left, found = Counter(those), []
    for line in these:
        if left[line]:
            left[line] -= 1
        else:
            found.append(line)
    return found


def _rows(pairs: Sequence[tuple[HeldLine | None, HeldLine | None]], side: int, count: int) -> str:
    rows = [_text(line, pair[1 - side]) for pair in pairs[:MOST_SHOWN] if (line := pair[side]) is not None]
    if count > MOST_SHOWN:
        rows.append(f"{count - MOST_SHOWN} more")
    return "\n".join(rows) or NONE


def _text(line: HeldLine, other: HeldLine | None) -> str:
    """One line for people: `Lunch · 2 × 150.00 · account 200`."""
    parts = [_cut(line.description or "(no text)", other.description if other is not None else None)]
    if amount := _amount(line):
        parts.append(amount)
    if line.account:
        parts.append(f"account {line.account}")
    if line.item:
        parts.append(f"item {line.item}")
    return " · ".join(parts)


def _amount(line: HeldLine) -> str:
    quantity, price, total = line.quantity, _decimal(line.price), _decimal(line.total)
    told = " × ".join(each for each in (quantity, None if price is None else format_amount(price)) if each)
    product = None if price is None or quantity is None else round_half_up(Decimal(quantity) * price)
    # What a discount takes off stands in the total alone.
    if total is not None and total != product:
        told = f"{told} = {format_amount(total)}".strip()
    return told


def _cut(text: str, other: str | None) -> str:
    """As much of a long text as tells it from the other one."""
    if len(text) <= LONGEST_SHOWN:
        return text
    pairs = enumerate(zip(text, other or "", strict=False))
    same = next((at for at, (one, two) in pairs if one != two), len(other or ""))
    start = 0 if same < LONGEST_SHOWN - _LEAD else same - _LEAD
    piece = text[start : start + LONGEST_SHOWN].strip()
    return f"{'…' if start else ''}{piece}{'…' if start + LONGEST_SHOWN < len(text) else ''}"


def _number(value: Decimal | None) -> str | None:
    return format_number(value) if value else None


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
