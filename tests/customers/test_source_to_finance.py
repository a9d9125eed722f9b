"""Qondor's customers become Xero's contacts, each once, and stay in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.documents.outcomes import Outcome
from tests.world import customer, payment

if TYPE_CHECKING:
    from tests.customers.customer_world import CustomerWorld

WRITES = ("PUT", "POST")


def test_new_customers_are_made_in_one_call_and_a_second_run_writes_nothing(kept: CustomerWorld) -> None:
    for number in range(901, 906):
        kept.add(number)
    run = kept.sync()
    assert [result.outcome for result in run.results] == [Outcome.IN_STEP] * 5
    assert len(kept.contacts()) == 5
    assert len(kept.calls("xero", *WRITES)) == 1
    made = kept.contact("Nordlys Møter 901 AS")
    assert made["ContactNumber"] == "qondor_default:customer:901"
    assert (made["TaxNumber"], made["CompanyNumber"], made["AccountNumber"]) == (
        kept.sandbox.qondor.customers[901]["vatNumber"],
        kept.sandbox.qondor.customers[901]["organisationNumber"],
        "C-901",
    )
    assert {address["AddressType"] for address in made["Addresses"] if address.get("City")} == {"STREET", "POBOX"}
    kept.sandbox.traffic.reset()
    again = kept.sync()
    assert not again.results
    assert not kept.calls("xero", *WRITES)
    assert len(kept.calls("xero")) == len(kept.calls("qondor")) == 1
    assert kept.differences() == []


def test_what_changes_in_qondor_changes_in_xero_and_nothing_else(kept: CustomerWorld) -> None:
    kept.add(901)
    kept.add(902)
    kept.sync()
    kept.sandbox.qondor.customers.update({"id": 901, "invoiceEmail": "ny@nordlys.example", "city": "Bergen"})
    run = kept.sync()
    assert run.table == {
        ("Nordlys Møter 901 AS (C-901)", "email", "faktura901@nordlys.example", "ny@nordlys.example"),
        ("Nordlys Møter 901 AS (C-901)", "address", "Storgata 1, 0155 Oslo, Norway", "Storgata 1, 0155 Bergen, Norway"),
        (
            "Nordlys Møter 901 AS (C-901)",
            "invoice_address",
            "Storgata 1, 0155 Oslo, Norway",
            "Storgata 1, 0155 Bergen, Norway",
        ),
    }
    assert kept.contact("Nordlys Møter 901 AS")["EmailAddress"] == "ny@nordlys.example"
    assert kept.differences() == []


def test_a_contact_that_is_there_is_found_as_the_transfer_finds_it(kept: CustomerWorld) -> None:
    there = kept.add(901)
    kept.put_contact("c-1", Name="NORDLYS", TaxNumber=there["organisationNumber"])
    kept.sync()
    [contact] = kept.contacts()
    assert (contact["ContactID"], contact["Name"]) == ("c-1", "Nordlys Møter 901 AS")
    assert kept.customer_row(901).finance_id == "c-1"


def test_the_transfer_books_on_the_contact_that_the_sync_linked(kept: CustomerWorld) -> None:
    there = kept.add(901)
    kept.sync()
    kept.sandbox.traffic.reset()
    waiting = kept.sandbox.qondor.add(payment(1, customer={**customer(901), **there}))
    kept.run()
    assert kept.booking(waiting["id"]).contact_id == kept.customer_row(901).finance_id
    assert len(kept.contacts()) == 1
    assert not [call for call in kept.calls("xero") if "Contacts" in call.path]


def test_the_sync_links_the_contact_that_a_transfer_made(kept: CustomerWorld) -> None:
    there = kept.add(901)
    waiting = kept.sandbox.qondor.add(payment(1, customer={**customer(901), **there}))
    kept.run()
    kept.sync()
    assert kept.customer_row(901).finance_id == kept.booking(waiting["id"]).contact_id
    assert len(kept.contacts()) == 1
    assert kept.differences() == []


def test_a_field_that_both_sides_changed_is_held_with_both_sides(kept: CustomerWorld) -> None:
    kept.add(901)
    kept.sync()
    kept.sandbox.qondor.customers.update({"id": 901, "invoiceEmail": "a@nordlys.example"})
    contact = kept.contacts()[0]
    kept.put_contact(contact["ContactID"], EmailAddress="b@nordlys.example")
    kept.sync()
    row = kept.customer_row(901)
    assert row.state is CustomerState.CONFLICT
    assert "a@nordlys.example" in (row.reason or "")
    assert "b@nordlys.example" in (row.reason or "")
    assert kept.contacts()[0]["EmailAddress"] == "b@nordlys.example"


def test_what_drifted_in_xero_alone_is_put_back(kept: CustomerWorld) -> None:
    kept.add(901)
    kept.sync()
    contact = kept.contacts()[0]
    kept.put_contact(contact["ContactID"], EmailAddress="b@nordlys.example")
    kept.sync()
    assert kept.contacts()[0]["EmailAddress"] == "faktura901@nordlys.example"


def test_two_contacts_that_fit_are_left_to_a_person(kept: CustomerWorld) -> None:
    there = kept.add(901)
    for number in (1, 2):
        kept.put_contact(f"c-{number}", Name=f"Nordlys {number}", TaxNumber=there["vatNumber"])
    kept.sync()
    row = kept.customer_row(901)
    assert row.state is CustomerState.HELD
    assert "Nordlys 1" in (row.reason or "")
    assert "Nordlys 2" in (row.reason or "")
    assert not kept.calls("xero", *WRITES)


def test_an_archived_contact_is_held_and_a_merged_one_followed(kept: CustomerWorld) -> None:
    kept.add(901)
    kept.add(902)
    kept.sync()
    archived, merged = kept.contact("Nordlys Møter 901 AS"), kept.contact("Nordlys Møter 902 AS")
    kept.put_contact(archived["ContactID"], ContactStatus="ARCHIVED")
    kept.put_contact(merged["ContactID"], ContactStatus="ARCHIVED", MergedToContactID="c-9", ContactNumber=None)
    kept.put_contact("c-9", Name="Nordlys")
    kept.sync()
    assert kept.customer_row(901).state is CustomerState.HELD
    assert "restore it there" in (kept.customer_row(901).reason or "")
    assert kept.customer_row(902).finance_id == "c-9"
    assert kept.sandbox.xero.contacts["c-9"]["EmailAddress"] == "faktura902@nordlys.example"


def test_one_customer_twice_in_qondor_becomes_one_contact(kept: CustomerWorld) -> None:
    first = kept.add(901)
    kept.add(902, vatNumber=first["vatNumber"], organisationNumber=first["organisationNumber"])
    kept.sync()
    assert len(kept.contacts()) == 1
    assert kept.customer_row(902).state is CustomerState.HELD


def test_two_of_one_name_get_names_of_their_own(kept: CustomerWorld) -> None:
    kept.add(901, name="Acme AS")
    kept.add(902, name="ACME AS")
    run = kept.sync()
    assert {contact["Name"] for contact in kept.contacts()} == {"Acme AS", "ACME AS (C-902)"}
    assert ("ACME AS (C-902)", "name", "", "ACME AS (C-902)") in run.table
    kept.sandbox.traffic.reset()
    assert not kept.sync().results
    assert not kept.calls("xero", *WRITES)


def test_contact_persons_come_along_and_nobody_goes(kept: CustomerWorld) -> None:
    kari = {"firstName": "Kari", "lastName": "Nordmann", "email": "kari@nordlys.example"}
    kept.add(901, contactPersons=[kari])
    kept.sync()
    contact = kept.contacts()[0]
    assert [person["EmailAddress"] for person in contact["ContactPersons"]] == ["kari@nordlys.example"]
    ola = {"FirstName": "Ola", "EmailAddress": "ola@nordlys.example", "IncludeInEmails": True}
    kept.put_contact(contact["ContactID"], ContactPersons=[*contact["ContactPersons"], ola])
    person = kept.sandbox.qondor.contact_persons.all()[0]
    kept.sandbox.qondor.contact_persons.update({"id": person["id"], "lastName": "Hansen"})
    kept.forget_versions()
    kept.sync()
    people = kept.contacts()[0]["ContactPersons"]
    assert [(one.get("FirstName"), one.get("LastName"), one["IncludeInEmails"]) for one in people] == [
        ("Kari", "Hansen", False),
        ("Ola", None, True),
    ]


def test_a_person_without_an_address_is_there_once_however_often_it_is_looked(kept: CustomerWorld) -> None:
    ola, kari = {"firstName": "Ola"}, {"firstName": "Kari", "lastName": "Nordmann", "email": "not an address"}
    kept.add(901, contactPersons=[ola, kari])
    kept.sync()
    kept.forget_versions()
    kept.sandbox.traffic.reset()
    assert kept.sync().results == []
    assert not kept.calls("xero", *WRITES)
    [person, _] = kept.sandbox.qondor.contact_persons.all()
    kept.sandbox.qondor.contact_persons.update({"id": person["id"], "firstName": "Olav"})
    kept.forget_versions()
    run = kept.sync()
    assert {one[1:] for one in run.table} == {("contact person Olav: first_name", "Ola", "Olav")}
    kept.sandbox.qondor.contact_persons.update({"id": person["id"], "email": "olav@nordlys.example"})
    kept.forget_versions()
    kept.sync()
    told = [(one.get("FirstName"), one.get("EmailAddress")) for one in kept.contacts()[0]["ContactPersons"]]
    assert told == [("Olav", "olav@nordlys.example"), ("Kari", None)]
    assert kept.sync().results == []


@pytest.mark.parametrize("ahead", [True, False])
def test_an_address_that_xero_refuses_keeps_nothing_else_back(kept: CustomerWorld, ahead: bool) -> None:
    kept.writes_ahead = ahead
    kept.add(901, invoiceEmail="blåbær@øl.example", contactPersons=[{"firstName": "Ola", "email": "ola@x.example"}])
    kept.sync()
    [contact] = kept.contacts()
    assert contact["AccountNumber"] == "C-901"
    assert {one["AddressType"] for one in contact["Addresses"] if one.get("City")} == {"STREET", "POBOX"}
    assert contact.get("EmailAddress") is None
    assert kept.customer_row(901).reason == "Xero does not take email 'blåbær@øl.example'; it stays as it is there"
    kept.forget_versions()
    kept.sandbox.traffic.reset()
    assert kept.sync().results == []
    assert not kept.calls("xero", *WRITES)


def test_a_route_that_makes_no_customers_lists_who_is_only_there(listing: CustomerWorld) -> None:
    listing.add(901)
    listing.put_contact("c-1", Name="Sør AS")
    listing.sync()
    assert len(listing.contacts()) == 1
    assert {row.reason for row in listing.customer_rows()} == {
        "only in Qondor; the route makes no customers",
        "only in Xero, and Qondor is the master",
    }


def test_a_dry_run_writes_nothing_anywhere_and_says_what_the_run_then_does(kept: CustomerWorld) -> None:
    kept.add(901)
    kept.add(902, name="Acme AS")
    kept.put_contact("c-1", Name="Acme AS")
    foreseen = {(row.customer, row.field, row.old, row.new) for row in kept.plan(dry_run=True).table}
    assert not kept.calls("xero", *WRITES)
    assert kept.customer_rows() == []
    run = kept.sync()
    written = {(row.label, *one) for row in kept.customer_rows() for one in row.written}
    assert foreseen == run.table == written


def test_more_than_a_run_may_take_waits_without_being_read_again(kept: CustomerWorld) -> None:
    for number in range(901, 906):
        kept.add(number)
    kept.sync(limit=3)
    assert len(kept.contacts()) == 3
    kept.sandbox.traffic.reset()
    kept.sync()
    assert len(kept.contacts()) == 5
    assert [call.path for call in kept.calls("qondor")] == ["/Customer/v1/Customer/GetAll"]
