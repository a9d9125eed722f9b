"""A credit's totals, amounts and prices are negative in Quiddly (seed 003); in a `Document` they are positive."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def signed(amount: Decimal, is_credit: bool) -> Decimal:
    """The amount as it is sent; a zero has no sign."""
    if not amount:
        return amount.copy_abs()
    return amount.copy_negate() if is_credit else amount
