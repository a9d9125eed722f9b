from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge.systems.xero.finance import XeroFinance
from invoice_bridge_core.errors import ContactUnusableError, NeedsHumanError, OutcomeUnknownError
from tests.builders import party, route
from tests.hooks.scripted_server import connection_json, reply, scripted_server
from tests.systems.xero.openapi import check_body

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.ports import Contact
    from tests.systems.xero.conftest import Xero

SAME = {"TaxNumber": "912 345 678 MVA", "EmailAddress": "invoice@acme.example"}
BOOKER = party(
    key="anna@x.no",
    name="Anna Berg",
    is_booker=True,
    first_name="Anna",
    last_name="Berg",
    email="anna@x.no",
    tax_numbers=(),
)


def create(finance: XeroFinance, one: Party | None = None, *, name_is_taken: bool = False) -> Contact:
    return finance.contact_editor.create(one or party(), idempotency_key="contact-key", name_is_taken=name_is_taken)


def find(finance: XeroFinance, one: Party) -> Contact:
    """The contact that is there."""
    found = finance.contacts.find(one)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "written", ["NO912345678MVA", "912345678", "NO 912 345 678 MVA", "912 345 678", "no912345678mva"]
)
def test_a_tax_number_is_found_in_one_call_however_it_is_written(xero: Xero, written: str) -> None:
    there = xero.books.add_contact(Name="Acme", TaxNumber=written)
    found = find(xero.finance(), party())
    assert found.contact_id == there["ContactID"]
    assert xero.calls() == ["GET /Contacts", "POST /Contacts/{contact_id}"]


def test_an_unchanged_contact_is_not_written(xero: Xero) -> None:
    finance = xero.finance()
    made = create(finance)
    xero.calls()
    assert finance.contacts.find(party()) == replace(made, created=False)
    assert finance.contact_editor.update(made.contact_id, party()).contact_id == made.contact_id
    assert xero.calls() == ["GET /Contacts", "GET /Contacts/{contact_id}"]


def test_the_tax_number_goes_before_the_address(xero: Xero) -> None:
    xero.books.add_contact(Name="By mail", EmailAddress="invoice@acme.example")
    by_tax = xero.books.add_contact(Name="By tax", TaxNumber="912345678")
    assert find(xero.finance(), party()).contact_id == by_tax["ContactID"]


def test_without_a_tax_number_there_the_address_is_what_counts(xero: Xero) -> None:
    there = xero.books.add_contact(Name="By mail", EmailAddress="INVOICE@acme.example")
    found = find(xero.finance(), party())
    assert (found.contact_id, found.name) == (there["ContactID"], "Acme Events AS")
    assert xero.calls() == ["GET /Contacts", "GET /Contacts", "POST /Contacts/{contact_id}"]
    assert xero.books.contacts[there["ContactID"]]["TaxNumber"] == "NO912345678MVA"


def test_an_address_that_another_company_has_does_not_make_them_one(xero: Xero) -> None:
    finance, mother = xero.finance(), party()
    daughter = party(key="902", name="Acme Rentals AS", customer_number="C-902", tax_numbers=("NO987654321MVA",))
    made = create(finance, mother)
    assert finance.contacts.find(daughter) is None
    own = finance.contact_editor.create(daughter, idempotency_key="another-key", name_is_taken=False)
    assert own.contact_id != made.contact_id
    names = [(row["Name"], row["TaxNumber"]) for row in xero.books.contacts.rows()]
    assert names == [("Acme Events AS", "NO912345678MVA"), ("Acme Rentals AS", "NO987654321MVA")]


def test_an_archived_contact_of_another_company_with_the_address_stands_in_nobodys_way(xero: Xero) -> None:
    there = {"Name": "Acme Group AS", "TaxNumber": "987654321", "EmailAddress": "invoice@acme.example"}
    xero.books.add_contact(**there, ContactStatus="ARCHIVED")
    assert xero.finance().contacts.find(party()) is None


@pytest.mark.parametrize(("there", "ours"), [("n/a", ("NO912345678MVA",)), ("987654321", ("-",)), ("987654321", ())])
def test_where_either_has_no_real_tax_number_the_address_counts(xero: Xero, there: str, ours: tuple[str, ...]) -> None:
    contact = xero.books.add_contact(Name="By mail", EmailAddress="invoice@acme.example", TaxNumber=there)
    assert find(xero.finance(), party(tax_numbers=ours)).contact_id == contact["ContactID"]


def test_a_contact_that_we_made_stays_its_customers_when_the_tax_number_changes(xero: Xero) -> None:
    finance = xero.finance()
    made = create(finance)
    assert find(finance, party(tax_numbers=("NO987654321MVA",))).contact_id == made.contact_id
    assert xero.books.contacts[made.contact_id]["TaxNumber"] == "NO987654321MVA"


def test_a_number_that_is_none_makes_nobody_the_same(xero: Xero) -> None:
    xero.books.add_contact(Name="Somebody", TaxNumber="n/a")
    assert xero.finance().contacts.find(party(tax_numbers=("n/a",), email=None)) is None
    (entry,) = xero.entries()
    assert "TaxNumber" not in entry.query


def test_a_booker_is_found_by_address_alone_and_renames_nobody(xero: Xero) -> None:
    company = xero.books.add_contact(Name="Berg AS", EmailAddress="anna@x.no", TaxNumber="912345678")
    found = find(xero.finance(), BOOKER.model_copy(update={"tax_numbers": ("999999999",)}))
    assert (found.contact_id, found.name) == (company["ContactID"], "Berg AS")
    again = xero.finance().contact_editor.update(company["ContactID"], BOOKER)
    assert again.name == "Berg AS"
    assert xero.calls() == ["GET /Contacts", "GET /Contacts/{contact_id}"]


def test_a_booker_that_we_made_follows_its_data(xero: Xero) -> None:
    finance = xero.finance()
    made = create(finance, BOOKER)
    finance.contact_editor.update(made.contact_id, BOOKER.model_copy(update={"name": "Anna Berg Dahl"}))
    assert xero.books.contacts[made.contact_id]["Name"] == "Anna Berg Dahl"


def test_of_several_the_same_one_is_taken_every_time(xero: Xero) -> None:
    ids = [xero.books.add_contact(Name=f"Acme {number}", **SAME)["ContactID"] for number in range(4)]
    first = find(xero.finance(), party(name="Acme Events AS"))
    assert xero.books.contacts[first.contact_id]["Name"] == "Acme Events AS"
    assert first.contact_id == min(ids)
    assert find(xero.finance(), party(name="Acme New")).contact_id == first.contact_id


def test_of_several_a_person_chooses_when_the_route_says_so(xero: Xero) -> None:
    for number in range(2):
        xero.books.add_contact(Name=f"Acme {number}", **SAME)
    with pytest.raises(NeedsHumanError, match=r"2 contacts in Xero fit 'Acme Events AS'.*'Acme [01]', 'Acme [01]'"):
        xero.finance(ambiguous_contact="hold").contacts.find(party())


def test_nobody_there(xero: Xero) -> None:
    assert xero.finance().contacts.find(party()) is None
    assert xero.calls() == ["GET /Contacts", "GET /Contacts"]


def test_an_address_with_signs_that_mean_something_in_a_url(xero: Xero) -> None:
    there = xero.books.add_contact(Name="Acme", EmailAddress="a+b&c=d@acme.example")
    assert find(xero.finance(), party(tax_numbers=(), email="a+b&c=d@acme.example")).contact_id == there["ContactID"]


def test_what_cannot_be_asked_is_not_asked(xero: Xero) -> None:
    assert xero.finance().contacts.find(party(tax_numbers=('NO"912345678"',), email='"a"@x.no')) is None
    asked = " ".join(unquote_plus(entry.query) for entry in xero.entries())
    assert '"NO""' not in asked
    assert 'TaxNumber=="NO"9' not in asked
    assert "EmailAddress" not in asked


def test_a_new_contact(xero: Xero) -> None:
    made = create(xero.finance())
    (entry,) = xero.entries()
    (sent,) = entry.body["Contacts"]
    check_body("Contact", sent)
    assert made.created
    assert sent["ContactNumber"] == "qondor_default:customer:901"
    assert entry.query == "summarizeErrors=false"
    assert xero.books.contacts[made.contact_id]["Addresses"][0]["City"] == "Oslo"


def test_a_country_in_its_own_spelling_keeps_no_contact_from_being_made(xero: Xero) -> None:
    address = party().address.model_copy(update={"country": "Österreich", "country_code": "AT"})
    made = create(xero.finance(), party(address=address))
    assert xero.books.contacts[made.contact_id]["Addresses"][0]["Country"] == "AT"
    assert xero.finance().contact_editor.update(made.contact_id, party(address=address)) is not None
    assert xero.calls() == ["PUT /Contacts", "GET /Contacts/{contact_id}"]


def test_a_name_that_is_known_to_be_taken(xero: Xero) -> None:
    xero.books.add_contact(Name="acme events as")
    assert create(xero.finance(), name_is_taken=True).name == "Acme Events AS (C-901)"
    assert xero.calls() == ["PUT /Contacts"]


def test_a_name_that_turns_out_to_be_anothers(xero: Xero) -> None:
    xero.books.add_contact(Name="acme events as", TaxNumber="NO987654321MVA")
    finance = xero.finance()
    made = create(finance)
    assert made.name == "Acme Events AS (C-901)"
    assert xero.calls() == ["PUT /Contacts", "GET /Contacts", "PUT /Contacts"]
    assert finance.contact_editor.update(made.contact_id, party()).name == "Acme Events AS (C-901)"
    assert xero.calls() == ["GET /Contacts/{contact_id}"]


def test_an_update_that_would_take_anothers_name_leaves_the_name(xero: Xero) -> None:
    xero.books.add_contact(Name="Acme New AS")
    finance = xero.finance()
    made = create(finance)
    updated = finance.contact_editor.update(made.contact_id, party(name="Acme New AS", phone="+4722999999"))
    assert updated.name == "Acme Events AS"
    assert xero.books.contacts[made.contact_id]["Phones"][0]["PhoneNumber"] == "+4722999999"


def test_an_archived_contact_of_ours_needs_a_person(xero: Xero) -> None:
    finance = xero.finance()
    made = create(finance)
    xero.books.contacts.change(made.contact_id, ContactStatus="ARCHIVED")
    with pytest.raises(ContactUnusableError):
        finance.contact_editor.update(made.contact_id, party())
    with pytest.raises(NeedsHumanError, match=r"'Acme Events AS'.* is archived in Xero: restore it"):
        finance.contacts.find(party())
    with pytest.raises(NeedsHumanError, match="Contact 'Acme Events AS' is archived in Xero: restore it"):
        finance.contact_editor.create(party(), idempotency_key="another-key", name_is_taken=False)


def test_a_match_that_was_merged_leads_to_its_successor(xero: Xero) -> None:
    new = xero.books.add_contact(Name="Acme Group AS")
    old = xero.books.add_contact(Name="Acme Old AS", TaxNumber="912 345 678", ContactStatus="ARCHIVED")
    xero.books.contacts.change(old["ContactID"], MergedToContactID=new["ContactID"])
    found = find(xero.finance(), party())
    assert found.contact_id == new["ContactID"]


def test_a_match_that_was_merged_goes_before_a_sister_company_with_the_address(xero: Xero) -> None:
    new = xero.books.add_contact(Name="Acme Group AS")
    sister = xero.books.add_contact(Name="Acme Sister AS", EmailAddress="invoice@acme.example")
    old = xero.books.add_contact(Name="Acme Old AS", TaxNumber="912 345 678", ContactStatus="ARCHIVED")
    xero.books.contacts.change(old["ContactID"], MergedToContactID=new["ContactID"])
    found = find(xero.finance(), party())
    assert found.contact_id == new["ContactID"]
    assert xero.books.contacts[sister["ContactID"]]["Name"] == "Acme Sister AS"


def test_a_duplicate_that_was_archived_leaves_the_address_to_go_by(xero: Xero) -> None:
    xero.books.add_contact(Name="Acme Old AS", TaxNumber="912 345 678", ContactStatus="ARCHIVED")
    there = xero.books.add_contact(Name="Acme AS", EmailAddress="invoice@acme.example")
    found = find(xero.finance(), party())
    assert found.contact_id == there["ContactID"]


def test_a_contact_that_is_gone_is_unusable(xero: Xero) -> None:
    with pytest.raises(ContactUnusableError):
        xero.finance().contact_editor.update("c0ffee00-0000-4000-8000-000000000001", party())


def test_a_merged_contact_leads_to_its_successor(xero: Xero) -> None:
    finance = xero.finance()
    old, new = create(finance), xero.books.add_contact(Name="Acme Group AS")
    xero.books.contacts.change(old.contact_id, MergedToContactID=new["ContactID"], ContactStatus="ARCHIVED")
    assert finance.contact_editor.update(old.contact_id, party()).contact_id == new["ContactID"]


@pytest.mark.parametrize(
    "fault", [{"kind": "close", "when": "after"}, {"kind": "error", "when": "after"}, {"kind": "half_json"}]
)
def test_a_contact_whose_answer_was_lost_is_recovered(xero: Xero, fault: dict[str, Any]) -> None:
    finance = xero.finance()
    xero.sandbox.fault(system="xero", method="PUT", path="*/Contacts", count=1, **fault)
    with pytest.raises(OutcomeUnknownError):
        create(finance)
    recovered = finance.contact_editor.recover(party())
    assert recovered is not None
    assert recovered.contact_id in xero.books.contacts
    assert finance.contact_editor.recover(party(key="902")) is None


def test_a_contact_whose_key_no_filter_can_hold_is_recovered_too(xero: Xero) -> None:
    cafe = party(key='name:Cafe "B"', name='Cafe "B"', tax_numbers=(), email=None)
    finance = xero.finance()
    xero.sandbox.fault(system="xero", method="PUT", path="*/Contacts", count=1, kind="close", when="after")
    with pytest.raises(OutcomeUnknownError):
        create(finance, cafe)
    recovered = finance.contact_editor.recover(cafe)
    assert recovered is not None
    assert recovered.contact_id in xero.books.contacts


def test_a_server_that_knows_no_or_is_asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as server:
        extra = {"token_url": f"{server.url}/token"}
        connection = connection_json(conn_type="xero", host=server.url, login="id", password="a-secret", extra=extra)
        monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", connection)
        there = {"ContactID": "7", "Name": "Acme Events AS", "TaxNumber": "912345678"}
        stranger = {"ContactID": "1", "Name": "Stranger", "TaxNumber": "999999999"}
        server.answers(
            reply({"access_token": "token"}),
            reply({"Message": "QueryParseException"}, 400),
            reply({"Contacts": [stranger]}),
            reply({"Contacts": [stranger, there]}),
        )
        finance = XeroFinance(XeroHook(tokens=MemoryTokenStore()), route())
        bare = party(
            email=None,
            phone=None,
            address=party().address.model_copy(update=dict.fromkeys(party().address.model_dump())),
        )
        assert find(finance, bare).contact_id == "7"
        assert [sent.path.count("TaxNumber") for sent in server.seen[1:]] == [
            server.seen[1].path.count("TaxNumber"),
            1,
            1,
        ]
        assert server.seen[1].path.count("OR") > 1
