"""Contacts (xero.md, "Contacts")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.clients import messages

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient


def _names(answer: dict[str, Any]) -> list[str]:
    return [contact["Name"] for contact in answer["Contacts"]]


def test_names_are_unique_among_active_contacts_whatever_their_case(sandbox: Sandbox, xero: XeroClient) -> None:
    sandbox.xero.add_contact(Name="Gone AS", ContactStatus="ARCHIVED")
    xero.contact("Acme AS")

    refused = xero.put("Contacts", {"Name": "ACME as"})

    assert "already assigned to another contact" in messages(refused)
    assert refused["ContactID"] == "00000000-0000-0000-0000-000000000000"
    assert messages(xero.put("Contacts", {"Name": "Gone AS"})) == ""


def test_a_post_by_name_overwrites_that_contact(xero: XeroClient) -> None:
    contact_id = xero.contact("Acme AS", EmailAddress="old@acme.example")
    changed = xero.post("Contacts", {"Name": "acme as", "EmailAddress": "new@acme.example"})

    assert changed["ContactID"] == contact_id
    assert xero.get(f"Contacts/{contact_id}")["Contacts"][0]["EmailAddress"] == "new@acme.example"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('TaxNumber=="912345678"', ["Ærlig & Co"]),
        ('EmailAddress=="POST+a@b.example"', ["Ærlig & Co"]),
        ('Name=="ærlig & co"', ["Ærlig & Co"]),
        ('TaxNumber=="1" OR ContactNumber=="C-2"', ["Beta"]),
        ('(Name=="Beta" OR Name=="Gamma") AND TaxNumber==null', ["Beta", "Gamma"]),
        ('Name.StartsWith("ga")', ["Gamma"]),
        ('TaxNumber=="NO 912 345 678 MVA"', []),
    ],
)
def test_filters(xero: XeroClient, where: str, found: list[str]) -> None:
    xero.contact("Ærlig & Co", TaxNumber="912345678", EmailAddress="post+a@b.example")
    xero.contact("Beta", ContactNumber="C-2")
    xero.contact("Gamma")

    assert _names(xero.get("Contacts", where=where)) == found


def test_a_double_quote_inside_a_literal_cannot_be_asked_for(xero: XeroClient) -> None:
    assert xero.call("GET", "Contacts", params={"where": 'Name=="Restaurant "Havet" AS"'}).status_code == 400


def test_an_update_moves_a_contact_to_the_end_unless_an_order_is_asked_for(xero: XeroClient) -> None:
    first = xero.contact("Alfa")
    xero.contact("Beta")
    xero.post("Contacts", {"ContactID": first, "EmailAddress": "a@alfa.example"})

    assert _names(xero.get("Contacts")) == ["Beta", "Alfa"]
    assert _names(xero.get("Contacts", order="Name ASC")) == ["Alfa", "Beta"]


def test_archived_contacts_are_invisible_and_cannot_be_edited(sandbox: Sandbox, xero: XeroClient) -> None:
    gone = sandbox.xero.add_contact(Name="Gone AS", ContactStatus="ARCHIVED")

    assert _names(xero.get("Contacts")) == []
    assert _names(xero.get("Contacts", includeArchived="true")) == ["Gone AS"]
    assert "matched an archived contact" in messages(
        xero.post("Contacts", {"ContactID": gone["ContactID"], "Name": "New"})
    )


def test_pages_tell_how_many_there_are(xero: XeroClient) -> None:
    for number in range(5):
        xero.contact(f"Contact {number}")
    answer = xero.get("Contacts", page=2, pageSize=2, order="Name")

    assert _names(answer) == ["Contact 2", "Contact 3"]
    assert answer["pagination"] == {"page": 2, "pageSize": 2, "pageCount": 3, "itemCount": 5}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"EmailAddress": "no-address"}, "Email address must be valid"),
        ({"Name": "x" * 256}, "255"),
        ({"TaxNumber": "9" * 51}, "TaxNumber"),
        ({"Name": " "}, "Name must be specified"),
    ],
)
def test_contacts_that_are_refused(sandbox: Sandbox, xero: XeroClient, fields: dict[str, Any], message: str) -> None:
    assert message in messages(xero.put("Contacts", {"Name": "Acme", **fields}))
    assert len(sandbox.xero.contacts) == 0


def test_each_element_answers_for_itself_or_all_are_refused(sandbox: Sandbox, xero: XeroClient) -> None:
    body = {"Contacts": [{"Name": "Good"}, {"Name": "Bad", "EmailAddress": "nonsense"}]}
    together = xero.call("PUT", "Contacts", json=body)

    assert together.status_code == 400
    assert together.json()["Type"] == "ValidationException"
    assert len(sandbox.xero.contacts) == 0
    statuses = [each["StatusAttributeString"] for each in xero.write("PUT", "Contacts", body)]
    assert statuses == ["OK", "ERROR"]
    assert len(sandbox.xero.contacts) == 1


PERSON = {"FirstName": "Åse", "LastName": "Dahl", "EmailAddress": "ase@acme.example", "IncludeInEmails": True}


def _people(xero: XeroClient, contact_id: str) -> list[str]:
    contact = xero.get(f"Contacts/{contact_id}")["Contacts"][0]
    return [person.get("FirstName", "") for person in contact.get("ContactPersons", [])]


def test_people_who_are_sent_replace_those_who_were_there(xero: XeroClient) -> None:
    contact_id = xero.contact("Acme AS", FirstName="Bo", ContactPersons=[PERSON])
    steps: list[tuple[list[dict[str, Any]] | None, list[str]]] = [
        (None, ["Åse"]),
        ([], ["Åse"]),
        ([{**PERSON, "FirstName": "Kim"}, PERSON], ["Kim", "Åse"]),
        ([{}], []),
    ]
    for sent, left in steps:
        body = {"ContactID": contact_id, **({} if sent is None else {"ContactPersons": sent})}
        assert messages(xero.post("Contacts", body)) == ""
        assert _people(xero, contact_id) == left


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"FirstName": "Bo", "ContactPersons": [PERSON] * 6}, "maximum of 5"),
        ({"ContactPersons": [PERSON]}, "no primary person"),
        ({"FirstName": "Bo", "ContactPersons": [{**PERSON, "EmailAddress": "åse"}]}, "must be valid"),
        ({"PaymentTerms": {"Sales": {"Day": 14, "Type": "NET"}}}, "is not valid"),
        ({"PaymentTerms": {"Sales": {"Day": 32, "Type": "OFCURRENTMONTH"}}}, "between 0 and 31"),
    ],
)
def test_what_people_and_terms_have_to_be(xero: XeroClient, fields: dict[str, Any], problem: str) -> None:
    assert problem in messages(xero.put("Contacts", {"Name": "Acme AS", **fields}))


def test_lists_without_pages_tell_neither_people_nor_terms(xero: XeroClient) -> None:
    terms = {"Sales": {"Day": 14, "Type": "DAYSAFTERBILLDATE"}}
    xero.contact("Acme AS", FirstName="Bo", ContactPersons=[PERSON], PaymentTerms=terms)

    assert not {"ContactPersons", "PaymentTerms"} & set(xero.get("Contacts")["Contacts"][0])
    shown = xero.get("Contacts", page=1)["Contacts"][0]
    assert (shown["ContactPersons"], shown["PaymentTerms"]) == ([PERSON], terms)
