from __future__ import annotations

import pytest

from invoice_bridge_core.documents import Address
from tests.systems.qondor.payments import payment, read


def test_an_enabled_invoice_address_is_the_one() -> None:
    customer = {**payment()["customer"], "invoiceAddressEnabled": True}
    found = read(payment(customer=customer)).party
    assert found is not None
    assert found.address == Address(line1="Postboks 9", postal_code="0101", city="Oslo", country_code="NO")


@pytest.mark.parametrize("lacking", ["invoiceAddress", "invoiceZipCode", "invoiceCity", "invoiceCountryCode"])
def test_an_enabled_invoice_address_says_that_what_it_lacks_may_stand_in_the_ordinary_one(lacking: str) -> None:
    customer = {**payment()["customer"], "invoiceAddressEnabled": True, lacking: None}
    found = read(payment(customer=customer)).party
    assert found is not None
    assert (found.address.has_another, found.address.is_whole) == (True, False)


def test_an_enabled_invoice_address_that_was_never_filled_in_is_not() -> None:
    blank = {key: None for key in payment()["customer"] if key.startswith("invoice") and key != "invoiceEmail"}
    found = read(payment(customer={**payment()["customer"], **blank, "invoiceAddressEnabled": True})).party
    assert found is not None
    assert found.address.line1 == "Storgata 1"


BOOKER = {"firstName": "Kari", "lastName": "Nordmann", "email": "Kari@Example.com", "phoneNumber": None}


@pytest.mark.parametrize(
    "customer", [None, {}, {"id": None, "name": ""}, {"id": 0, "name": None}, {"id": 901, "name": " "}]
)
def test_a_booker_is_addressed_where_there_is_no_customer(customer: object) -> None:
    found = read(payment(customer=customer, booker=BOOKER)).party
    assert found is not None
    assert (found.key, found.name, found.is_booker, found.email) == (
        "kari@example.com",
        "Kari Nordmann",
        True,
        "Kari@Example.com",
    )
    assert found.tax_numbers == ()


def test_customers_whose_id_is_0_are_told_apart_by_what_else_is_known_of_them() -> None:
    found = [read(payment(customer={"id": 0, "customerNumber": number, "name": "Acme"})).party for number in (7, 8)]
    assert [one.key if one else None for one in found] == ["customerNumber:7, acme", "customerNumber:8, acme"]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"organisationNumber": "912 345 678", "vatNumber": "NO912345678MVA"}, "customerNumber:7, 912345678"),
        ({"vatNumber": "NO 912 345 678 MVA"}, "customerNumber:7, no912345678mva"),
        ({"organisationNumber": "n/a"}, "customerNumber:7, acme events as"),
        ({"name": None}, "customerNumber:7"),
    ],
)
def test_a_customer_number_alone_names_nobody(more: dict[str, object], key: str) -> None:
    found = read(payment(customer={"customerNumber": "7", "name": "Acme  Events AS", **more})).party
    assert found is not None
    assert found.key == key


def test_a_customer_goes_before_a_booker() -> None:
    found = read(payment(booker=BOOKER)).party
    assert found is not None
    assert not found.is_booker


def test_a_customer_without_id_or_name_is_still_one_customer() -> None:
    found = read(payment(customer={"legalName": "Acme", "organisationNumber": 912345678})).party
    assert found is not None
    assert (found.key, found.name, found.tax_numbers) == ("organisationNumber:912345678", "Acme", ("912345678",))
    nameless = read(payment(customer={"id": 5})).party
    assert nameless is not None
    assert (nameless.key, nameless.name) == ("5", "")


@pytest.mark.parametrize("field", ["countryCode", "country"])
def test_a_country_that_may_be_two_is_kept_as_it_is_written(field: str) -> None:
    written = {**payment()["customer"], "countryCode": None, "country": None, field: "Korea"}
    clean = read(payment(customer={**written, field: None}))
    found = read(payment(customer=written))
    assert found.party is not None
    assert (found.party.address.country_code, found.party.address.unread_country) == (None, "Korea")
    # Ledgers of older releases know such a document without it.
    assert field == "country" or found.payload_hash == clean.payload_hash
