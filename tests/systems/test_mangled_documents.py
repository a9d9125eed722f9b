"""A document is the same document in whatever way its fields are written; what was read otherwise is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from tests.documents import mangled
from tests.examples import examples
from tests.systems.ixpole.instalments import customer, instalment, line
from tests.systems.ixpole.test_instalment import read as read_instalment
from tests.systems.qondor.payments import credit_note, payment, read

OF_MANY = payment(
    lines=[
        {**payment()["lines"][0], "description": "Møterom & mat <3\n– hel dag, «Ås»"},
        {**payment()["lines"][0], "vatPercentage": Decimal("12.5"), "unitPriceExclVat": Decimal("1234.5678")},
    ],
    dueDate="2026-12-31",
    totalInclVat=Decimal("12345678.90"),
)
Mangled = tuple[dict[str, Any], tuple[str, ...]]


@settings(max_examples=examples(200))
@given(mangled.payment(OF_MANY, fields=6))
def test_a_mangled_payment_is_the_clean_one(written: Mangled) -> None:
    clean, found = read(OF_MANY), read(written[0])
    assert found.model_copy(update={"read_as": ()}) == clean
    assert clean.read_as == ()


@settings(max_examples=examples(50))
@given(mangled.payment(credit_note(totalInclVat=-10000, totalExclVat=-8000, vatAmount=-2000), fields=6))
def test_a_mangled_credit_note_is_the_clean_one(written: Mangled) -> None:
    clean = read(credit_note(totalInclVat=-10000, totalExclVat=-8000, vatAmount=-2000))
    assert read(written[0]).payload_hash == clean.payload_hash


@settings(max_examples=examples(100))
@given(mangled.instalment(instalment(Lines=[line(), line(Description="Sete på rad Å")]), fields=6))
def test_a_mangled_instalment_is_the_clean_one(written: Mangled) -> None:
    clean = read_instalment(instalment(Lines=[line(), line(Description="Sete på rad Å")]))
    assert read_instalment(written[0]).model_copy(update={"read_as": ()}) == clean


def test_what_people_wrote_is_told_by_field() -> None:
    buyer = {
        **payment()["customer"],
        "invoiceEmail": "Acme <invoice@acme.example>; b@acme.example",
        "countryCode": None,
    }
    written = payment(
        customer=buyer, invoiceDate="2026-11-01T23:00:00Z", lines=[{**payment()["lines"][0], "quantity": "2,0"}]
    )
    found = read(written)
    assert found.party is not None
    assert (found.party.email, found.party.address.country_code) == ("invoice@acme.example", "NO")
    assert found.read_as == (
        "invoiceDate '2026-11-01T23:00:00Z' was read as 2026-11-02",
        "customer.invoiceEmail 'Acme <invoice@acme.example>; b@acme.example' was read as invoice@acme.example; "
        "also there: b@acme.example",
        "customer.country 'Norway' was read as country NO",
        "lines[0].quantity '2,0' was read as 2.0",
    )
    assert found.model_copy(update={"read_as": (), "party": None}) == read(payment()).model_copy(
        update={"party": None, "payload_hash": found.payload_hash}
    )


def test_a_line_that_only_says_something_is_read_as_one() -> None:
    says = {
        "description": "<p>Day 2:<br>dinner &amp; wine</p>",
        "quantity": 0,
        "vatPercentage": 25,
        "unitPriceExclVat": 0,
    }
    [line_of_text] = read(payment(lines=[says])).lines
    assert (line_of_text.is_text, line_of_text.total_incl_vat) == (True, 0)
    assert line_of_text.description == "Day 2:\ndinner & wine"
    assert not read(payment()).lines[0].is_text
    [seat] = read_instalment(instalment(Lines=[{"Description": "Doors open at six"}])).lines
    assert seat.is_text


def test_a_booker_with_several_addresses_keeps_the_key_of_the_first() -> None:
    def booker(email: str) -> dict[str, Any]:
        person = {"firstName": "Kari", "lastName": "Nordmann", "email": email, "phoneNumber": None}
        return payment(type=3, typeText="BookingInvoice", customer=None, booker=person)

    for email in ("Kari@People.example", "Kari@People.example; ola@people.example", "Kari <Kari@People.example>"):
        found = read(booker(email)).party
        assert found is not None
        assert (found.key, found.email) == ("kari@people.example", "Kari@People.example")
    unusable = read(booker("not known\u200b yet")).party
    assert unusable is not None
    assert (unusable.key, unusable.email) == ("not known yet", "not known yet")


def test_an_instalment_is_reported_under_its_code_as_it_is_written() -> None:
    found = read_instalment(instalment(InstalmentCode="INST\u200b-1"))
    assert (found.ref.source_id, found.number) == ("INST\u200b-1", "INST-1")


def test_a_customer_of_ixpole_is_read_as_people_write() -> None:
    found = read_instalment(
        whose=customer(Email="mailto:a@kroon.example", CountryCode="België", Name="Kroon &amp; Zn.")
    )
    assert found.party is not None
    assert (found.party.email, found.party.name) == ("a@kroon.example", "Kroon & Zn.")
    assert found.read_as[0] == "customer: Name 'Kroon &amp; Zn.' was read as 'Kroon & Zn.'"
