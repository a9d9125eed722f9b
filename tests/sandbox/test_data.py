"""The demo data keeps its promises (the brief of the sandbox; qondor.md, "One payment in full")."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from sandbox.demo.stories import build_scene
from sandbox.sandbox import Sandbox
from sandbox.xero.chart import ARTICLE_ACCOUNTS
from sandbox.xero.wire import RefusedError

SEEDS = (1, 7, 2026)


@pytest.fixture(scope="module", params=SEEDS)
def sandbox(request: pytest.FixtureRequest) -> Any:
    with Sandbox(seed=request.param) as running:
        yield running


@pytest.fixture
def payments(sandbox: Sandbox) -> list[dict[str, Any]]:
    """All but those of office 9, which is the next route's (test_quiddly_data.py)."""
    return [row for row in sandbox.qondor.payments.rows() if row["officeId"] != 9]


def _outcomes(sandbox: Sandbox) -> dict[int, str]:
    return {int(each["source_id"]): each["outcome"] for each in _expected(sandbox)}


def _expected(sandbox: Sandbox, route: str = "qondor_xero") -> list[dict[str, Any]]:
    return [each for each in sandbox.expectations if each["route"] == route]


def test_the_same_seed_makes_the_same_scene_and_another_one_does_not() -> None:
    first, second, other = build_scene(7, 140), build_scene(7, 140), build_scene(8, 140)

    assert first.rows("qondor", "payments") == second.rows("qondor", "payments")
    assert first.rows("xero", "contacts") == second.rows("xero", "contacts")
    assert first.expectations == second.expectations
    assert first.rows("qondor", "payments") != other.rows("qondor", "payments")


def test_counts(sandbox: Sandbox, payments: list[dict[str, Any]]) -> None:
    offices = Counter(each["officeId"] for each in payments)
    outcomes = Counter(each["outcome"] for each in _expected(sandbox))

    assert len(payments) == len(_expected(sandbox)) == 140
    assert len({each["invoiceNumber"] for each in payments}) == 140
    assert offices[7] + offices[8] >= 120
    assert min(offices[7], offices[8], offices[10]) >= 5
    assert outcomes["left alone"] == offices[10]
    assert (outcomes["held"], outcomes["rejected"], outcomes["in doubt"]) == (10, 2, 1)
    assert {each["type"] for each in payments} >= {1, 2, 3, 4, 5}
    assert {"NOK", "SEK", "EUR", "GBP"} <= {each["currency"] for each in payments}


def test_documents_are_recent_and_lie_on_both_sides_of_a_months_end(
    sandbox: Sandbox, payments: list[dict[str, Any]]
) -> None:
    days = sorted(date.fromisoformat(each["invoiceDate"]) for each in payments)

    assert days[0] < date(2026, 8, 31) < days[1]
    assert days[-1] - days[1] <= timedelta(days=60)
    assert {date(2026, 10, 31), date(2026, 11, 1)} <= set(days)


def test_arithmetic_is_consistent_except_where_it_is_meant_not_to_be(payments: list[dict[str, Any]]) -> None:
    wrong = []
    for payment in payments:
        vat = sum((each["vatAmount"] or Decimal(0) for each in payment["lines"]), Decimal(0))
        incl = sum((each["totalInclVat"] for each in payment["lines"]), Decimal(0))
        adds_up = (payment["vatAmount"], payment["totalInclVat"]) == (vat, incl)
        if not adds_up or payment["totalExclVat"] + payment["vatAmount"] != payment["totalInclVat"]:
            wrong.append(payment["id"])
        for line in payment["lines"]:
            if line["totalExclVat"] is None:
                continue
            rounded = (line["totalExclVat"] * line["vatPercentage"] / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert line["vatAmount"] == rounded
            assert line["totalExclVat"] + line["vatAmount"] == line["totalInclVat"]
    assert len(wrong) == 1


def test_xero_computes_the_total_of_every_document_that_is_to_be_transferred(
    sandbox: Sandbox, payments: list[dict[str, Any]]
) -> None:
    outcomes = _outcomes(sandbox)
    contact = sandbox.xero.contacts.rows()[0]["ContactID"]
    for payment in payments:
        if outcomes[payment["id"]] != "transferred":
            continue
        sign = -1 if payment["totalInclVat"] < 0 else 1
        lines = [
            {
                "Description": each["description"],
                "Quantity": abs(each["quantity"] or 1),
                "UnitAmount": sign
                * (each["unitPriceExclVat"] or each["totalInclVat"])
                * (1 if (each["quantity"] or 1) > 0 else -1),
                "AccountCode": ARTICLE_ACCOUNTS[each["articleNumber"] or each["artNo"]],
            }
            for each in payment["lines"]
        ]
        body = {
            "Type": "ACCREC",
            "Contact": {"ContactID": contact},
            "InvoiceNumber": f"test-{payment['id']}",
            "LineItems": lines,
        }
        try:
            made = sandbox.xero.accounting.invoices.create(body, 4)
        except RefusedError as refusal:
            pytest.fail(f"{payment['invoiceNumber']}: {refusal}")
        assert made["Total"] == abs(payment["totalInclVat"]), payment["invoiceNumber"]


def test_credit_notes_come_before_and_after_their_invoices_in_the_queue(
    sandbox: Sandbox, payments: list[dict[str, Any]]
) -> None:
    place = {item["id"]: number for number, item in enumerate(sandbox.qondor.rules.queue_items())}
    credits = [each for each in payments if each["creditedInvoiceId"] in place]

    assert {place[each["id"]] < place[each["creditedInvoiceId"]] for each in credits} == {True, False}
    assert {each["totalInclVat"] < 0 for each in credits} == {True, False}
    assert any(each["formOfPaymentText"] == "CreditCard" for each in credits)
    outcomes = _outcomes(sandbox)
    assert all(outcomes[each["creditedInvoiceId"]] == outcomes[each["id"]] for each in credits)


def test_names_and_numbers_of_customers(payments: list[dict[str, Any]]) -> None:
    customers = {each["customer"]["id"]: each["customer"] for each in payments if each["customer"]}
    names = Counter(each["name"] for each in customers.values())
    numbers = Counter(each["organisationNumber"] for each in customers.values() if each["organisationNumber"])

    assert [name for name, count in names.items() if count > 1] == ["Møller & Co AS"]
    assert sorted(numbers.values())[-2:] == [1, 2]
    assert max(len(name) for name in names) == 250
    assert any('"' in name for name in names)
    assert any(each["customer"] is None and each["booker"] for each in payments)


def test_contacts_that_wait_in_xero(sandbox: Sandbox) -> None:
    contacts = sandbox.xero.contacts.rows()
    numbers = Counter(each.get("TaxNumber") for each in contacts if each.get("TaxNumber"))

    assert [each["ContactStatus"] for each in contacts].count("ARCHIVED") == 2
    assert "NO 987 654 321 MVA" in numbers
    assert numbers["976543210"] == 2
    doubtful = next(each["number"] for each in _expected(sandbox) if each["outcome"] == "in doubt")
    assert sandbox.xero.books.invoices.find("InvoiceNumber", doubtful)


def test_queue_items_differ_in_what_they_carry(sandbox: Sandbox) -> None:
    sizes = {len(item) for item in sandbox.qondor.rules.queue_items()}

    assert 1 in sizes
    assert len(sizes) >= 3


@pytest.mark.parametrize(("documents", "data"), [(12, "mixed"), (500, "plain"), (0, "mixed")])
def test_plain_documents_are_all_for_the_route(documents: int, data: str) -> None:
    scene = build_scene(7, documents, data)

    assert len(scene.expectations) == documents
    assert {each["outcome"] for each in scene.expectations} <= {"transferred"}
