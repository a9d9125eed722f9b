from __future__ import annotations

from typing import Any

import pytest

from invoice_bridge.hooks.xero.wire import XeroContact
from invoice_bridge.systems.xero.contact_card import (
    contact_card,
    contact_identity,
    contact_number,
    differences,
    unique_name,
)
from invoice_bridge_core.documents import Address
from tests.builders import party, route
from tests.systems.xero.openapi import check_body

HERE = {
    "ContactID": "1",
    "Name": "Acme Events AS",
    "TaxNumber": "NO 912 345 678 MVA",
    "EmailAddress": "Invoice@Acme.example",
    "Addresses": [
        {"AddressType": "STREET", "AddressLine1": "Elsewhere"},
        {
            "AddressType": "POBOX",
            "AddressLine1": "Storgata 1",
            "City": "Oslo",
            "PostalCode": "0155",
            "Country": "Norway",
        },
    ],
    "Phones": [{"PhoneType": "DEFAULT", "PhoneCountryCode": "47", "PhoneAreaCode": "22", "PhoneNumber": "00 00 00"}],
}


def test_a_company() -> None:
    card = contact_card(party(first_name="Anna", last_name="Berg"))
    assert card == {
        "Name": "Acme Events AS",
        "TaxNumber": "NO912345678MVA",
        "EmailAddress": "invoice@acme.example",
        "Addresses": [
            {
                "AddressType": "POBOX",
                "AddressLine1": "Storgata 1",
                "City": "Oslo",
                "PostalCode": "0155",
                "Country": "Norway",
            }
        ],
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "+4722000000"}],
    }
    check_body("Contact", card)


def test_a_booker_has_names_and_no_tax_number() -> None:
    card = contact_card(party(is_booker=True, name="Anna Berg", first_name="Anna", last_name="Berg"))
    assert (card["FirstName"], card["LastName"], "TaxNumber" in card) == ("Anna", "Berg", False)


def test_what_is_too_long_is_cut_and_what_is_unusable_is_left_out() -> None:
    long = "x" * 600
    address = Address(line1=long, line2=long, postal_code=long, city=long, country=long)
    card = contact_card(party(name=long, phone=long, address=address, email="nobody", tax_numbers=("n/a", "912345678")))
    check_body("Contact", card)
    assert card["TaxNumber"] == "912345678"
    assert "EmailAddress" not in card


@pytest.mark.parametrize(
    ("country", "code", "sent"),
    [
        ("Norway", "NO", "Norway"),
        (" United  Kingdom", "GB", "United Kingdom"),
        ("Côte d'Ivoire", "CI", "CI"),
        ("Österreich", "AT", "AT"),
        ("Åland", None, None),
        (None, "SE", "SE"),
        ("x" * 51, "SE", "SE"),
    ],
)
def test_a_country_that_is_not_plain_letters_goes_as_its_code(
    country: str | None, code: str | None, sent: str | None
) -> None:
    [address] = contact_card(party(address=Address(city="Oslo", country=country, country_code=code)))["Addresses"]
    assert address.get("Country") == sent


def test_the_same_data_in_other_writings_makes_no_difference() -> None:
    assert differences(XeroContact.model_validate(HERE), party()) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Acme Events Nordic AS"}, "Name"),
        ({"tax_numbers": ("NO999999999MVA",)}, "TaxNumber"),
        ({"email": "new@acme.example"}, "EmailAddress"),
        ({"phone": "+4722999999"}, "Phones"),
        ({"address": Address(line1="Storgata 2")}, "Addresses"),
    ],
)
def test_only_what_differs_is_sent(changes: dict[str, Any], field: str) -> None:
    assert list(differences(XeroContact.model_validate(HERE), party(**changes))) == [field]


def test_what_the_source_does_not_know_is_not_blanked() -> None:
    assert (
        differences(XeroContact.model_validate(HERE), party(email=None, phone=None, tax_numbers=(), address=Address()))
        == {}
    )


def test_a_name_of_its_own_counts_as_the_name() -> None:
    there = XeroContact.model_validate(HERE | {"Name": "Acme Events AS (C-901)"})
    assert unique_name(party()) == "Acme Events AS (C-901)"
    assert differences(there, party()) == {}


def test_identity_of_a_customer_and_of_a_booker() -> None:
    identity = contact_identity(party(), route())
    assert identity.key == "qondor_default:customer:901"
    assert {
        "xero_default:email:invoice@acme.example",
        "xero_default:name:acme events as",
        "xero_default:tax:912345678",
    } <= set(identity.lock_keys)
    booker = contact_identity(party(is_booker=True, email="Anna@X.no"), route())
    assert booker.key == "booker:anna@x.no"
    assert not any(":tax:" in key for key in booker.lock_keys)


def test_two_customers_that_would_become_one_contact_share_a_lock() -> None:
    by_tax = contact_identity(party(key="7", name="Other", email=None, tax_numbers=("912 345 678",)), route())
    assert set(by_tax.lock_keys) & set(contact_identity(party(), route()).lock_keys)


def test_the_fingerprint_follows_the_data() -> None:
    one = contact_identity(party(), route())
    assert one.fingerprint == contact_identity(party(language="nb"), route()).fingerprint
    assert one.fingerprint != contact_identity(party(phone="1"), route()).fingerprint
    assert one.key == contact_identity(party(name="New"), route()).key


def test_an_own_key_always_fits_and_stays_apart() -> None:
    long = [contact_number(party(key="k" * 60 + end), route()) for end in "ab"]
    assert all(len(number) <= 50 for number in long)
    assert long[0] != long[1]
