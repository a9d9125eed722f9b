"""Payments, refunds and allocations (xero.md, "Payments", "Credit notes", "Payment status")."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.clients import line, messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox
    from tests.sandbox.clients import XeroClient

    Body = Callable[..., dict[str, Any]]


def _payment(invoice_id: str, amount: str = "125.00", **fields: Any) -> dict[str, Any]:
    return {
        "Invoice": {"InvoiceID": invoice_id},
        "Account": {"Code": "090"},
        "Date": "2026-11-10",
        "Amount": amount,
        **fields,
    }


def _allocate(xero: XeroClient, note: str, invoice_id: str, amount: str) -> dict[str, Any]:
    body = {"Allocations": [{"Invoice": {"InvoiceID": invoice_id}, "Amount": amount, "Date": "2026-11-05"}]}
    return xero.write("PUT", f"CreditNotes/{note}/Allocations", body)[0]


def _read(xero: XeroClient, invoice_id: str) -> dict[str, Any]:
    invoice: dict[str, Any] = xero.get(f"Invoices/{invoice_id}")["Invoices"][0]
    return invoice


def test_payments_in_parts_until_paid_and_back_again(xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    xero.put("Payments", _payment(made, "25.00"))
    part = _read(xero, made)
    assert (part["Status"], part["AmountDue"], "FullyPaidOnDate" in part) == ("AUTHORISED", Decimal("100.00"), False)

    last = xero.put("Payments", _payment(made, "100.00", Date="2026-11-12"))
    paid = _read(xero, made)
    assert (paid["Status"], paid["AmountPaid"], paid["FullyPaidOnDate"]) == (
        "PAID",
        Decimal("125.00"),
        "/Date(1794441600000+0000)/",
    )

    xero.post("Payments", {"PaymentID": last["PaymentID"], "Status": "DELETED"})
    assert _read(xero, made)["Status"] == "AUTHORISED"
    assert xero.get(f"Payments/{last['PaymentID']}")["Payments"][0]["Status"] == "DELETED"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Amount": "125.01"}, "exceeds the amount outstanding"),
        ({"Amount": "0"}, "greater than zero"),
        ({"Account": {"Code": "200"}}, "Account must be valid"),
        ({"Account": {"Code": "091"}}, "Account must be valid"),
        ({"Account": {}}, "Account must be valid"),
        ({"Date": "2026-08-31"}, "period lock date"),
    ],
)
def test_payments_that_are_refused(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, fields: dict[str, Any], message: str
) -> None:
    made = xero.put("Invoices", invoice())

    assert message in messages(xero.put("Payments", {**_payment(made["InvoiceID"]), **fields}))
    assert len(sandbox.xero.payments) == 0


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "VOIDED"])
def test_only_authorised_documents_take_payments(xero: XeroClient, invoice: Body, status: str) -> None:
    made = xero.put("Invoices", invoice(Status="AUTHORISED" if status == "VOIDED" else status))
    if status == "VOIDED":
        xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Status": status})

    refused = xero.put("Payments", _payment(made["InvoiceID"]))
    assert "Payments can only be made against Authorised documents" in messages(refused)


def test_a_bank_account_without_a_code_is_named_by_its_id(xero: XeroClient, invoice: Body) -> None:
    accounts = xero.get("Accounts", where='Type=="BANK"')["Accounts"]
    account = next(each for each in accounts if "Code" not in each)
    made = xero.put("Invoices", invoice())

    paid = xero.put("Payments", _payment(made["InvoiceID"], Account={"AccountID": account["AccountID"]}))
    assert paid["StatusAttributeString"] == "OK"
    enabled = xero.put("Invoices", invoice(InvoiceNumber="Q-2"))
    assert messages(xero.put("Payments", _payment(enabled["InvoiceID"], Account={"Code": "880"}))) == ""


def test_nothing_makes_a_payment_unique_but_it_can_be_found(xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    other = xero.put("Invoices", invoice(InvoiceNumber="Q-2"))["InvoiceID"]
    for invoice_id, mark in ((made, "A"), (made, "A"), (other, "B")):
        xero.put("Payments", _payment(invoice_id, "10.00", Reference=mark))

    found = xero.get("Payments", where=f'Invoice.InvoiceID==guid("{made}")')["Payments"]
    assert [each["Reference"] for each in found] == ["A", "A"]
    assert len(xero.get("Payments", where='Reference=="B"')["Payments"]) == 1


def test_an_invoice_with_a_payment_cannot_be_voided(xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    xero.put("Payments", _payment(made, "1.00"))

    assert messages(xero.post("Invoices", {"InvoiceID": made, "Status": "VOIDED"})) != ""
    assert _read(xero, made)["Status"] == "AUTHORISED"


def test_allocating_a_credit_note_pays_without_money(xero: XeroClient, invoice: Body, credit_note: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    note = xero.put("CreditNotes", credit_note())["CreditNoteID"]
    _allocate(xero, note, made, "50.00")
    _allocate(xero, note, made, "50.00")  # not idempotent

    read = xero.get("CreditNotes", where='CreditNoteNumber=="Q-2"')["CreditNotes"][0]
    assert (read["RemainingCredit"], len(read["Allocations"]), read["Status"]) == (Decimal("25.00"), 2, "AUTHORISED")
    _allocate(xero, note, made, "25.00")
    paid = _read(xero, made)
    assert (paid["Status"], paid["AmountPaid"], paid["AmountCredited"]) == (
        "PAID",
        Decimal(0),
        Decimal("125.00"),
    )
    assert xero.get(f"CreditNotes/{note}")["CreditNotes"][0]["Status"] == "PAID"


def test_allocations_that_are_refused(xero: XeroClient, invoice: Body, credit_note: Body) -> None:
    other = xero.contact("Other AS")
    same = xero.put("Invoices", invoice())["InvoiceID"]
    small = xero.put("Invoices", invoice(line("10.00"), InvoiceNumber="small"))["InvoiceID"]
    draft = xero.put("Invoices", invoice(InvoiceNumber="draft", Status="DRAFT"))["InvoiceID"]
    euro = xero.put("Invoices", invoice(InvoiceNumber="euro", CurrencyCode="EUR"))["InvoiceID"]
    foreign = xero.put("Invoices", invoice(InvoiceNumber="foreign", Contact={"ContactID": other}))["InvoiceID"]
    paid = xero.put("Invoices", invoice(InvoiceNumber="paid"))["InvoiceID"]
    xero.put("Payments", _payment(paid))
    note = xero.put("CreditNotes", credit_note())["CreditNoteID"]

    assert "remaining credit" in messages(_allocate(xero, note, same, "125.01"))
    assert "exceeds the amount outstanding" in messages(_allocate(xero, note, small, "12.51"))
    assert "Authorised" in messages(_allocate(xero, note, draft, "1.00"))
    assert "same currency" in messages(_allocate(xero, note, euro, "1.00"))
    assert "same contact" in messages(_allocate(xero, note, foreign, "1.00"))
    assert messages(_allocate(xero, note, paid, "1.00")) != ""
    assert xero.get(f"CreditNotes/{note}")["CreditNotes"][0]["RemainingCredit"] == Decimal("125.00")


def test_a_refund_uses_up_the_credit(xero: XeroClient, credit_note: Body) -> None:
    note = xero.put("CreditNotes", credit_note())["CreditNoteID"]
    refund = {"CreditNote": {"CreditNoteID": note}, "Account": {"Code": "090"}, "Date": "2026-11-10"}

    assert "exceeds the amount outstanding" in messages(xero.put("Payments", {**refund, "Amount": "125.01"}))
    assert xero.put("Payments", {**refund, "Amount": "125.00"})["PaymentType"] == "ARCREDITPAYMENT"
    assert xero.get(f"CreditNotes/{note}")["CreditNotes"][0]["Status"] == "PAID"
    assert len(xero.get("Payments", where=f'CreditNote.CreditNoteID==guid("{note}")')["Payments"]) == 1


def test_credit_note_numbers_are_unique_and_amounts_positive(xero: XeroClient, credit_note: Body) -> None:
    xero.put("CreditNotes", credit_note())

    assert "must be unique" in messages(xero.put("CreditNotes", credit_note()))
    assert "must not be negative" in messages(
        xero.put("CreditNotes", credit_note(line("-1.00"), CreditNoteNumber="Q-3"))
    )


def test_an_item_is_created_once_and_gives_a_line_its_account(xero: XeroClient, invoice: Body) -> None:
    item = {"Code": "ROOM", "Name": "Room", "SalesDetails": {"UnitPrice": "80.1234", "AccountCode": "206"}}
    made = xero.put("Items", item)
    assert "must be unique" in messages(xero.put("Items", item))
    xero.write("POST", f"Items/{made['ItemID']}", {"Code": "ROOM", "Name": "Room, quiet"})

    assert xero.get("Items", where='Code=="room"')["Items"][0]["Name"] == "Room, quiet"
    total = xero.put("Invoices", invoice({"ItemCode": "ROOM", "Description": "Room", "Quantity": 2}))["Total"]
    assert total == Decimal("179.48")
