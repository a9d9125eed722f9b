"""Money is `Decimal` from parsing to JSON."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

CENT = Decimal("0.01")
_SIX_PLACES = Decimal("0.000001")


def _no_float(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("money must not come as a float: parse the JSON with Decimal")
    return value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("not a finite amount")
    return value


Money = Annotated[Decimal, BeforeValidator(_no_float), AfterValidator(_finite)]
"""A finite decimal that never was a float."""


def round_half_up(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """Round as finance does: half a cent goes away from zero."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def format_number(number: Decimal) -> str:
    """A quantity, price or rate as people write it: `139.12`, `3`; six decimals at most, so that no noise is read."""
    text = format(round_half_up(number, _SIX_PLACES), "f")
    text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def format_amount(amount: Decimal) -> str:
    """`10000` as people read it, thousands apart: `10 000.00`; more decimals where it has them, as dinars do."""
    whole, _, decimals = f"{round_half_up(amount, _SIX_PLACES):,f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}".replace(",", " ")
