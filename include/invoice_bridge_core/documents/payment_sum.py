"""When the payments of an invoice came to its total."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable


@dataclass(frozen=True)
class Part:
    """One amount towards an invoice, on its day; a correction is negative."""

    on: dt.date
    amount: Decimal


def reached_on(parts: Iterable[Part], total: Decimal) -> dt.date | None:
    """The day since which nothing is left to pay; `None` while something is.

    Amounts of one day count together, so that no invoice is paid in full between a payment and its correction.
    """
    days: dict[dt.date, Decimal] = {}
    for part in parts:
        days[part.on] = days.get(part.on, Decimal(0)) + part.amount
    paid, paid_in_full_on = Decimal(0), None
    for day in sorted(days):
        paid += days[day]
        if paid < total:
            paid_in_full_on = None
        elif paid_in_full_on is None:
            paid_in_full_on = day
    return paid_in_full_on
