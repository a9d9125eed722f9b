"""What the played Xero answers, and what it accepts, fits Xero's own OpenAPI file (xero.md, first paragraph)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from tests.sandbox.clients import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient

    Body = Callable[..., dict[str, Any]]

CONTRACT = Path(__file__).parents[3] / "shared" / "xero" / "xero_accounting.yaml"
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="Xero's OpenAPI file is not here")


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    contract: dict[str, Any] = yaml.load(CONTRACT.read_text(), Loader=loader)
    return contract


def _check(schemas: dict[str, Any], name: str, body: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": schemas["components"]}
    errors = [f"{list(error.path)}: {error.message}" for error in OAS30Validator(schema).iter_errors(body)]
    assert errors == []
    known = schemas["components"]["schemas"][name]["properties"]
    listed = body.get(name, [])
    element = known[name]["items"]["$ref"].rsplit("/", 1)[1]
    extra = {"DateString", "DueDateString", "UpdatedDateUTCString", "HasValidationErrors"}
    for each in listed:
        unknown = set(each) - extra - set(schemas["components"]["schemas"][element]["properties"])
        assert unknown == set()


def test_answers_and_accepted_bodies(
    sandbox: Sandbox, xero: XeroClient, schemas: dict[str, Any], invoice: Body, credit_note: Body
) -> None:
    xero.contact(
        "Beta",
        EmailAddress="a@b.example",
        Addresses=[{"AddressType": "STREET", "City": "Oslo"}],
        ContactPersons=[{"FirstName": "Kim", "EmailAddress": "kim@b.example", "IncludeInEmails": False}],
        PaymentTerms={"Sales": {"Day": 14, "Type": "DAYSAFTERBILLDATE"}},
    )
    xero.put("Items", {"Code": "A", "Name": "A", "SalesDetails": {"UnitPrice": 1, "AccountCode": "200"}})
    made = xero.put("Invoices", invoice(_numbers(line())))
    note = xero.put("CreditNotes", credit_note(_numbers(line())))
    allocation = {"Invoice": {"InvoiceID": made["InvoiceID"]}, "Amount": 5, "Date": "2026-11-05"}
    xero.write("PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", {"Allocations": [allocation]})
    for document in (
        {"Invoice": {"InvoiceID": made["InvoiceID"]}},
        {"CreditNote": {"CreditNoteID": note["CreditNoteID"]}},
    ):
        xero.put("Payments", {**document, "Account": {"Code": "090"}, "Date": "2026-11-06", "Amount": 7})

    for name in ("Contacts", "Items", "Invoices", "CreditNotes", "Payments", "Accounts", "Currencies", "TaxRates"):
        body = xero.call("GET", name, params={"page": 1}).json()
        assert body[name]
        _check(schemas, name, body)
    _check(schemas, "Organisations", xero.call("GET", "Organisation").json())
    for entry in sandbox.traffic.log(system="xero"):
        if entry.method == "PUT":
            _check(schemas, entry.path.rsplit("/", 1)[1], json.loads(json.dumps(entry.body)))


def test_refusals(xero: XeroClient, schemas: dict[str, Any], invoice: Body) -> None:
    refused = xero.call("PUT", "Invoices", json={"Invoices": [_clean(invoice(DueDate=None))]})
    assert refused.status_code == 400
    schema = {"$ref": "#/components/schemas/Error", "components": schemas["components"]}
    assert list(OAS30Validator(schema).iter_errors(refused.json())) == []
    alone = xero.call(
        "PUT", "Invoices", json={"Invoices": [_clean(invoice(DueDate=None))]}, params={"summarizeErrors": "false"}
    )
    _check(schemas, "Invoices", alone.json())


def _numbers(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "Quantity": 1, "UnitAmount": 100}


def _clean(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "LineItems": [_numbers(each) for each in body["LineItems"]]}
