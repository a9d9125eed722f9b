from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.hooks.http.exact_json import read_json
from invoice_bridge.hooks.http.json_object import JsonObject
from invoice_bridge_core.errors import UnreadableError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.sampled_from(["2026-02-30", "0001-01-01T00:00:00", "1e999999999", "NaN", "١٢", "-0", " 7 "]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def fields(**values: Any) -> JsonObject:
    return JsonObject(values, where="payment 1")


@given(JSON)
def test_a_reader_gives_its_type_or_nothing_or_an_unreadable_error(value: Any) -> None:
    readers = {"text": str, "word": str, "integer": int, "amount": Decimal, "date": dt.date, "flag": bool}
    for reader, kind in readers.items():
        read, complaint = outcome(value, reader)
        assert read is None or type(read) is kind
        assert complaint is None or (complaint.startswith("payment 1: x is ") and len(complaint) < 200)
        if isinstance(read, Decimal):
            assert read.is_finite()
        if isinstance(read, str):
            assert read.strip() == read != ""
            assert not {"\x00", "\r", "\x1b"} & set(read)
            read.encode()


def outcome(value: Any, reader: str) -> tuple[Any, str | None]:
    try:
        return getattr(fields(x=value), reader)("x"), None
    except UnreadableError as error:
        return None, str(error)


@pytest.mark.parametrize("key", ["invoiceNumber", "InvoiceNumber", "INVOICENUMBER", "invoicenumber"])
def test_keys_match_in_any_case(key: str) -> None:
    assert JsonObject({key: "Q-1"}, where="x").text("invoiceNumber") == "Q-1"


def test_the_exact_writing_is_preferred() -> None:
    both = {"InvoiceNumber": "wrong", "invoiceNumber": "right", "INVOICENUMBER": "wrong too"}
    assert JsonObject(both, where="x").text("invoiceNumber") == "right"


def test_the_first_name_that_holds_something_counts() -> None:
    assert fields(articleNumber=" ", artNo="VAT25").text("articleNumber", "artNo") == "VAT25"
    assert fields(articleNumber="VAT0", artNo="VAT25").text("articleNumber", "artNo") == "VAT0"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("8000.00", "8000.00"),
        ("1E+3", "1000"),
        ("7", "7"),
        ('" -12.5 "', "-12.5"),
        ("1e-4", "0.0001"),
        ("null", "None"),
    ],
)
def test_amounts_keep_their_digits(written: str, read: str) -> None:
    assert str(fields(x=read_json(written)).amount("x")) == read


@pytest.mark.parametrize(
    "value", ["10,00", "1_000", "NaN", "Infinity", "abc", 0.1, True, [], {}, Decimal("1e15"), Decimal("1e-30"), "٣"]
)
def test_what_is_no_amount_is_named(value: Any) -> None:
    with pytest.raises(UnreadableError, match="payment 1: x is not an amount"):
        fields(x=value).amount("x")


@pytest.mark.parametrize(
    "written", ["2026-11-02", "2026-11-02T00:00:00", "2026-11-02T23:30:00.0000000+01:00", "2026-11-02 00:00:00Z"]
)
def test_a_date_is_read_as_it_is_written(written: str) -> None:
    assert fields(x=written).date("x") == dt.date(2026, 11, 2)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00", "", "  "])
def test_a_date_that_was_never_set_is_none(written: str) -> None:
    assert fields(x=written).date("x") is None


@pytest.mark.parametrize("value", ["2026-02-30", "02.11.2026", "20261102", 20261102, "2026-11-02Tnoon", "x2026-11-02"])
def test_what_is_no_date_is_named(value: Any) -> None:
    with pytest.raises(UnreadableError, match=f"payment 1: x is not a date: .*{value}"):
        fields(x=value).date("x")


def test_the_path_of_a_field_is_told() -> None:
    nested = fields(lines=[{"total": 1}, {"total": "much"}]).children("lines")
    assert nested is not None
    with pytest.raises(UnreadableError, match=r"payment 1: lines\[1\]\.total is not an amount: 'much'"):
        nested[1].amount("total")
    with pytest.raises(UnreadableError, match=r"payment 1: lines\[0\] is not an object: 'x'"):
        fields(lines=["x"]).children("lines")
    with pytest.raises(UnreadableError, match=r"payment 1: lines is not a list: an object"):
        fields(lines={}).children("lines")


def test_control_characters_are_dropped_and_line_breaks_stay() -> None:
    assert fields(x=" a\x00b\r\nc\x1b ").text("x") == "a b\nc"
    assert fields(x=" a\x00b\r\nc\x1b ").word("x") == "a b c"
