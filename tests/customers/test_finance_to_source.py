"""Xero's contacts become Qondor's customers, each once, and stay in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.customer_states import CustomerState
from tests.customers.customer_world import organisation_number
from tests.world import customer, payment

if TYPE_CHECKING:
    from typing import Any

    from tests.customers.customer_world import CustomerWorld

WRITES = ("PUT", "POST", "DELETE")
KARI = {"FirstName": "Kari", "LastName": "Nordmann", "EmailAddress": "kari@sor.example", "IncludeInEmails": True}


def sor(world: CustomerWorld, contact_id: str = "c-1", **changes: Any) -> dict[str, Any]:
    values = {
        "Name": "Sør Eiendom AS",
        "EmailAddress": "post@sor.example",
        "TaxNumber": f"NO{organisation_number(77)}MVA",
        "AccountNumber": "S-1",
        "Addresses": [
            address("STREET", "Havna 3", "4836", "Arendal"),
            address("POBOX", "Postboks 9", "0101", "Oslo"),
        ],
        "Phones": [{"PhoneType": "DEFAULT", "PhoneCountryCode": "47", "PhoneNumber": "37000000"}],
        "ContactPersons": [KARI],
    }
    return world.put_contact(contact_id, **{**values, **changes})


def address(kind: str, line: str, postal_code: str, city: str) -> dict[str, str]:
    parts = {"AddressLine1": line, "PostalCode": postal_code, "City": city, "Country": "Norway"}
    return {"AddressType": kind, **parts}


def test_a_contact_becomes_a_customer_with_its_people_and_a_second_run_writes_nothing(returned: CustomerWorld) -> None:
    sor(returned)
    run = returned.sync()
    assert not run.errors
    [made] = returned.sandbox.qondor.customers.all()
    assert (made["externalReference"], made["name"], made["customerNumber"]) == ("c-1", "Sør Eiendom AS", "S-1")
    assert (made["address"], made["countryCode"], made["invoiceAddressEnabled"], made["invoiceAddress"]) == (
        "Havna 3",
        "NO",
        True,
        "Postboks 9",
    )
    [person] = returned.sandbox.qondor.contact_persons.of(made["id"])
    assert (person["firstName"], person["lastName"], person["email"]) == ("Kari", "Nordmann", "kari@sor.example")
    assert returned.differences() == []
    returned.sandbox.traffic.reset()
    assert not returned.sync().results
    assert not returned.calls("qondor", *WRITES)


def test_a_customer_that_is_there_is_found_and_changed_and_nothing_of_it_is_lost(returned: CustomerWorld) -> None:
    returned.add(901, vatNumber=f"NO{organisation_number(77)}MVA", organisationNumber=None, remarks="A good one")
    contact = sor(returned)
    returned.sync()
    [there] = returned.sandbox.qondor.customers.all()
    assert (there["id"], there["name"], there["remarks"]) == (901, "Sør Eiendom AS", "A good one")
    returned.put_contact(contact["ContactID"], EmailAddress="ny@sor.example")
    run = returned.sync()
    assert run.table == {("Sør Eiendom AS (S-1)", "email", "post@sor.example", "ny@sor.example")}
    assert returned.sandbox.qondor.customers[901]["invoiceEmail"] == "ny@sor.example"


@pytest.mark.parametrize("keeps", [True, False])
def test_whatever_an_update_leaves_out_stays(returned: CustomerWorld, keeps: bool) -> None:
    returned.add(901, vatNumber=f"NO{organisation_number(77)}MVA", organisationNumber=None, remarks="A good one")
    ola = returned.sandbox.qondor.contact_persons.put(
        firstName="Ola", email="kari@sor.example", phoneCountryCode="+47", phoneNumber="90000000", of=901
    )
    returned.sandbox.qondor.customers.keeps_missing = keeps
    returned.sandbox.qondor.contact_persons.keeps_missing = keeps
    sor(returned)
    returned.sync()
    there = returned.sandbox.qondor.customers[901]
    assert (there["remarks"], there["officeId"], there["isActive"]) == ("A good one", 7, True)
    [person] = returned.sandbox.qondor.contact_persons.of(901)
    shown = returned.sandbox.qondor.contact_persons.show(person)
    assert (person["id"], person["firstName"], shown["phoneNumber"]) == (ola["id"], "Kari", "+4790000000")


def test_a_person_who_is_in_qondor_already_is_related_and_not_made_again(returned: CustomerWorld) -> None:
    returned.sandbox.qondor.contact_persons.put(firstName="Kari", lastName="Nordmann", email="KARI@sor.example")
    sor(returned)
    returned.sync()
    assert len(returned.sandbox.qondor.contact_persons.all()) == 1
    [made] = returned.sandbox.qondor.customers.all()
    assert len(returned.sandbox.qondor.contact_persons.of(made["id"])) == 1


def test_a_transfer_does_not_change_the_contact_whose_data_counts(returned: CustomerWorld) -> None:
    sor(returned)
    returned.sync()
    [made] = returned.sandbox.qondor.customers.all()
    asked = {**customer(), **made, "invoiceEmail": "alt@sor.example", "phoneNumber": "+4799999999"}
    waiting = returned.sandbox.qondor.add(payment(1, customer=asked))
    returned.run()
    assert returned.booking(waiting["id"]).contact_id == "c-1"
    assert returned.contacts()[0]["EmailAddress"] == "post@sor.example"
    assert len(returned.contacts()) == 1


def test_a_contact_without_a_customer_number_that_two_customers_share_is_held(returned: CustomerWorld) -> None:
    for number in (901, 902):
        returned.add(number, vatNumber=f"NO{organisation_number(77)}MVA", organisationNumber=None)
    sor(returned)
    returned.sync()
    [row] = [row for row in returned.customer_rows() if row.finance_id == "c-1"]
    assert row.state is CustomerState.HELD
    assert not returned.calls("qondor", *WRITES)


def test_a_conflict_is_held_and_shows_both_sides(returned: CustomerWorld) -> None:
    contact = sor(returned)
    returned.sync()
    [made] = returned.sandbox.qondor.customers.all()
    returned.put_contact(contact["ContactID"], EmailAddress="a@sor.example")
    returned.sandbox.qondor.customers.update({"id": made["id"], "invoiceEmail": "b@sor.example"})
    returned.sync()
    [row] = returned.customer_rows()
    assert row.state is CustomerState.CONFLICT
    assert "Xero says 'a@sor.example', Qondor says 'b@sor.example'" in (row.reason or "")


def test_archived_contacts_and_suppliers_are_made_nowhere(returned: CustomerWorld) -> None:
    sor(returned, ContactStatus="ARCHIVED")
    returned.sync()
    assert returned.sandbox.qondor.customers.all() == []


def test_what_the_master_leaves_empty_is_wiped_only_where_the_route_says_so(returned: CustomerWorld) -> None:
    contact = sor(returned)
    returned.sync()
    returned.put_contact(contact["ContactID"], EmailAddress=None)
    returned.sync()
    assert returned.sandbox.qondor.customers.all()[0]["invoiceEmail"] == "post@sor.example"
    customers = returned.route.customers
    assert customers is not None
    returned.route = returned.route.model_copy(update={"customers": customers.model_copy(update={"wipe": True})})
    returned.sync()
    assert not returned.sandbox.qondor.customers.all()[0]["invoiceEmail"]
    returned.sandbox.traffic.reset()
    returned.sync()
    assert not returned.calls("qondor", *WRITES)


def test_a_customer_goes_by_the_masters_name_for_it(returned: CustomerWorld) -> None:
    """Also where the other side knows it by another number."""
    returned.add(901, vatNumber=f"NO{organisation_number(77)}MVA", organisationNumber=None)
    sor(returned, AccountNumber=None)
    foreseen = {(row.customer, row.field, row.old, row.new) for row in returned.plan(dry_run=True).table}
    returned.sync()
    assert {(row.label, *one) for row in returned.customer_rows() for one in row.written} == foreseen


def test_what_was_made_where_the_route_has_several_offices_is_known_again(returned: CustomerWorld) -> None:
    """It belongs to none of them, since nobody says to which; others without an office are not ours."""
    source = returned.route.source.model_copy(update={"offices": ("7", "8")})
    returned.route = returned.route.model_copy(update={"source": source})
    returned.add(903, officeId=9)
    returned.add(904, officeId=None)
    contact = sor(returned)
    returned.sync()
    returned.forget_versions()
    returned.put_contact(contact["ContactID"], EmailAddress="ny@sor.example")
    returned.sync_until_quiet()
    [row] = returned.customer_rows()
    assert row.state is CustomerState.IN_STEP
    [made] = [
        one for one in returned.sandbox.qondor.customers.all() if one["externalReference"] == contact["ContactID"]
    ]
    assert (made["officeId"], made["invoiceEmail"]) == (None, "ny@sor.example")
