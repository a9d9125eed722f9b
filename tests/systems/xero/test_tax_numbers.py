from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.systems.xero.tax_numbers import (
    normalise_tax_number,
    same_tax_number,
    tax_number_core,
    tax_number_writings,
)

ANY_TEXT = st.text(alphabet="0123456789NOSEDKMVACHWT -./", max_size=20) | st.text(max_size=20)
NORWEGIAN = st.integers(800_000_000, 999_999_999).map(str)
SWEDISH = st.integers(2_000_000_000, 9_999_999_999).map(str)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NO912345678MVA", "NO 912 345 678 MVA"),
        ("912345678", "NO912345678MVA"),
        ("912 345 678 mva", "no912345678"),
        ("Org.nr. 912 345 678", "912345678"),
        ("SE556677889901", "556677-8899"),
        ("SE556677889901", "SE 556677-8899"),
        ("DK12345678", "12 34 56 78"),
        ("EL123456789", "GR123456789"),
        ("CHE-123.456.789 MWST", "CHE123456789"),
    ],
)
def test_writings_of_one_company_are_the_same(one: str, other: str) -> None:
    assert same_tax_number(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NO912345678MVA", "NO912345679MVA"),
        ("NO12345678", "DK12345678"),
        ("n/a", "n/a"),
        ("0", "0"),
        ("000000000", "000 000 000"),
        ("", ""),
        ("-", "-"),
    ],
)
def test_different_companies_and_no_numbers_at_all_are_not(one: str, other: str) -> None:
    assert not same_tax_number(one, other)


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_tax_number(text)
    assert normalise_tax_number(once) == once


@given(ANY_TEXT, ANY_TEXT)
def test_sameness_is_symmetric(one: str, other: str) -> None:
    assert same_tax_number(one, other) == same_tax_number(other, one)


@given(ANY_TEXT)
def test_every_writing_is_the_number_itself(text: str) -> None:
    for writing in tax_number_writings(text):
        assert same_tax_number(text, writing)
        assert tax_number_core(writing) == tax_number_core(text)


@given(NORWEGIAN)
def test_a_norwegian_number_is_found_however_it_is_written(number: str) -> None:
    wanted = {number, f"NO{number}MVA", f"NO {number[:3]} {number[3:6]} {number[6:]} MVA"}
    for writing in wanted:
        assert wanted <= set(tax_number_writings(writing))
        assert tax_number_writings(writing)[0] == writing


@given(SWEDISH)
def test_a_swedish_organisation_number_is_found_by_its_vat_number_and_back(number: str) -> None:
    dashed, vat = f"{number[:6]}-{number[6:]}", f"SE{number}01"
    assert dashed in tax_number_writings(vat)
    assert vat in tax_number_writings(dashed)
    assert same_tax_number(dashed, vat)
