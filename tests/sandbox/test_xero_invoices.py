"""Invoices: numbers, statuses, arithmetic, what is refused, and how they are found (xero.md, "Invoices")."""

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


def test_a_number_is_unique_until_its_draft_is_deleted(xero: XeroClient, invoice: Body) -> None:
    first = xero.put("Invoices", invoice(Status="DRAFT"))
    assert "must be unique" in messages(xero.put("Invoices", invoice(InvoiceNumber="q-1")))
    xero.post("Invoices", {"InvoiceID": first["InvoiceID"], "Status": "DELETED"})
    second = xero.put("Invoices", invoice())
    assert messages(second) == ""
    xero.post("Invoices", {"InvoiceID": second["InvoiceID"], "Status": "VOIDED"})

    assert "must be unique" in messages(xero.put("Invoices", invoice()))


def test_a_post_by_number_overwrites(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    first = xero.put("Invoices", invoice())
    second = xero.post("Invoices", invoice(line("7.00")))

    assert second["InvoiceID"] == first["InvoiceID"]
    assert sandbox.xero.invoices[first["InvoiceID"]]["Total"] == Decimal("8.75")


@pytest.mark.parametrize(
    ("start", "target", "allowed"),
    [
        ("DRAFT", "SUBMITTED", True),
        ("DRAFT", "AUTHORISED", True),
        ("DRAFT", "DELETED", True),
        ("DRAFT", "VOIDED", False),
        ("SUBMITTED", "AUTHORISED", True),
        ("AUTHORISED", "VOIDED", True),
        ("AUTHORISED", "DRAFT", False),
        ("AUTHORISED", "DELETED", False),
        ("DRAFT", "PAID", False),
    ],
)
def test_transitions(xero: XeroClient, invoice: Body, start: str, target: str, allowed: bool) -> None:
    made = xero.put("Invoices", invoice(Status=start))
    moved = xero.post("Invoices", {"InvoiceID": made["InvoiceID"], "Status": target})

    now = xero.get(f"Invoices/{made['InvoiceID']}")["Invoices"][0]["Status"]
    assert now == (target if allowed else start)
    assert ("Invoice not of valid status for modification" in messages(moved)) is not allowed


@pytest.mark.parametrize(
    ("lines", "kind", "unitdp", "expected"),
    [
        ([line("33.333", "3")], "Exclusive", "4", ("100.00", "25.00", "125.00")),
        ([line("33.333", "3")], "Exclusive", "2", ("99.99", "25.00", "124.99")),
        ([line("0.10", account="205"), line("0.10", account="205")], "Exclusive", "4", ("0.20", "0.04", "0.24")),
        ([line("125.00")], "Inclusive", "4", ("100.00", "25.00", "125.00")),
        ([line("125.00")], "NoTax", "4", ("125.00", "0.00", "125.00")),
        ([line("9000.00"), line("-2500.00", account="262")], "Exclusive", "4", ("6500.00", "2250.00", "8750.00")),
        ([line("1000", "0.333"), line("0.0625", "1001", "206")], "Exclusive", "4", ("395.56", "90.76", "486.32")),
    ],
)
def test_tax_is_rounded_half_up_per_line(
    xero: XeroClient, invoice: Body, lines: list[dict[str, Any]], kind: str, unitdp: str, expected: tuple[str, str, str]
) -> None:
    made = xero.put("Invoices", invoice(*lines, LineAmountTypes=kind), unitdp=unitdp)

    assert (made["SubTotal"], made["TotalTax"], made["Total"]) == tuple(Decimal(each) for each in expected)
    assert made["AmountDue"] == made["Total"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"DueDate": None}, "DueDate field must be specified"),
        ({"LineItems": [line(account="999")]}, "is not a valid code for this document"),
        ({"LineItems": [line(account="090")]}, "is not a valid code for this document"),
        ({"LineItems": [line(account="610")]}, "is not a valid code for this document"),
        ({"LineItems": [line(account="299")]}, "has been archived"),
        ({"LineItems": [line(Description="x" * 4001)]}, "4000"),
        ({"LineItems": [line(Description="")]}, "Description"),
        ({"LineItems": [line("10.00", "3", LineAmount="30.01")]}, "does not match"),
        ({"LineItems": [line("-1.00")]}, "must not be negative"),
        ({"CurrencyCode": "GBP"}, "not subscribed to currency"),
        ({"Date": "2026-08-31"}, "period lock date"),
        ({"Url": "https://go.xero.com/x"}, "Url"),
        ({"Url": "https://q.example/XERO/1"}, "Url must not contain"),
        ({"Url": "qondor/1"}, "Url must be a valid URL"),
        ({"Url": "https://q.example/a b"}, "Url must be a valid URL"),
        ({"InvoiceNumber": "x" * 256}, "255"),
        ({"Contact": {"ContactID": "5f6c1a52-8f0b-4d3e-9a6e-000000000000"}}, "could not be found"),
    ],
)
def test_invoices_that_are_refused(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, fields: dict[str, Any], message: str
) -> None:
    refused = xero.put("Invoices", invoice(**fields))

    assert message in messages(refused)
    assert refused["HasErrors"] is True
    assert refused["InvoiceID"] == "00000000-0000-0000-0000-000000000000"
    assert len(sandbox.xero.invoices) == 0


def test_an_archived_contact_takes_no_invoice(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    gone = sandbox.xero.add_contact(Name="Gone AS", ContactStatus="ARCHIVED")

    assert "matched an archived contact" in messages(
        xero.put("Invoices", invoice(Contact={"ContactID": gone["ContactID"]}))
    )


def test_more_than_an_id_edits_the_contact(sandbox: Sandbox, xero: XeroClient, invoice: Body, contact: str) -> None:
    xero.put("Invoices", invoice(Contact={"ContactID": contact, "Name": "Renamed AS"}))

    assert sandbox.xero.contacts[contact]["Name"] == "Renamed AS"


def test_a_refused_invoice_leaves_its_contact_alone(
    sandbox: Sandbox, xero: XeroClient, invoice: Body, contact: str
) -> None:
    named = {"ContactID": contact, "Name": "Renamed AS"}
    xero.put("Invoices", invoice(line(account="999"), Contact=named))

    assert sandbox.xero.contacts[contact]["Name"] == "Acme Events AS"


def test_ways_to_find_an_invoice(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    made = [xero.put("Invoices", invoice(InvoiceNumber=f"Q-{each}", Reference=f"mark {each}")) for each in range(4)]
    xero.post("Invoices", {"InvoiceID": made[3]["InvoiceID"], "Status": "VOIDED"})

    def found(**params: str) -> list[str]:
        return [each["InvoiceNumber"] for each in xero.get("Invoices", **params)["Invoices"]]

    assert found(InvoiceNumbers="Q-2,Q-0,Q-77") == ["Q-0", "Q-2"]
    assert found(IDs=made[1]["InvoiceID"]) == ["Q-1"]
    assert found(where='Reference=="mark 2"') == ["Q-2"]
    assert found(where=f'InvoiceID==guid("{made[0]["InvoiceID"]}")') == ["Q-0"]
    assert found(Statuses="VOIDED,PAID") == ["Q-3"]
    assert found(where='Type=="ACCPAY"') == []
    assert found(page="2", pageSize="3", order="InvoiceNumber DESC") == ["Q-0"]


def test_lines_are_listed_page_by_page_only_and_never_in_a_summary(xero: XeroClient, invoice: Body) -> None:
    xero.put("Invoices", invoice())

    def lines(**params: str) -> int:
        return len(xero.get("Invoices", **params)["Invoices"][0]["LineItems"])

    assert (lines(), lines(page="1"), lines(page="1", summaryOnly="true")) == (0, 1, 0)


def test_more_than_forty_ids_are_refused(xero: XeroClient) -> None:
    assert xero.call("GET", "Invoices", params={"IDs": ",".join("abcd" * 5 for _ in range(41))}).status_code == 400


def test_only_what_changed_since(sandbox: Sandbox, xero: XeroClient, invoice: Body) -> None:
    first = xero.put("Invoices", invoice(InvoiceNumber="Q-1"))
    sandbox.clock.advance(600)
    since = sandbox.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    sandbox.clock.advance(5)
    xero.put("Invoices", invoice(InvoiceNumber="Q-2"))

    def changed() -> list[str]:
        answer = xero.call("GET", "Invoices", headers={"If-Modified-Since": since}).json()
        return [each["InvoiceNumber"] for each in answer["Invoices"]]

    assert changed() == ["Q-2"]
    payment = {
        "Invoice": {"InvoiceID": first["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-10",
        "Amount": 125,
    }
    xero.put("Payments", payment)
    assert changed() == ["Q-2", "Q-1"]


def test_dates_come_in_microsofts_form_beside_a_readable_one(xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())

    assert made["Date"] == "/Date(1793577600000+0000)/"
    assert made["DateString"] == "2026-11-02T00:00:00"


def test_the_pdf_is_one(xero: XeroClient, invoice: Body) -> None:
    made = xero.put("Invoices", invoice())
    response = xero.call("GET", f"Invoices/{made['InvoiceID']}", headers={"Accept": "application/pdf"})

    assert response.headers["Content-Type"] == "application/pdf"
    start = int(response.content.split(b"startxref\n")[1].split(b"\n")[0])
    assert response.content.startswith(b"%PDF-1.4")
    assert response.content[start:].startswith(b"xref")


def test_the_pdf_shows_what_a_customer_reads_and_not_the_link(xero: XeroClient, invoice: Body) -> None:
    sent = invoice(Reference="PO  7 (b)", Url="https://q.example/1#ours", LineItems=[line(Description="Room\nDay 2")])
    made = xero.put("Invoices", sent)
    page = xero.call("GET", f"Invoices/{made['InvoiceID']}", headers={"Accept": "application/pdf"}).content

    for text in (made["InvoiceNumber"].encode(), b"(Reference PO  7 \\(b\\))", b"(Room)", b"(Day 2"):
        assert text in page
    assert b"q.example" not in page
