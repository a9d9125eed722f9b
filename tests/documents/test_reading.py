"""A value is read as itself, in whatever way people wrote it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, note
from hypothesis import strategies as st

from invoice_bridge.systems.source_object import SourceObject
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.reading.dates import read_date
from invoice_bridge_core.documents.reading.numbers import read_amount, read_number, rounded
from invoice_bridge_core.documents.reading.record import ReadingRecord
from invoice_bridge_core.errors import UnreadableError
from tests.documents import mangled

if TYPE_CHECKING:
    from collections.abc import Callable

D = Decimal
WORDS = st.lists(st.text("abcdefgÆØÅäöéß0123456789&<'\"-.,/()", min_size=1, max_size=8), min_size=1, max_size=5)
NAMES = WORDS.map(" ".join)
"""Without what would make a tag or an entity of `<` and `&`."""
CODES = st.from_regex(r"[A-Z]{1,3}-?[0-9]{1,8}", fullmatch=True)
NUMBERS = st.decimals(-(10**9), 10**9, places=2) | st.decimals(-1000, 1000, places=4) | st.integers(0, 10**6).map(D)
DAYS = st.dates(dt.date(2001, 10, 1), dt.date(2036, 12, 31))
EMAILS = st.from_regex(r"[a-z]{1,8}([.'+-][a-z0-9]{1,8})?@[a-z]{1,8}(\.[a-z]{1,8})?\.(example|no|com)", fullmatch=True)
ZONES = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))


def read(value: Any, *, currency: str | None = "NOK", zone: str = "Europe/Oslo") -> SourceObject:
    return SourceObject({"x": value}, where="payment 1", record=ReadingRecord(ZoneInfo(zone), currency))


CLEAN: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], mangled.Ways], Callable[[SourceObject], Any]]] = {
    "code": (CODES, mangled.code, lambda fields: fields.code("x")),
    "line": (NAMES, mangled.line, lambda fields: fields.line("x")),
    "name": (NAMES, mangled.name, lambda fields: fields.word("x")),
    "text": (st.lists(NAMES, min_size=1, max_size=3).map("\n".join), mangled.text, lambda fields: fields.text("x")),
    "number": (NUMBERS, mangled.number, lambda fields: fields.quantity("x")),
    "amount": (NUMBERS, lambda clean: mangled.amount(clean, "NOK"), lambda fields: fields.amount("x")),
    "rate": (st.decimals(0, 100, places=1), mangled.rate, lambda fields: fields.rate("x")),
    "date": (DAYS, mangled.date, lambda fields: fields.date("x")),
    "email": (EMAILS, mangled.email, lambda fields: fields.email("x")),
    "country": (st.sampled_from(sorted(mangled._COUNTRIES)), mangled.country, lambda fields: fields.country("x")),
    "tax number": (CODES, mangled.tax_number, lambda fields: fields.code("x")),
    "identifier": (st.integers(1, 10**12), mangled.identifier, lambda fields: fields.code("x")),
}


@pytest.mark.parametrize("kind", CLEAN)
@given(data=st.data())
def test_a_mangled_value_is_read_as_the_clean_one(kind: str, data: st.DataObject) -> None:
    values, ways, reader = CLEAN[kind]
    clean = data.draw(values)
    for way, written in ways(clean).items():
        note(f"{way}: {written!r}")
        found = reader(read(written))
        assert found == (str(clean) if kind == "identifier" else clean), way


@pytest.mark.parametrize("kind", CLEAN)
@given(data=st.data())
def test_what_is_written_cleanly_is_told_of_nothing(kind: str, data: st.DataObject) -> None:
    values, ways, reader = CLEAN[kind]
    written = next(iter(ways(data.draw(values)).values()))
    fields = read(written)
    reader(fields)
    assert fields.record.changes == ()


@given(DAYS, st.sampled_from(ZONES), st.sampled_from(ZONES))
@example(dt.date(2026, 11, 1), "Europe/Oslo", "UTC")
@example(dt.date(2026, 3, 29), "Asia/Beirut", "Europe/Oslo")
@example(dt.date(2018, 11, 4), "America/Sao_Paulo", "Europe/Oslo")
def test_the_first_and_the_last_instant_of_a_day_are_that_day(day: dt.date, here: str, written_in: str) -> None:
    zone = ZoneInfo(here)
    first = dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    # Where the clock is put forward at midnight, the day begins an hour later.
    first = first if first.astimezone(zone).date() == day else first + dt.timedelta(hours=1)
    last = dt.datetime.combine(day, dt.time(23, 59, 59, fold=1), zone).astimezone(dt.UTC)
    for instant in (first, last):
        there = instant.astimezone(ZoneInfo(written_in))
        if there.time() != dt.time() and there.utcoffset() is not None and there.utcoffset().seconds % 60 == 0:  # type: ignore[union-attr]
            assert read_date(there.isoformat(), zone) == day


@given(DAYS, st.integers(-14 * 4, 14 * 4), st.sampled_from(ZONES))
def test_midnight_where_it_is_written_is_that_day_everywhere(day: dt.date, quarters: int, here: str) -> None:
    offset = dt.timezone(dt.timedelta(minutes=15 * quarters))
    assert read_date(dt.datetime.combine(day, dt.time(), offset).isoformat(), ZoneInfo(here)) == day


@pytest.mark.parametrize(
    "text", ["0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "/Date(-62135596800000)/", "0000-00-00"]
)
def test_a_date_that_was_never_set_is_none(text: str) -> None:
    assert read_date(text, mangled.OSLO) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-31T22:00:00Z", "2026-10-31"),
        ("2026-06-30T22:00:00Z", "2026-07-01"),
        ("2026-11-01Z", "2026-11-01"),
        ("2026-11-01+01:00", "2026-11-01"),
        ("2026-11-01T00:00+01:00[Europe/Oslo]", "2026-11-01"),
        ("Sun, 01 Nov 2026 00:00:00 GMT", "2026-11-01"),
        ("søndag 1. november 2026", "2026-11-01"),
        ("1. marts 2026", "2026-03-01"),
        ("1 mars 2026", "2026-03-01"),
        ("1er août 2026", "2026-08-01"),
        ("3. März 2026", "2026-03-03"),
        ("November 1, 2026", "2026-11-01"),
        ("01.11.2026 12:00", "2026-11-01"),
        ("11/13/2026 12:00:00 AM", "2026-11-13"),
    ],
)
def test_a_date_in_another_writing(text: str, day: str) -> None:
    found = read_date(text, mangled.OSLO)
    assert found is not None
    assert found.isoformat() == day


@pytest.mark.parametrize(
    "value",
    [
        *("11/02/2026", "02-11-2026", "1.11.26", "26-11-01", "2026-02-30", "31.02.2026", "2026-11", "2026-W45-1"),
        *("2026-11-01T25:00:00", "2026-11-01Tnoon", "soon", "01112026", "46327", "²026-11-01", 46327, 20261301, 5),
    ],
)
def test_what_may_be_two_days_or_none_is_not_read(value: str | int) -> None:
    with pytest.raises(ValueError, match=r"no date|no time|two days|must be in|out of range"):
        read_date(value, mangled.OSLO)


@pytest.mark.parametrize(
    "text",
    [
        *("1,234", "1.234", "12,345", "-1.234", "1 23", "12 345 67", "1,2,3", "1.23,4", "1.234.56", "1e3", "", "-"),
        *("100-", "1 000-", "100 –", "--5", "(-5)", "ten", "5 stk", "٣", "1_000", "NaN", "0x10", "1/2", "1 234.567,8"),
    ],
)
def test_what_may_be_two_numbers_or_none_is_not_read(text: str) -> None:
    assert read_number(text) is None
    assert read_amount(text, "NOK") is None


@pytest.mark.parametrize("text", ["SEK 5", "5 €", "$5", "kr 5 kr", "NOK NOK 5", "5 XXY", "NOK", "5 NOK per day"])
def test_an_amount_in_another_currency_is_not_read(text: str) -> None:
    assert read_amount(text, "NOK") is None


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("1.500,-", "1500"),
        ("1500:-", "1500"),
        ("kr 1 500,-", "1500"),
        ("-kr 5", "-5"),
        ("(NOK 5,50)", "-5.50"),
        (".5", "0.5"),
    ],
)
def test_an_amount_in_another_writing(text: str, read_as: str) -> None:
    assert read_amount(text, "NOK") == D(read_as)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_an_amount_through_a_float_is_the_amount(clean: Decimal) -> None:
    assert rounded(D(float(clean))) == clean
    assert rounded(D(repr(float(clean) * 3 / 3))) == clean


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("24.999999999999996", "25"),
        ("25.000000000000004", "25"),
        ("24.9", "24.9"),
        ("34.019999999999996", "34.02"),
        ("1.4210854715202004E-14", "0"),
        ("-1E-14", "0"),
        ("33.333333", "33.333333"),
        ("8000.00", "8000.00"),
        ("1E+3", "1000"),
    ],
)
def test_the_noise_of_a_float_is_rounded_once(written: str, read_as: str) -> None:
    assert str(read(D(written)).amount("x")) == read_as


@pytest.mark.parametrize("text", ["Korea", "Congo", "XX", "Guinea Bissau or so", "-", "578", ""])
def test_a_doubtful_country_is_none(text: str) -> None:
    assert country_code(text) is None


def test_what_was_read_otherwise_is_told_with_what_stands_there() -> None:
    written = {"x": "a@firm.example; b@firm.example", "n": "T\u200b-1", "d": "1.11.2026", "r": D("24.999999999999996")}
    fields = SourceObject(written, where="payment 1", path="customer.", record=ReadingRecord(mangled.OSLO))
    for reader, name in ((fields.email, "x"), (fields.code, "n"), (fields.date, "d"), (fields.rate, "r")) * 2:
        reader(name)
    assert fields.record.changes == (
        "customer.x 'a@firm.example; b@firm.example' was read as a@firm.example; also there: b@firm.example",
        "customer.n 'T\\u200b-1' was read as 'T-1', without U+200B ZERO WIDTH SPACE",
        "customer.d '1.11.2026' was read as 2026-11-01",
        "customer.r 24.999999999999996 was read as 25",
    )


def test_an_address_that_cannot_be_used_stays_as_it_is() -> None:
    assert read(" none\u200b yet ").email("x") == "none yet"
    fields = SourceObject({"a": "-", "b": "post@firm.example"}, where="payment 1")
    assert fields.email("a", "b") == "post@firm.example"
    assert fields.record.changes == ("b 'post@firm.example' was read as post@firm.example; a '-' holds none",)


@given(st.text() | st.integers() | st.decimals() | st.booleans() | st.none() | st.lists(st.integers(), max_size=2))
def test_anything_is_a_value_of_its_type_or_unreadable(value: Any) -> None:
    fields = read(value)
    for reader in ("text", "word", "line", "code", "email", "amount", "rate", "quantity", "integer", "date", "flag"):
        found = outcome(fields, reader)
        if isinstance(found, UnreadableError):
            assert str(found).startswith("payment 1: x ")
            assert len(str(found)) < 200
        if isinstance(found, str):
            assert found.strip() == found != ""
            found.encode()


def outcome(fields: SourceObject, reader: str) -> Any:
    try:
        return getattr(fields, reader)("x")
    except UnreadableError as error:
        return error
