"""What would be refused is found before anything is sent, and by whom it can be mended."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge_core.documents import Address, Document, DocumentKind
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.problems import FixedBy
from invoice_bridge_core.documents.reading.emails import usable_email
from tests.builders import line, party
from tests.systems.quiddly.bodies import booker, quiddly_route, swedish

FIELDS = {
    "gln": "GLN", "fmi": "FMI", "delivery_date": "Date", "tax_reduction": "ROT", "distribution_code": "By",
    "delivery_address": "Street", "delivery_country_code": "Country", "delivery_zip": "Zip", "delivery_city": "Town",
}  # fmt: skip
AUTHOR, US = FixedBy.AUTHOR, FixedBy.US


def found(one: Document, **finance: Any) -> list[tuple[FixedBy, str]]:
    problems = quiddly_problems(one, quiddly_route(custom_fields=FIELDS, **finance))
    return [(problem.fixed_by, problem.message) for problem in problems]


def address(**changes: Any) -> Address:
    values = {"line1": "Storgata 1", "postal_code": "0155", "city": "Oslo", "country_code": "NO"}
    return Address(**{**values, **changes})


def test_an_ordinary_document_has_no_problem() -> None:
    assert found(swedish()) == []


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"line1": None}, "no street address"),
        ({"postal_code": " "}, "no postal code"),
        ({"city": None, "country_code": None}, "no city and no country code"),
    ],
)
def test_an_address_that_lacks_a_part_is_the_authors_to_mend(changes: dict[str, Any], lacking: str) -> None:
    assert found(swedish(party=party(address=address(**changes)))) == [
        (AUTHOR, f"Customer 'Acme Events AS' (ref: 901) has {lacking}, but Quiddly needs the whole address")
    ]


@pytest.mark.parametrize(
    "written",
    [
        {"line1": "Storgata 1, 0155 Oslo", "postal_code": None, "city": None},
        {"line1": "Storgata 1", "line2": "0155 Oslo", "postal_code": None, "city": None},
        {"postal_code": None, "city": "0155 Oslo"},
        {"postal_code": "0155 Oslo", "city": None},
        {"postal_code": None, "city": "London EC1A 1BB"},
        {"line1": None, "city": "Storgata 1, Oslo"},
        {"city": "Oslo, Norway", "country_code": None},
    ],
)
def test_a_part_that_may_stand_in_another_one_is_no_reason_to_reject(written: dict[str, Any]) -> None:
    [problem] = quiddly_problems(swedish(party=party(address=address(**written))), quiddly_route())
    assert (problem.final, "but Quiddly needs the whole address" in problem.message) == (None, True)


@pytest.mark.parametrize("lacking", ["line1", "postal_code", "city", "country_code"])
def test_an_address_that_certainly_lacks_a_part_may_be_rejected(lacking: str) -> None:
    [problem] = quiddly_problems(swedish(party=party(address=address(**{lacking: None}))), quiddly_route())
    assert problem.final is FinalProblem.ADDRESS_INCOMPLETE


@pytest.mark.parametrize("lacking", ["line1", "postal_code", "city", "country_code"])
def test_a_part_that_may_stand_in_the_second_address_is_no_reason_to_reject(lacking: str) -> None:
    where = address(**{lacking: None}, has_another=True)
    [problem] = quiddly_problems(swedish(party=party(address=where)), quiddly_route())
    assert (problem.final, "but Quiddly needs the whole address" in problem.message) == (None, True)


def test_a_country_that_cannot_be_read_is_named_and_held() -> None:
    where = address(country_code=None, unread_country="Korea", city=None)
    problems = quiddly_problems(swedish(party=party(address=where)), quiddly_route())
    assert [problem.final for problem in problems] == [None, None]
    assert "has country 'Korea', which is no country or may be several" in problems[0].message
    assert "has no city" in problems[1].message


@pytest.mark.parametrize(
    ("stated", "vat", "final"),
    [
        ("15", "1200.00", FinalProblem.VAT_RATE_NOT_TAKEN),
        ("24.9", "2000.00", None),
        ("0.25", "2000.00", None),
        ("0.25", None, None),
        ("15", None, FinalProblem.VAT_RATE_NOT_TAKEN),
        ("15", "2000.00", None),
    ],
)
def test_a_rate_that_the_vat_contradicts_is_held(stated: str, vat: str | None, final: FinalProblem | None) -> None:
    amounts = {"vat_percentage": Decimal(stated), "vat_amount": vat and Decimal(vat), "total_excl_vat": Decimal(8000)}
    amounts["total_incl_vat"] = Decimal(8000) + Decimal(vat or 1200)
    if vat is None:
        amounts["total_excl_vat"] = None
    one = swedish(line().model_copy(update=amounts), vat_amount=None, total_excl_vat=None)
    [problem] = quiddly_problems(one, quiddly_route())
    assert (problem.final, f"VAT rate {stated}% not configured" in problem.message) == (final, True)


def test_a_country_code_that_is_none() -> None:
    assert found(swedish(party=party(address=address(country_code="XX")))) == [
        (AUTHOR, "Customer 'Acme Events AS' (ref: 901) has country code 'XX', which is not a country of ISO 3166-1")
    ]


def test_a_booker_without_an_address_waits_for_the_routes() -> None:
    assert found(swedish(party=booker())) == [
        (US, "Booker 'Kari Nordmann' has no address, and Quiddly needs one: set booker_address in the route")
    ]


@pytest.mark.parametrize(("email", "fault"), [(None, "missing"), ("at home", "'at home', which is not valid")])
def test_email_without_an_address_is_held(email: str | None, fault: str) -> None:
    said = f"E-mail address of customer 'Acme Events AS' (ref: 901) is {fault}, and the route sends invoices by e-mail"
    one = swedish(party=party(email=email))
    assert found(one) == [(US, said)]
    assert found(one, distribution_code="LETTER") == found(one, distribution_code=None) == []
    by_card = one.model_copy(update={"kind": DocumentKind.CARD_PAYMENT})
    assert found(by_card) == []
    assert len(found(by_card, card_distribution_code="EMAIL")) == 1


@pytest.mark.parametrize(
    ("who", "number"),
    [
        (party(), "GLN of customer 'Acme Events AS' (ref: 901)"),
        (booker(address=address()), "FMI of booker 'Kari Nordmann'"),
    ],
)  # fmt: skip
def test_an_electronic_invoice_needs_gln_or_fmi(who: Any, number: str) -> None:
    said = f"{number} is missing, and the route sends electronic invoices"
    assert found(swedish(party=who), distribution_code="ELECTRONIC_INVOICE") == [(US, said)]
    known = swedish(party=who, custom_fields=((number[:3], "7365566778899"),))
    assert found(known, distribution_code="ELECTRONIC_INVOICE") == []
    other = swedish(party=who, custom_fields=(({"GLN": "FMI", "FMI": "GLN"}[number[:3]], "7365566778899"),))
    assert found(other, distribution_code="ELECTRONIC_INVOICE") == [(US, said)]


def test_a_currency_without_a_rate_is_held() -> None:
    one = swedish(currency="EUR")
    said = "Exchange rate of EUR into SEK is missing in the route's exchange_rates"
    assert found(one) == [(US, said)]
    assert found(one, exchange_rates={"EUR": "11.25"}) == found(one, base_currency="EUR") == []


def test_a_credit_that_names_no_invoice_is_held() -> None:
    credit = swedish(kind=DocumentKind.CREDIT_NOTE)
    said = "Credit note Q-10023 does not name the invoice that it credits, but Quiddly needs it"
    assert found(credit) == [(US, said)]
    for named in ({"credited_number": "Q-9"}, {"credited_source_id": "9"}):
        assert found(credit.model_copy(update=named)) == []


@pytest.mark.parametrize(
    ("heading", "value", "wanted"),
    [
        ("Date", "2026-02-30", "a date such as 2026-11-30"),
        ("Date", "11/02/2026", "a date such as 2026-11-30"),
        ("ROT", "plenty", "an amount such as 1500.00"),
        ("ROT", "1,500", "an amount such as 1500.00"),
        ("ROT", "15 EUR", "an amount such as 1500.00"),
        ("ROT", "-5", "an amount such as 1500.00"),
        ("By", "pigeon", "one of EMAIL, LETTER, ELECTRONIC_INVOICE"),
    ],
)
def test_a_custom_field_that_cannot_be_understood(heading: str, value: str, wanted: str) -> None:
    assert found(swedish(custom_fields=((heading, value),))) == [
        (AUTHOR, f"Custom field '{heading}' is '{value}', but it has to be {wanted}")
    ]


def test_a_tax_reduction_over_the_total() -> None:
    assert found(swedish(custom_fields=(("ROT", "10 000.01"),))) == [
        (AUTHOR, "Tax reduction 10 000.01 is more than the total 10 000.00 of Q-10023")
    ]


def test_half_a_delivery_address() -> None:
    assert found(swedish(custom_fields=(("Street", "Kajen 3"), ("Country", "sweden")))) == [
        (AUTHOR, "Delivery address of Q-10023 has no postal code and no city, but Quiddly needs the whole address"),
        (AUTHOR, "Delivery address of Q-10023 has country code 'sweden', which is not a country of ISO 3166-1"),
    ]


def test_a_credit_note_that_asks_for_money() -> None:
    credit = swedish(kind=DocumentKind.CREDIT_NOTE, credited_number="Q-9", total_incl_vat=Decimal("-0.01"))
    assert (AUTHOR, "Credit note Q-10023 has the total -0.01, which asks for money: make it an invoice") in found(
        credit
    )


@pytest.mark.parametrize(
    ("email", "address"),
    [("a@b.example", "a@b.example"), (" faktura+1@sub.kund.example ", "faktura+1@sub.kund.example"),
     ("åsa@kund.example", "åsa@kund.example"), ("o'neil@kund.example", "o'neil@kund.example"),
     ("a@b.example, c@d.example", "a@b.example"), ("Kund AB <a@b.example>", "a@b.example"),
     ("a@b.example\x00", "a@b.example"), (".a@b.example", "a@b.example")],
)  # fmt: skip
def test_addresses_that_something_can_be_sent_to(email: str, address: str) -> None:
    assert usable_email(email) == address


@pytest.mark.parametrize(
    "email",
    [None, "", "kund.example", "a@b", "a@@b.example",
     "a..b@c.example", "a@-b.example", "a@b..example", "a" * 250 + "@b.example"],
)  # fmt: skip
def test_addresses_that_are_none(email: str | None) -> None:
    assert usable_email(email) is None
