from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.hooks.auth.tokens import MemoryTokenStore
from invoice_bridge.hooks.xero.hook import XeroHook
from invoice_bridge_core.errors import LimitReachedError, OutcomeUnknownError, RefusedError
from tests.hooks.scripted_server import DROP, ScriptedServer, connection_json, reply

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox

TOKEN = {"access_token": "the-access-token", "expires_in": 1800, "token_type": "Bearer"}
PERSONS = [{"FirstName": "Åse", "LastName": "Dahl", "EmailAddress": "ase@acme.example", "IncludeInEmails": True}]
TERMS = {"Sales": {"Day": 14, "Type": "DAYSAFTERBILLDATE"}}


@pytest.fixture
def books(sandbox: Sandbox) -> Sandbox:
    sandbox.reset(documents=0, data="plain")
    sandbox.xero.contacts.clear()
    return sandbox


@pytest.fixture
def hook(books: Sandbox) -> XeroHook:
    return XeroHook(tokens=MemoryTokenStore(), sleep=lambda seconds: None)


@pytest.fixture
def scripted(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> XeroHook:
    connection = connection_json(
        conn_type="xero", host=server.url, login="a", password="b" * 9, extra={"token_url": f"{server.url}/token"}
    )
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", connection)
    return XeroHook(sleep=lambda seconds: None)


def names(sandbox: Sandbox) -> list[str]:
    return sorted(row["Name"] for row in sandbox.xero.contacts.rows())


def numbered(start: int, count: int) -> list[dict[str, Any]]:
    return [{"Name": f"Customer {number:04d}"} for number in range(start, start + count)]


def test_pages_show_every_contact_with_its_people_and_terms(hook: XeroHook, books: Sandbox) -> None:
    full = books.xero.add_contact(
        Name="Acme AS", FirstName="Bo", EmailAddress="bo@acme.example", ContactPersons=PERSONS, PaymentTerms=TERMS
    )
    gone = books.xero.add_contact(Name="Gone AS", ContactStatus="ARCHIVED")
    merged = books.xero.add_contact(Name="Acme A/S")
    books.xero.merge_contacts(merged["ContactID"], full["ContactID"])
    pages = [hook.contacts_page(page, 2) for page in (1, 2)]
    assert [len(page) for page in pages] == [2, 1]
    found = {contact.contact_id: contact for page in pages for contact in page}
    assert set(found) == {full["ContactID"], gone["ContactID"], merged["ContactID"]}
    acme = found[full["ContactID"]]
    assert acme.persons is not None
    assert [(one.first_name, one.email, one.include_in_emails) for one in acme.persons] == [
        ("Åse", "ase@acme.example", True)
    ]
    assert acme.payment_terms is not None
    assert acme.payment_terms.sales is not None
    assert (acme.payment_terms.sales.day, acme.payment_terms.sales.type) == (14, "DAYSAFTERBILLDATE")
    assert found[merged["ContactID"]].merged_to == full["ContactID"]
    assert found[gone["ContactID"]].is_archived


def test_a_thousand_contacts_are_one_call(hook: XeroHook, books: Sandbox) -> None:
    for body in numbered(0, 1_001):
        books.xero.add_contact(**body)
    books.traffic.reset()
    assert [len(hook.contacts_page(page)) for page in (1, 2)] == [1_000, 1]
    assert books.calls()["xero"]["reads"] == 2


def test_only_what_changed_since_is_shown(hook: XeroHook, books: Sandbox) -> None:
    first = books.xero.add_contact(Name="Old AS")
    books.xero.add_contact(Name="Other AS")
    books.clock.advance(600)
    since = books.clock.now()
    books.clock.advance(5)
    books.xero.accounting.contacts.create_or_update({"ContactID": first["ContactID"], "TaxNumber": "1"})
    assert [contact.name for contact in hook.contacts_page(1, modified_since=since)] == ["Old AS"]
    assert hook.contacts_page(1, modified_since=since + dt.timedelta(minutes=5)) == []


def test_each_contact_answers_for_itself(hook: XeroHook, books: Sandbox) -> None:
    taken = books.xero.add_contact(Name="Acme AS")
    gone = books.xero.add_contact(Name="Gone AS", ContactStatus="ARCHIVED")
    saved = hook.save_contacts(
        [
            {"Name": "New  One AS"},
            {"ContactID": taken["ContactID"], "TaxNumber": "912345678"},
            {"Name": "acme as", "TaxNumber": "666"},
            {"ContactID": gone["ContactID"], "TaxNumber": "1"},
            {"Name": "New Two AS", "EmailAddress": "not an address"},
            {"Name": "New Three AS"},
        ],
        "batch-1",
    )
    assert [each.contact_id is not None for each in saved] == [True, True, False, False, False, True]
    assert [type(each.error) for each in saved if each.error] == [RefusedError] * 3
    assert "already assigned to another contact" in saved[2].reasons[0]
    assert "archived" in saved[3].reasons[0]
    assert saved[4].reasons == ("Email address must be valid.",)
    assert saved[1].contact_id == taken["ContactID"]
    assert books.xero.contacts[taken["ContactID"]]["TaxNumber"] == "912345678"
    assert names(books) == ["Acme AS", "Gone AS", "New  One AS", "New Three AS"]


def test_fifty_take_one_call_and_none_takes_none(hook: XeroHook, books: Sandbox) -> None:
    made = hook.save_contacts(numbered(0, 50), "k")
    again = hook.save_contacts([{"ContactID": each.contact_id, "TaxNumber": "7"} for each in made], "l")
    assert hook.save_contacts([], "m") == []
    assert all(each.contact_id for each in again)
    assert books.calls()["xero"]["writes"] == 2
    with pytest.raises(ValueError, match="51 contacts"):
        hook.save_contacts(numbered(0, 51), "n")


def test_the_same_key_and_bodies_make_nothing_twice(hook: XeroHook, books: Sandbox) -> None:
    bodies = [{"Name": "Acme AS"}, {"Name": "Beta AS"}]
    first = hook.save_contacts(bodies, "k")
    assert [each.contact_id for each in hook.save_contacts(bodies, "k")] == [each.contact_id for each in first]
    assert names(books) == ["Acme AS", "Beta AS"]


def test_a_batch_that_is_refused_as_a_whole_may_be_saved_in_part(hook: XeroHook, books: Sandbox) -> None:
    books.xero.books.saves_parts = True
    with pytest.raises(OutcomeUnknownError, match="a part of the batch may have been saved"):
        hook.save_contacts([{"Name": "Good AS"}, {"Name": "Bad AS", "EmailAddress": "bad"}], "k")
    assert names(books) == ["Good AS"]


@pytest.mark.parametrize("kind", ["close", "error", "half_json", "cut_short", "html"])
def test_after_a_lost_answer_all_are_unknown(hook: XeroHook, books: Sandbox, kind: str) -> None:
    books.fault(kind, system="xero", path="*/Contacts", method="PUT", when="after", count=1)
    with pytest.raises(OutcomeUnknownError):
        hook.save_contacts(numbered(0, 2), "k")
    assert len(names(books)) == 2
    assert books.calls()["xero"]["writes"] == 1


def test_a_lone_contact_is_refused_for_good(scripted: XeroHook, server: ScriptedServer) -> None:
    body = {"ErrorNumber": 10, "Elements": [{"ValidationErrors": [{"Message": "The name must be unique"}]}]}
    server.answers(reply(TOKEN), reply(body, 400))
    (saved,) = scripted.save_contacts([{"Name": "Acme AS"}], "k")
    assert saved.reasons == ("The name must be unique",)


@pytest.mark.parametrize(
    "elements",
    [
        [],
        [{"ContactID": "c1", "Name": "A"}],
        [{"ContactID": "c1", "Name": "B"}, {"ContactID": "c2", "Name": "A"}],
    ],
)
def test_an_answer_about_other_contacts_tells_nothing(
    scripted: XeroHook, server: ScriptedServer, elements: list[dict[str, str]]
) -> None:
    server.answers(reply(TOKEN), reply({"Contacts": elements}))
    with pytest.raises(OutcomeUnknownError):
        scripted.save_contacts([{"Name": "A"}, {"Name": "B"}], "k")


def test_an_element_that_says_two_things_is_unknown_alone(scripted: XeroHook, server: ScriptedServer) -> None:
    both = {"ContactID": "c1", "Name": "A", "HasValidationErrors": True}
    server.answers(reply(TOKEN), reply({"Contacts": [both, {"ContactID": "c2", "Name": "b"}, {"Name": "C"}]}))
    first, second, third = scripted.save_contacts([{"Name": "A"}, {"Name": "B"}, {"Name": "C"}], "k")
    assert isinstance(first.error, OutcomeUnknownError)
    assert second.contact_id == "c2"
    assert isinstance(third.error, OutcomeUnknownError)


@pytest.mark.parametrize("answer", [DROP, reply(None, 502)])
def test_a_lost_batch_is_not_sent_again(scripted: XeroHook, server: ScriptedServer, answer: Any) -> None:
    server.answers(reply(TOKEN), answer)
    with pytest.raises(OutcomeUnknownError):
        scripted.save_contacts([{"Name": "A"}, {"Name": "B"}], "k")
    assert [seen.method for seen in server.seen].count("PUT") == 1


def test_a_limit_leaves_nothing_done(scripted: XeroHook, server: ScriptedServer) -> None:
    server.answers(reply(TOKEN), reply(None, 429, Retry_After="7200", X_Rate_Limit_Problem="day"))
    with pytest.raises(LimitReachedError):
        scripted.save_contacts([{"Name": "A"}, {"Name": "B"}], "k")
