from __future__ import annotations

from decimal import Decimal

import pytest

from invoice_bridge_core.documents.currencies import currency_letters, rounding_unit


@pytest.mark.parametrize(
    ("code", "letters"),
    [
        ("578", "NOK"),
        ("752", "SEK"),
        ("978", "EUR"),
        ("008", "ALL"),
        ("8", "ALL"),
        ("36", "AUD"),
        ("nok", "NOK"),
        ("SEK", "SEK"),
    ],
)
def test_numbers_and_letters_name_a_currency(code: str, letters: str) -> None:
    assert currency_letters(code) == letters


@pytest.mark.parametrize("code", ["", "000", "1", "1000", "KR", "NOKK", "kr.", "N0K", "٥٧٨", " 578"])
def test_anything_else_names_none(code: str) -> None:
    assert currency_letters(code) is None


@pytest.mark.parametrize(
    ("currency", "unit"), [("NOK", "0.01"), ("ISK", "1"), ("JPY", "1"), ("HUF", "1"), ("KWD", "0.01"), (None, "0.01")]
)
def test_what_sums_are_rounded_to(currency: str | None, unit: str) -> None:
    assert rounding_unit(currency) == Decimal(unit)
