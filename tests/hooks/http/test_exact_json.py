from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.hooks.http.exact_json import read_json, write_json

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | DECIMALS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("text", ["0.1", "1234567890123456.78", "10.10", "-0.005", "100000000000000000000.01"])
def test_a_decimal_keeps_every_digit_on_its_way_out_and_back(text: str) -> None:
    assert write_json({"amount": Decimal(text)}) == f'{{"amount":{text}}}'
    assert str(read_json(f'{{"amount":{text}}}')["amount"]) == text


def test_an_exponent_is_written_out() -> None:
    assert write_json([Decimal("1E+3"), Decimal("1E-7")]) == "[1000,0.0000001]"


@given(VALUES)
def test_what_is_written_is_json_and_reads_back_as_the_same(value: object) -> None:
    text = write_json(value)
    json.loads(text)
    assert read_json(text) == value


@pytest.mark.parametrize("value", [0.1, {"a": [1.5]}, {1: "a"}, b"bytes", {1, 2}, object()])
def test_a_float_and_whatever_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write_json(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_an_amount_that_is_not_finite_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="not a JSON number"):
        write_json(value)


@pytest.mark.parametrize("escaped", ["\\ud83d\\ude00", "\\uD83D\\uDE00", "\\uD83d\\ude00"])
def test_a_character_in_two_escapes_is_read_as_one(escaped: str) -> None:
    assert read_json(f'["{escaped}"]') == ["\U0001f600"]


def test_a_long_text_takes_little_beside_itself() -> None:
    text = '["' + "ø" * 2_000_000 + '"]'
    tracemalloc.start()
    read_json(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": NaN}',
        "[Infinity]",
        "[" * 100_000,
        '"\\ud800"',
        '"\\uDfff"',
        "1e9999999999999999999999",
        "9" * 5000 + "x",
    ],
)
def test_text_that_is_no_json_is_a_value_error_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
