"""Over many customers: however the same tax number, address or name is written, the same contact is found."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from invoice_bridge_core.documents import Address
from invoice_bridge_core.documents.comparable import comparable_email, comparable_name
from tests.builders import party
from tests.documents.companies import (
    NAMES,
    Company,
    companies,
    company_names,
    emails,
    written,
    written_email,
    written_name,
)
from tests.examples import SHARED_FIXTURE, examples

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Party
    from tests.systems.xero.conftest import Xero

FIXTURE = (*SHARED_FIXTURE, HealthCheck.filter_too_much)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each example asks over HTTP: looking for a smaller one would take minutes."""
_KEYS = itertools.count()


def customer(company: Company | None, key: str = "901", **changes: Any) -> Party:
    """A customer of whom nothing else is known."""
    address = Address(country_code=company.country) if company else Address()
    values: dict[str, Any] = {"tax_numbers": (), "email": None, "phone": None, "address": address, "name": f"C {key}"}
    return party(key=key, customer_number=None, **values | changes)


def chosen(xero: Xero, one: Party) -> str:
    """The contact that a document of the customer is booked on."""
    finance = xero.finance()
    found = finance.contacts.find(one)
    made = found or finance.contact_editor.create(one, idempotency_key=f"key-{next(_KEYS)}", name_is_taken=False)
    return made.contact_id


def _usual(company: Company) -> list[str]:
    """Without a label: a contact with one that is not among the usual ones is found by address or name."""
    return [text for text in company.writings() if not re.search(r"[A-Z]{3}|\(", text.upper().replace("MVA", ""))]


def put(xero: Xero, **values: Any) -> str:
    """The only contact that Xero has, as somebody wrote it there."""
    xero.books.contacts.clear()
    return str(xero.books.add_contact(**{"Name": "Written otherwise", **values})["ContactID"])


@settings(max_examples=examples(25), suppress_health_check=FIXTURE, phases=PHASES)
@given(st.data(), companies())
def test_a_company_is_found_by_any_two_writings_of_its_number(
    xero: Xero, data: st.DataObject, company: Company
) -> None:
    theirs, ours = data.draw(st.sampled_from(_usual(company))), data.draw(written(company))
    addresses = [{"AddressType": "POBOX", "Country": NAMES[company.country]}] if data.draw(st.booleans()) else []
    there = put(xero, TaxNumber=theirs, Addresses=addresses)
    assert chosen(xero, customer(company, tax_numbers=(ours,))) == there
    assert len(xero.books.contacts) == 1


@settings(max_examples=examples(25), suppress_health_check=FIXTURE, phases=PHASES)
@given(st.data(), companies(), companies(), emails())
def test_two_companies_with_one_address_are_never_one_contact(
    xero: Xero, data: st.DataObject, one: Company, other: Company, email: str
) -> None:
    assume(one != other)
    there = put(
        xero,
        Name="Group AS",
        EmailAddress=email.encode("idna").decode(),
        TaxNumber=data.draw(st.sampled_from(one.writings())),
        Addresses=[{"AddressType": "POBOX", "Country": NAMES[one.country]}],
    )
    ours = customer(other, name="Group AS", email=email, tax_numbers=(data.draw(written(other)),))
    assert chosen(xero, ours) != there
    assert len(xero.books.contacts) == 2


@settings(max_examples=examples(25), suppress_health_check=FIXTURE, phases=PHASES)
@given(st.data(), emails())
def test_an_address_is_found_however_it_is_written(xero: Xero, data: st.DataObject, email: str) -> None:
    local, _, domain = email.partition("@")
    there = put(xero, EmailAddress=f"{local}@{domain.encode('idna').decode()}".title())
    ours = customer(None, email=data.draw(written_email(email)), is_booker=data.draw(st.booleans()))
    assert chosen(xero, ours) == there


@settings(max_examples=examples(25), suppress_health_check=FIXTURE, phases=PHASES)
@given(st.data(), emails(), emails())
def test_two_addresses_are_two_contacts(xero: Xero, data: st.DataObject, one: str, other: str) -> None:
    assume(comparable_email(one) != comparable_email(other))
    local, _, domain = one.partition("@")
    there = put(xero, Name="Kari", EmailAddress=f"{local}@{domain.encode('idna').decode()}")
    assert chosen(xero, customer(None, name="Kari", email=other, is_booker=data.draw(st.booleans()))) != there


@settings(max_examples=examples(25), suppress_health_check=FIXTURE, phases=PHASES)
@given(st.data(), company_names(), companies())
def test_a_name_is_found_however_it_is_written_where_nothing_contradicts(
    xero: Xero, data: st.DataObject, name: str, company: Company
) -> None:
    there = put(xero, Name=data.draw(written_name(name)))
    ours = customer(company, name=data.draw(written_name(name)), tax_numbers=(data.draw(written(company)),))
    assert chosen(xero, ours) == there
    assert len(xero.books.contacts) == 1


@settings(max_examples=examples(25), suppress_health_check=FIXTURE, phases=PHASES)
@given(company_names(), company_names())
def test_two_names_are_two_contacts(xero: Xero, one: str, other: str) -> None:
    assume(comparable_name(one) != comparable_name(other))
    there = put(xero, Name=one)
    assert chosen(xero, customer(None, name=other)) != there


@pytest.mark.parametrize(
    "theirs",
    [
        {"TaxNumber": "NO923609016MVA"},
        {"TaxNumber": "NO974760674MVA"},
        {"EmailAddress": "other@firm.example"},
        {"ContactNumber": "qondor_default:customer:902"},
    ],
    ids=["another company", "a slip", "another address", "another customer"],
)
def test_a_namesake_that_something_contradicts_is_somebody_else(xero: Xero, theirs: dict[str, str]) -> None:
    there = put(xero, Name="Acme AS", **theirs)
    ours = customer(Company("NO", "974760673"), name="Acme AS", email="post@acme.example", tax_numbers=("974760673",))
    assert chosen(xero, ours) != there
    assert sorted(row["Name"] for row in xero.books.contacts.rows()) == ["Acme AS", "Acme AS (901)"]


@pytest.mark.parametrize("kind", [{"is_booker": True}, {"is_person": True}])
def test_a_person_is_never_found_by_name(xero: Xero, kind: dict[str, Any]) -> None:
    there = put(xero, Name="Kari Nordmann")
    assert chosen(xero, customer(None, name="Kari Nordmann", **kind)) != there


def test_a_slip_in_a_number_makes_no_second_contact_where_address_and_name_agree(xero: Xero) -> None:
    there = put(xero, Name="Acme AS", EmailAddress="post@acme.example", TaxNumber="NO974760673MVA")
    slip = customer(None, name="ACME AS", email="Post@Acme.example", tax_numbers=("NO974760674MVA",))
    assert chosen(xero, slip) == there
    assert xero.books.contacts[there]["TaxNumber"] == "NO974760673MVA", "a slip replaces nothing that is right"


def test_the_question_for_all_writings_fits_into_an_address(xero: Xero) -> None:
    for company in (Company("SE", "5560360793"), Company("BE", "0403019261"), Company("NO", "974760673")):
        xero.finance().contacts.find(customer(company, tax_numbers=company.writings()[:3]))
    assert all(len(entry.query) < 2048 for entry in xero.entries())
