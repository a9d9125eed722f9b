"""The poll for documents that were paid: what changed since, page by page, in short (xero.md, "Payment status")."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.clients import XeroClient, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.sandbox import Sandbox

    Body = Callable[..., dict[str, Any]]

LOOK = {
    "where": 'Type=="ACCREC"', "Statuses": "AUTHORISED,PAID,VOIDED,DELETED", "summaryOnly": "true",
    "pageSize": "1000", "order": "InvoiceID",
}  # fmt: skip


def put_many(xero: XeroClient, bodies: list[dict[str, Any]]) -> list[str]:
    return [made["InvoiceID"] for made in xero.write("PUT", "Invoices", {"Invoices": bodies})]


def test_pages_of_a_thousand_hold_every_invoice_once_while_it_changes(
    sandbox: Sandbox, xero: XeroClient, invoice: Body
) -> None:
    bodies = [invoice(InvoiceNumber=f"Q-{number}") for number in range(1100)]
    ids = [made for start in range(0, 1100, 50) for made in put_many(xero, bodies[start : start + 50])]
    xero.put("Invoices", invoice(InvoiceNumber="draft", Status="DRAFT"))
    first = xero.get("Invoices", **LOOK, page="1")
    assert first["pagination"] == {"page": 1, "pageSize": 1000, "pageCount": 2, "itemCount": 1100}
    for number in range(0, 1100, 100):
        sandbox.xero.bookkeeper.pay(f"Q-{number}")
    second = xero.get("Invoices", **LOOK, page="2")
    found = [each["InvoiceID"] for answer in (first, second) for each in answer["Invoices"]]
    assert found == sorted(ids)
    assert xero.get("Invoices", **LOOK, page="3")["Invoices"] == []
    assert len(xero.get("Invoices", where='Type=="ACCREC"', page="1")["Invoices"]) == 100
    paid = xero.get("Invoices", **{**LOOK, "Statuses": "PAID"}, page="1")["Invoices"]
    assert len(paid) == 11


def test_a_summary_leaves_lines_and_payments_out_and_nothing_that_matters(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, contact: str
) -> None:
    xero.put("Invoices", invoice(Reference="mark"))
    sandbox.xero.bookkeeper.credit("Q-1", Decimal("25.00"))
    sandbox.xero.bookkeeper.pay("Q-1")
    [summary] = xero.get("Invoices", **LOOK, page="1")["Invoices"]
    assert summary["LineItems"] == []
    assert {"Payments", "CreditNotes", "Prepayments", "Overpayments"} & set(summary) == set()
    assert summary["Contact"]["ContactID"] == contact
    wanted = ("Type", "InvoiceNumber", "Reference", "Status", "CurrencyCode", "SubTotal", "TotalTax", "Total")
    assert [summary[name] for name in wanted] == [
        "ACCREC", "Q-1", "mark", "PAID", "NOK", Decimal("100.00"), Decimal("25.00"), Decimal("125.00"),
    ]  # fmt: skip
    amounts = [summary[name] for name in ("AmountDue", "AmountPaid", "AmountCredited")]
    assert amounts == [Decimal("0.00"), Decimal("100.00"), Decimal("25.00")]
    assert {"FullyPaidOnDate", "UpdatedDateUTC", "DueDate", "DueDateString", "Date"} <= set(summary)


@pytest.mark.parametrize("resource", ["Invoices", "CreditNotes"])
def test_the_newest_change_seen_is_seen_again(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, credit_note: Body, resource: str
) -> None:
    """The header knows whole seconds only: what changed within the second it names must not be lost."""
    sandbox.clock.advance(10 - sandbox.clock.seconds() % 1)
    body = invoice() if resource == "Invoices" else credit_note()
    xero.put(resource, body)
    milliseconds = int(xero.get(resource)[resource][0]["UpdatedDateUTC"][6:-7])
    newest = sandbox.clock.now().fromtimestamp(milliseconds / 1000, tz=sandbox.clock.now().tzinfo)

    def seen(since: str) -> int:
        answer = xero.call("GET", resource, headers={"If-Modified-Since": since}, params={"page": 1})
        return len(answer.json()[resource])

    assert seen(newest.strftime("%Y-%m-%dT%H:%M:%S")) == 1
    assert seen(newest.strftime("%a, %d %b %Y %H:%M:%S GMT")) == 1
    assert seen(newest.isoformat(timespec="microseconds")) == 1
    assert seen(newest.replace(year=newest.year + 1).strftime("%Y-%m-%dT%H:%M:%S")) == 0


def test_a_change_at_the_very_start_of_the_second_counts(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())["InvoiceID"]
    sandbox.xero.invoices.change(made, UpdatedDateUTC="2027-01-01T10:00:00.000000+00:00")
    for since, count in (("2027-01-01T10:00:00", 1), ("2027-01-01T10:00:00.900", 1), ("2027-01-01T10:00:01", 0)):
        answer = xero.call("GET", "Invoices", headers={"If-Modified-Since": since})
        assert len(answer.json()["Invoices"]) == count


def test_forty_ids_are_found_whatever_became_of_them(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    ids = put_many(xero, [invoice(InvoiceNumber=f"Q-{number}") for number in range(40)])
    sandbox.xero.bookkeeper.void("Q-3")
    found = xero.get("Invoices", IDs=",".join(ids), summaryOnly="true", page="1", pageSize="40", order="InvoiceID")
    assert [each["InvoiceID"] for each in found["Invoices"]] == sorted(ids)


@pytest.mark.parametrize("junction", ["&&", " && ", " AND "])
def test_documents_of_one_day(xero: XeroClient, invoice: Body, credit_note: Body, junction: str) -> None:
    for number, day in enumerate(("2026-10-31", "2026-11-01", "2026-11-01", "2026-11-02")):
        xero.put("Invoices", invoice(InvoiceNumber=f"I-{number}", Date=day))
        xero.put("CreditNotes", credit_note(line(), CreditNoteNumber=f"C-{number}", Date=day))
    where = f"Date>=DateTime(2026,11,01){junction}Date<DateTime(2026,11,02)"
    invoices = xero.get("Invoices", where=where, order="InvoiceNumber", page="1")["Invoices"]
    assert [each["InvoiceNumber"] for each in invoices] == ["I-1", "I-2"]
    where = f'Type=="ACCRECCREDIT"{junction}{where}'
    notes = xero.get("CreditNotes", where=where, order="CreditNoteNumber DESC", page="1")["CreditNotes"]
    assert [(each["CreditNoteNumber"], each["RemainingCredit"]) for each in notes] == [
        ("C-2", Decimal("125.00")), ("C-1", Decimal("125.00")),
    ]  # fmt: skip


def test_a_day_that_does_not_exist_is_a_filter_that_cannot_be_read(xero: XeroClient) -> None:
    answer = xero.call("GET", "Invoices", params={"where": "Date>=DateTime(2026,11,31)"})
    assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")
