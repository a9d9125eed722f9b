from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from invoice_bridge_core.documents import Money, format_amount, round_half_up


class Priced(BaseModel):
    price: Money


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("2.674999", "2.67")]
)
def test_half_a_cent_goes_away_from_zero(amount: str, rounded: str) -> None:
    assert round_half_up(Decimal(amount)) == Decimal(rounded)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=5))
def test_rounding_is_symmetric_and_never_moves_by_more_than_half_a_cent(amount: Decimal) -> None:
    rounded = round_half_up(amount)
    assert round_half_up(-amount) == -rounded
    assert abs(rounded - amount) <= Decimal("0.005")


def test_a_float_is_refused_because_its_cents_are_gone_already() -> None:
    with pytest.raises(ValidationError, match="must not come as a float"):
        Priced(price=10.1)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_an_amount_is_finite(text: str) -> None:
    with pytest.raises(ValidationError):
        Priced(price=text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_an_amount_survives_json(amount: Decimal) -> None:
    assert Priced.model_validate_json(Priced(price=amount).model_dump_json()).price == amount


def test_amounts_are_written_with_thousands_apart() -> None:
    assert format_amount(Decimal("1234567.5")) == "1 234 567.50"
    assert format_amount(Decimal("-1000")) == "-1 000.00"
    assert format_amount(Decimal("67774.757")) == "67 774.757"
    assert format_amount(Decimal("0.1000000001")) == "0.10"
    assert format_amount(Decimal("1E+3")) == "1 000.00"
