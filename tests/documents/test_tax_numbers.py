from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invoice_bridge_core.documents.tax_numbers import (
    Likeness,
    compare_tax_numbers,
    read_tax_number,
    read_tax_numbers,
    same_tax_number,
    tax_number_writings,
)
from tests.documents.companies import NAMES, Company, companies, some_companies, written
from tests.examples import examples

ANY_TEXT = st.text(alphabet="0123456789NOSEDKMVACHWT -./", max_size=20) | st.text(max_size=20)
PAIRS = companies().flatmap(lambda company: st.tuples(st.just(company), written(company), written(company)))


def likeness(one: str, other: str, country: str | None = None, other_country: str | None = None) -> Likeness:
    return compare_tax_numbers(read_tax_numbers([one], country), read_tax_numbers([other], other_country))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NO912345678MVA", "NO 912 345 678 MVA"),
        ("912345678", "NO912345678MVA"),
        ("912 345 678 mva", "no912345678"),
        ("Org.nr. 912 345 678", "912345678"),
        ("Foretaksregisteret NO 912 345 678 MVA", "912345678"),
        ("VAT NO 912345678", "NO912345678MVA"),
        ("SE556677889901", "556677-8899"),
        ("SE556677889901", "SE 556677-8899"),
        ("SE556012345601", "16556012-3456"),
        ("SE800101123401", "198001011234"),
        ("SE556012345601", "556012345601"),
        ("DK12345678", "12 34 56 78"),
        ("DK12345678", "CVR-nr.: 12 34 56 78"),
        ("FI01120389", "112038-9"),
        ("EL123456789", "GR123456789"),
        ("CHE-123.456.789 MWST", "CHE123456789"),
        ("VAT Reg No GB123456789", "123 4567 89"),
        ("GB123456789", "GB123456789001"),
        ("GB123456789", "XI 123456789"),
        ("FR40303265045", "303 265 045"),
        ("FR40303265045", "SIRET 303 265 045 00012"),
        ("FRXX123456789", "SIREN 123 456 789"),
        ("NL123456789B01", "123456789"),
        ("NL123456789B01", "BTW NL 1234.56.789.B01"),
        ("BE 0123.456.789", "BE123456789"),
        ("DE123456789-00001", "DE 123 456 789"),
        ("EIN 12-3456789", "12-3456789"),
        ("HU12345678", "HU 12345678-2-41"),
        ("ATU12345678", "AT U 12345678"),
        ("９１２３４５６７８", "912345678"),
        ("\u200b912\u2011345\u2011678\ufeff", "NO912345678MVA"),
    ],
)
def test_writings_of_one_company_are_the_same(one: str, other: str) -> None:
    assert same_tax_number(one, other)
    assert same_tax_number(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NO912345678MVA", "NO912345679MVA"),
        ("NO12345678", "DK12345678"),
        ("912345678", "9123456789"),
        ("912345678", "91234567"),
        ("NO912345678MVA", "NO9123456780"),
        ("SE5560123456", "SE556012345"),
        ("DK12345678", "DK123456789"),
        ("SIREN 123456789", "DE123456789"),
        ("NL123456782B01", "NL123456782B02"),
        ("19800101-1234", "20800101-1234"),
        ("HRB 12345", "HRB 12345"),
        ("SC123456", "123456"),
        ("n/a", "n/a"),
        ("0", "0"),
        ("000000000", "000 000 000"),
        ("", ""),
        ("-", "-"),
    ],
)
def test_different_companies_and_no_numbers_at_all_are_not(one: str, other: str) -> None:
    assert not same_tax_number(one, other)
    assert not same_tax_number(other, one)


def test_the_address_says_whose_number_it_is() -> None:
    assert not same_tax_number("123456789", "123456789", country="NO", other_country="FR")
    assert not same_tax_number("123456789", "DE123456789", country="FR")
    assert same_tax_number("123456789", "NO 123 456 789 MVA", country="NO")
    assert same_tax_number("123456789", "DE123456789", country="SE"), "no number of Sweden looks like that"


def test_a_number_takes_the_country_of_the_customers_other_number() -> None:
    _, organisation_number = read_tax_numbers(["SE556012345601", "556012-3456"])
    assert organisation_number.country == "SE"


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("NO974760673MVA", "NO923609016MVA", Likeness.DIFFERENT),
        ("974760673", "923609016", Likeness.DIFFERENT),
        ("NO974760673MVA", "NO923609017MVA", Likeness.DOUBTFUL),
        ("GB980780684", "01234567", Likeness.DOUBTFUL),
        ("NL004495445B01", "KvK 33014286", Likeness.DOUBTFUL),
        ("NO974760673MVA", "n/a", Likeness.UNKNOWN),
    ],
)
def test_a_number_with_a_slip_or_of_another_register_is_doubtful(one: str, other: str, said: Likeness) -> None:
    assert likeness(one, other) is said


@given(ANY_TEXT)
def test_what_is_read_is_the_same_as_itself(text: str) -> None:
    assert same_tax_number(text, text) == (read_tax_number(text) is not None)


@given(ANY_TEXT, ANY_TEXT)
def test_sameness_is_symmetric(one: str, other: str) -> None:
    assert same_tax_number(one, other) == same_tax_number(other, one)


@settings(max_examples=examples(100))
@given(ANY_TEXT | PAIRS.map(lambda pair: pair[1]))
def test_every_writing_is_the_number_itself(text: str) -> None:
    if (number := read_tax_number(text)) is not None:
        for writing in tax_number_writings(number, text):
            assert same_tax_number(text, writing), writing


@settings(max_examples=examples(200))
@given(PAIRS)
def test_two_writings_of_one_company_are_the_same_with_and_without_its_address(pair: tuple[Company, str, str]) -> None:
    company, one, other = pair
    assert same_tax_number(one, other, country=company.country)
    assert same_tax_number(one, other, country=company.country, other_country=company.country)
    if company.country in ("NO", "SE"):
        assert same_tax_number(one, other)


@pytest.mark.parametrize("country", NAMES)
def test_each_two_of_all_writings_are_the_same(country: str) -> None:
    """Thousands of pairs; the digits are the same in every run, so that a failure comes again."""
    for company in some_companies(country, 25):
        for one, other in combinations(company.writings(), 2):
            assert same_tax_number(one, other, country=country), (one, other)


@settings(max_examples=examples(200))
@given(PAIRS)
def test_two_writings_of_one_company_share_a_lock(pair: tuple[Company, str, str]) -> None:
    company, one, other = pair
    [ours], [theirs] = read_tax_numbers([one], company.country), read_tax_numbers([other])
    assert ours.shared_texts & theirs.shared_texts


@settings(max_examples=examples(200))
@given(st.data(), companies(), companies())
def test_two_companies_are_never_the_same(data: st.DataObject, one: Company, other: Company) -> None:
    assume(one != other)
    ours, theirs = data.draw(written(one)), data.draw(written(other))
    assert likeness(ours, theirs, one.country, other.country) is Likeness.DIFFERENT


@settings(max_examples=examples(100))
@given(st.data(), companies("NO", "FR", "DE", "GB", "US", "NL"), st.sampled_from(("NO", "FR", "DE", "GB", "US", "NL")))
def test_the_same_digits_in_two_countries_are_two_companies(data: st.DataObject, one: Company, country: str) -> None:
    assume(one.country != country)
    other = Company(country, one.core)
    ours, theirs = data.draw(written(one)), data.draw(written(other))
    assert not same_tax_number(ours, theirs, country=one.country, other_country=country)


@settings(max_examples=examples(100))
@given(companies(), st.integers(0, 99).map(str))
def test_a_number_that_only_begins_like_another_is_not_it(company: Company, more: str) -> None:
    longer, shorter = company.core + more, company.core[:-1]
    for country in (company.country, None):
        assert not same_tax_number(company.core, longer, country=country, other_country=country)
        assert not same_tax_number(company.core, shorter, country=country, other_country=country)
