"""Customers, contact persons and sales (qondor.md, "Customers and contact persons", "Sales")."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.qondor.register import UnknownEntryError
from sandbox.sandbox import Sandbox
from tests.sandbox.clients import QondorClient

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMER, PERSON, SALE = "Customer/v1/Customer", "ContactPerson/v1/ContactPerson", "Sale/v1/Sale"
BODIES: dict[str, dict[str, Any]] = {
    CUSTOMER: {"name": "Bølgen & Moi AS", "externalReference": "r-1", "customerNumber": "C-1", "countryCode": "NO"},
    PERSON: {"firstName": "Åse", "email": "ase@people.example", "externalReference": "r-1"},
    SALE: {"projectId": 5501, "externalReference": "r-1", "date": "2026-11-02", "amountInclVat": 100},
}
ALL = pytest.mark.parametrize("path", [CUSTOMER, PERSON, SALE])


def by_reference(qondor: QondorClient, path: str, reference: str = "r-1") -> requests.Response:
    return qondor.call("GET", f"{path}/GetByExternalReference", params={"externalReference": reference})


def rows(sandbox: Sandbox, path: str) -> list[dict[str, Any]]:
    registers = {
        CUSTOMER: sandbox.qondor.customers, PERSON: sandbox.qondor.contact_persons, SALE: sandbox.qondor.sales,
    }  # fmt: skip
    return [row for row in registers[path].all() if row["externalReference"] == "r-1"]


@ALL
def test_writes_return_nothing_and_the_same_twice_is_there_twice(
    sandbox: Sandbox, qondor: QondorClient, path: str
) -> None:
    answers = [qondor.call("POST", path, json=BODIES[path]) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 2
    first, second = rows(sandbox, path)
    assert second["id"] == first["id"] + 1
    assert by_reference(qondor, path).json()["id"] == first["id"]
    changed = qondor.call("PUT", path, json={**BODIES[path], "externalReference": "R-1"})
    assert (changed.status_code, changed.content) == (204, b"")


@ALL
def test_an_update_names_its_entry_by_id_or_reference(sandbox: Sandbox, qondor: QondorClient, path: str) -> None:
    qondor.call("POST", path, json=BODIES[path])
    entry_id = rows(sandbox, path)[0]["id"]
    assert qondor.call("PUT", path, json={**BODIES[path], "id": entry_id, "externalReference": "r-2"}).ok
    assert by_reference(qondor, path).status_code == 404
    assert by_reference(qondor, path, "r-2").json()["id"] == entry_id
    assert qondor.call("PUT", path, json={**BODIES[path], "id": 404_404}).status_code == 404
    assert qondor.call("PUT", path, json=BODIES[path]).status_code == 404
    nameless = qondor.call("PUT", path, json={**BODIES[path], "externalReference": None})
    assert nameless.status_code == 400
    assert nameless.json()["errors"]["Id"]


@pytest.mark.parametrize(
    ("path", "fields", "wrong"),
    [
        (CUSTOMER, {"name": " "}, "Name"),
        (CUSTOMER, {"name": None}, "Name"),
        (CUSTOMER, {"name": "x" * 256}, "Name"),
        (CUSTOMER, {"invoiceEmail": "faktura, Snabel"}, "InvoiceEmail"),
        (CUSTOMER, {"countryCode": "NOR"}, "CountryCode"),
        (CUSTOMER, {"customerNumber": 7}, "CustomerNumber"),
        (CUSTOMER, {"isActive": "true"}, "IsActive"),
        (PERSON, {"firstName": None}, "FirstName"),
        (PERSON, {"email": "ase"}, "Email"),
        (SALE, {"projectId": None}, "ProjectId"),
        (SALE, {"projectId": "5501"}, "ProjectId"),
        (SALE, {"date": "02.11.2026"}, "Date"),
        (SALE, {"dueDate": "2026-02-30"}, "DueDate"),
        (SALE, {"currency": "KR"}, "Currency"),
        (SALE, {"amountInclVat": "100"}, "AmountInclVat"),
        (SALE, {"isPaid": 1}, "IsPaid"),
    ],
)
def test_what_a_body_may_not_hold(
    sandbox: Sandbox, qondor: QondorClient, path: str, fields: dict[str, Any], wrong: str
) -> None:
    refused = qondor.call("POST", path, json={**BODIES[path], **fields})
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert wrong in refused.json()["errors"]
    assert rows(sandbox, path) == []
    for body in ("[]", "{", "null"):
        assert qondor.call("POST", path, data=body).status_code == 400


def test_an_update_of_a_customer_keeps_what_it_does_not_hold(sandbox: Sandbox, qondor: QondorClient) -> None:
    qondor.call("POST", CUSTOMER, json={**BODIES[CUSTOMER], "officeId": 7, "city": "Oslo", "address2": "B"})
    update = {"externalReference": "r-1", "city": None, "address2": "", "countryCode": "SE", "officeId": 8}
    qondor.call("PUT", CUSTOMER, json=update)
    row = rows(sandbox, CUSTOMER)[0]
    assert [row[name] for name in ("city", "address2", "country", "officeId")] == ["Oslo", "", "Sweden", 7]
    sandbox.qondor.customers.keeps_missing = False
    qondor.call("PUT", CUSTOMER, json={"externalReference": "r-1", "name": "New AS"})
    row = rows(sandbox, CUSTOMER)[0]
    assert [row[name] for name in ("name", "city", "officeId", "isActive")] == ["New AS", None, 7, True]
    sandbox.reset(documents=0)
    assert sandbox.qondor.customers.keeps_missing


def test_the_list_of_customers_is_short_and_numbers_are_shared(sandbox: Sandbox, qondor: QondorClient) -> None:
    for office in (7, 8):
        sandbox.qondor.customers.put(
            name="Twin AS", customerNumber="T-1", officeId=office, address="Storgata 1", contactPersons=[BODIES[PERSON]]
        )
    listed = qondor.call("GET", f"{CUSTOMER}/GetAll", params={"officeId": 8}).json()
    assert {each["officeId"] for each in listed} == {8}
    assert not {"address", "vatNumber", "contactPersons"} & set(listed[0])
    params: dict[str, Any] = {"customerNumber": "t-1"}
    both = qondor.call("GET", f"{CUSTOMER}/GetAllByCustomerNumber", params=params).json()
    assert [each["address"] for each in both] == ["Storgata 1"] * 2
    assert [each["contactPersons"][0]["firstName"] for each in both] == ["Åse"] * 2
    one = qondor.call("GET", f"{CUSTOMER}/GetAllByCustomerNumber", params={**params, "officeId": 7}).json()
    assert [each["id"] for each in one] == [both[0]["id"]]
    assert qondor.call("GET", f"{CUSTOMER}/GetAllByCustomerNumber").status_code == 400
    assert qondor.call("GET", f"{CUSTOMER}/GetAll", params={"officeId": "x"}).status_code == 400


def test_people_belong_to_customers(sandbox: Sandbox, qondor: QondorClient) -> None:
    customer = sandbox.qondor.customers.put(BODIES[CUSTOMER])["id"]
    qondor.call("POST", PERSON, json={**BODIES[PERSON], "phoneCountryCode": "0047", "phoneNumber": "22000000"})
    relation = {"contactPersonEmail": "ASE@people.example", "customerExternalReference": "r-1"}
    assert qondor.call("PUT", f"{PERSON}/UpdateCustomerRelation", json=relation).ok
    (shown,) = qondor.call("GET", f"{CUSTOMER}/{customer}").json()["contactPersons"]
    assert (shown["phoneNumber"], shown["isActive"], "phoneCountryCode" in shown) == ("+4722000000", True, False)
    assert qondor.call("PUT", f"{PERSON}/UpdateCustomerRelation", json={**relation, "isActive": False}).ok
    assert sandbox.qondor.contact_persons.of(customer)[0]["isActive"] is False
    assert qondor.call("PUT", f"{PERSON}/UpdateCustomerRelation", json={**relation, "deleteRelation": True}).ok
    assert sandbox.qondor.contact_persons.of(customer) == []
    assert qondor.call("PUT", f"{PERSON}/UpdateCustomerRelation", json={}).status_code == 400
    unknown = {**relation, "contactPersonEmail": "nobody@people.example"}
    assert qondor.call("PUT", f"{PERSON}/UpdateCustomerRelation", json=unknown).status_code == 404
    assert qondor.call("DELETE", f"{PERSON}/{shown['id']}").status_code == 204
    assert qondor.call("GET", f"{PERSON}/{shown['id']}").status_code == 404


def test_a_sale_becomes_paid_and_unpaid(sandbox: Sandbox, qondor: QondorClient) -> None:
    sale = {**BODIES[SALE], "amountInclVat": 0, "dueDate": "2026-12-02T00:00:00"}
    qondor.call("POST", SALE, json=sale)
    qondor.call("PUT", SALE, json={**sale, "isPaid": True, "paidDate": "2026-11-20"})
    (shown,) = qondor.call("GET", f"{SALE}/GetAllForProject", params={"projectId": 5501}).json()
    assert [shown[name] for name in ("isPaid", "paidDate", "dueDate")] == [
        True, "2026-11-20T00:00:00", "2026-12-02T00:00:00",
    ]  # fmt: skip
    qondor.call("PUT", SALE, json=sale)
    row = sandbox.qondor.sales.all()[0]
    assert [row[name] for name in ("isPaid", "paidDate", "dueDate")] == [False, None, "2026-12-02"]
    assert qondor.call("GET", f"{SALE}/GetAllForProject", params={"projectId": 1}).json() == []
    assert qondor.call("GET", f"{SALE}/{row['id']}").json()["id"] == row["id"]


def test_amounts_keep_their_digits(sandbox: Sandbox, qondor: QondorClient) -> None:
    qondor.call("POST", SALE, data='{"projectId": 1, "date": "2026-11-02", "amountExclVat": 0.10}')
    assert sandbox.qondor.sales.all()[0]["amountExclVat"] == Decimal("0.10")


def test_a_closed_project_takes_no_sales(sandbox: Sandbox, qondor: QondorClient) -> None:
    sandbox.qondor.administrator.close_project(5501)
    for method in ("POST", "PUT"):
        refused = qondor.call(method, SALE, json=BODIES[SALE])
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["ProjectId"])
    sandbox.qondor.administrator.reopen_project(5501)
    assert qondor.call("POST", SALE, json=BODIES[SALE]).ok


@pytest.mark.parametrize("path", ["Customers/v1/Customer/1", "Sale/v2/Sale", "Invoicing/v1/Invoice/GetInvoice/1"])
def test_a_path_that_leads_nowhere_is_the_gateways_to_answer(qondor: QondorClient, path: str) -> None:
    answer = qondor.call("GET", path)
    assert (answer.status_code, answer.json()["message"]) == (404, "Resource not found")


def test_one_payment_is_read_at_the_place_that_was_chosen(sandbox: Sandbox, qondor: QondorClient) -> None:
    sandbox.qondor.add({"id": 1})
    chosen = requests.post(f"{sandbox.url}/sandbox/qondor/reads", params={"path": "GetInvoice"}, timeout=10)
    assert chosen.ok
    assert qondor.get("1").status_code == 404
    assert qondor.get("GetInvoice/1").json()["id"] == 1
    assert qondor.get("GetInvoice/2").json()["title"] == "Not Found"
    sandbox.reset(documents=0)
    assert sandbox.qondor.rules.read_under == "Invoice"


@ALL
def test_keys_and_faults_are_those_of_the_invoices(sandbox: Sandbox, qondor: QondorClient, path: str) -> None:
    assert requests.get(f"{qondor.base}/{path}/1", timeout=5).status_code == 401
    sandbox.fault("error", system="qondor", path=f"/{path}", when="after", count=1)
    sandbox.fault("close", system="qondor", method="PUT", path=f"/{path}", when="before")
    assert qondor.call("POST", path, json=BODIES[path]).status_code == 500
    assert len(rows(sandbox, path)) == 1
    with pytest.raises(requests.ConnectionError):
        qondor.call("PUT", path, json=BODIES[path])


def test_all_calls_share_the_limit() -> None:
    with Sandbox(documents=0, limits="contract") as strict:
        client = QondorClient(strict)
        with client.session:
            paths = [f"{CUSTOMER}/1", f"{PERSON}/1", f"{SALE}/1", "Invoicing/v1/Invoice/1"]
            answers = [client.call("GET", paths[turn % 4]).status_code for turn in range(11)]
    assert answers == [404] * 10 + [429]


def test_what_an_administrator_does_shows_at_once(sandbox: Sandbox, qondor: QondorClient) -> None:
    administrator = sandbox.qondor.administrator
    made = administrator.add_customer(name="Acme AS", contactPersons=[{"firstName": "Bo"}])
    administrator.change_customer(made["id"], city="Bodø")
    administrator.change_email(made["id"], "ny@acme.example")
    administrator.deactivate_customer(made["id"])
    person = sandbox.qondor.contact_persons.of(made["id"])[0]
    administrator.change_contact_person(person["id"], lastName="Ek")
    shown = qondor.call("GET", f"{CUSTOMER}/{made['id']}").json()
    assert [shown[name] for name in ("city", "invoiceEmail", "isActive")] == ["Bodø", "ny@acme.example", False]
    assert shown["contactPersons"][0]["lastName"] == "Ek"
    sale = sandbox.qondor.sales.put(BODIES[SALE])
    administrator.change_sale(sale["id"], amountInclVat=7)
    assert by_reference(qondor, SALE).json()["amountInclVat"] == 7
    administrator.remove_sale(sale["id"])
    assert by_reference(qondor, SALE).status_code == 404
    with pytest.raises(UnknownEntryError):
        administrator.change_customer(404_404, city="x")


def test_a_restart_keeps_the_registers_and_goes_on_counting(tmp_path: Path) -> None:
    with Sandbox(documents=0, state=tmp_path) as first:
        made = first.qondor.customers.put(name="Acme AS", contactPersons=[BODIES[PERSON]])
    with Sandbox(state=tmp_path) as second:
        assert second.qondor.contact_persons.of(made["id"])[0]["firstName"] == "Åse"
        assert second.qondor.customers.put(name="Next AS")["id"] == made["id"] + 1


def test_the_customers_of_the_demos_documents_are_in_the_register() -> None:
    with Sandbox(documents=100) as demo:
        qondor = demo.qondor
        named = {row["customer"]["id"]: row["customer"] for row in qondor.payments.rows() if row.get("customer")}
        assert all(qondor.customers[key]["legalName"] == customer["legalName"] for key, customer in named.items())
        assert sum(bool(qondor.contact_persons.of(key)) for key in named) > len(named) // 3
        everyone = qondor.customers.all()
        assert len(qondor.customers.numbered("C-3001")) == 2
        assert {row["officeId"] for row in everyone if row["name"] == "To Kontorer AS"} == {7, 8}
        assert any(not row["isActive"] for row in everyone)
        assert any(row["customerNumber"] is None for row in everyone)
