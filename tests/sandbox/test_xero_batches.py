"""Batches of which one element is wrong: by the documentation none is saved, by users' reports the others may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.xero.wire import ZERO_ID
from tests.sandbox.clients import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient

    Body = Callable[..., dict[str, Any]]


def send(xero: XeroClient, invoice: Body, **params: str) -> requests.Response:
    batch = [
        invoice(InvoiceNumber="B-1"),
        invoice(InvoiceNumber="B-2", CurrencyCode="XXX"),
        invoice(InvoiceNumber="B-3"),
    ]
    return xero.call("PUT", "Invoices", json={"Invoices": batch}, params=params)


def numbers(sandbox: Sandbox) -> set[str]:
    return {row["InvoiceNumber"] for row in sandbox.xero.invoices.rows()}


def test_a_summarised_batch_is_saved_whole_or_not_at_all(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    answer = send(xero, invoice)
    assert answer.status_code == 400
    assert [each["InvoiceNumber"] for each in answer.json()["Elements"]] == ["B-2"]
    assert numbers(sandbox) == set()


def test_each_element_answers_for_itself(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    answer = send(xero, invoice, summarizeErrors="false")
    assert [each["StatusAttributeString"] for each in answer.json()["Invoices"]] == ["OK", "ERROR", "OK"]
    assert numbers(sandbox) == {"B-1", "B-3"}


@pytest.mark.parametrize("params", [{}, {"summarizeErrors": "false"}])
def test_a_batch_may_be_refused_and_saved_in_part(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, params: dict[str, str]
) -> None:
    requests.post(f"{sandbox.url}/sandbox/xero/saves_parts", timeout=10).raise_for_status()
    answer = send(xero, invoice, **params)
    assert answer.status_code == 400
    assert [each["InvoiceNumber"] for each in answer.json()["Elements"]] == ["B-2"]
    assert numbers(sandbox) == {"B-1", "B-3"}


def test_the_switch_is_off_after_a_reset(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    sandbox.xero.books.saves_parts = True
    sandbox.reset(documents=0, data="plain")
    assert not sandbox.xero.books.saves_parts


def test_a_number_comes_once_in_a_batch(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    batch = [invoice(InvoiceNumber=number) for number in ("B-1", "b-1", "B-2")]
    answer = xero.call("PUT", "Invoices", json={"Invoices": batch}, params={"summarizeErrors": "false"})
    first, second, third = answer.json()["Invoices"]
    assert [each["StatusAttributeString"] for each in (first, second, third)] == ["OK", "ERROR", "OK"]
    assert second["ValidationErrors"] == [{"Message": "Invoice # must be unique."}]
    assert (second["InvoiceID"], second["InvoiceNumber"], second["HasErrors"]) == (ZERO_ID, "b-1", True)
    assert numbers(sandbox) == {"B-1", "B-2"}


def test_post_overwrites_what_has_the_number(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    batch = [invoice(line(amount), InvoiceNumber="B-1") for amount in ("100.00", "70.00")]
    answer = xero.call("POST", "Invoices", json={"Invoices": batch}, params={"summarizeErrors": "false"})
    assert [each["StatusAttributeString"] for each in answer.json()["Invoices"]] == ["OK", "OK"]
    assert len(sandbox.xero.invoices) == 1


def test_credit_notes_answer_for_themselves_too(sandbox: Sandbox, xero: XeroClient, credit_note: Body) -> None:
    batch = [
        credit_note(CreditNoteNumber="C-1"),
        credit_note(CreditNoteNumber="C-2", CurrencyCode="XXX"),
        credit_note(CreditNoteNumber="C-1"),
    ]
    answer = xero.call("PUT", "CreditNotes", json={"CreditNotes": batch}, params={"summarizeErrors": "false"})
    assert [each["StatusAttributeString"] for each in answer.json()["CreditNotes"]] == ["OK", "ERROR", "ERROR"]
    assert [row["CreditNoteNumber"] for row in sandbox.xero.credit_notes.rows()] == ["C-1"]
    where = 'CreditNoteNumber=="C-1" OR CreditNoteNumber=="C-2"'
    found = xero.get("CreditNotes", where=where)["CreditNotes"]
    assert [each["CreditNoteNumber"] for each in found] == ["C-1"]


def test_a_contact_is_made_once_in_a_batch(sandbox: Sandbox, xero: XeroClient) -> None:
    made = xero.write("PUT", "Contacts", {"Contacts": [{"Name": "Acme AS"}, {"Name": "ACME AS"}, {"Name": "Beta AS"}]})
    assert [each["StatusAttributeString"] for each in made] == ["OK", "ERROR", "OK"]
    assert made[1]["HasValidationErrors"]
    assert sorted(row["Name"] for row in sandbox.xero.contacts.rows()) == ["Acme AS", "Beta AS"]


def test_many_are_found_in_one_call(xero: XeroClient, invoice: Body) -> None:
    made = xero.write("PUT", "Invoices", {"Invoices": [invoice(InvoiceNumber=f"B-{place}") for place in range(45)]})
    wanted = ",".join(f"b-{place}" for place in (3, 44, 17, 99))
    found = xero.get("Invoices", InvoiceNumbers=wanted)["Invoices"]
    assert {each["InvoiceNumber"] for each in found} == {"B-3", "B-17", "B-44"}
    everyone = ",".join(each["InvoiceNumber"] for each in made)
    pages = [xero.get("Invoices", InvoiceNumbers=everyone, page=page, pageSize=20) for page in (1, 2, 3)]
    assert [len(page["Invoices"]) for page in pages] == [20, 20, 5]
    assert pages[0]["pagination"] == {"page": 1, "pageSize": 20, "pageCount": 3, "itemCount": 45}
    assert len({each["InvoiceID"] for page in pages for each in page["Invoices"]}) == 45
    forty = xero.get("Invoices", IDs=",".join(each["InvoiceID"] for each in made[:40]))["Invoices"]
    assert len(forty) == 40
    refused = xero.call("GET", "Invoices", params={"IDs": ",".join(each["InvoiceID"] for each in made[:41])})
    assert refused.status_code == 400


def test_a_number_with_a_comma_cannot_be_asked_for_among_others(xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice(InvoiceNumber="B-1,2"))
    assert xero.get("Invoices", InvoiceNumbers="B-1,2")["Invoices"] == []
    assert len(xero.get("Invoices", where='InvoiceNumber=="B-1,2"')["Invoices"]) == 1


def test_contacts_are_found_many_at_a_time(xero: XeroClient) -> None:
    made = xero.write(
        "PUT", "Contacts", {"Contacts": [{"Name": f"C {one}", "ContactNumber": f"k{one}"} for one in "abc"]}
    )
    ids = ",".join(each["ContactID"] for each in made[:2])
    assert [each["Name"] for each in xero.get("Contacts", IDs=ids)["Contacts"]] == ["C a", "C b"]
    numbered = xero.get("Contacts", where='ContactNumber=="ka" OR ContactNumber=="kc" OR ContactNumber=="kx"')
    assert [each["Name"] for each in numbered["Contacts"]] == ["C a", "C c"]


def test_fifty_are_one_call_and_more_are_refused(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    batch = [invoice(InvoiceNumber=f"B-{place}") for place in range(51)]
    minute = sandbox.xero.limits.windows["minute"]
    before = minute.remaining()
    answer = xero.call("PUT", "Invoices", json={"Invoices": batch[:50]}, params={"summarizeErrors": "false"})
    assert answer.status_code == 200
    assert minute.remaining() == before - 1
    assert answer.headers["X-MinLimit-Remaining"] == str(before - 1)
    assert xero.call("PUT", "Invoices", json={"Invoices": batch}).status_code == 400
    assert len(sandbox.xero.invoices) == 50
