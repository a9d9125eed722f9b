from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge.systems.marks import marked, marker_in
from invoice_bridge.systems.xero.checks import xero_problems
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.errors import HeldError
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, line, route
from tests.systems.xero.openapi import check_body
from tests.systems.xero.xero_facts import books

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.routes.model import Route

CONTACT = "c0ffee00-0000-4000-8000-000000000001"


def body_of(one: Document, of: Route | None = None) -> dict[str, Any]:
    return document_body(one, CONTACT, of or route(), books())


def test_an_invoice() -> None:
    body = body_of(document(line("4000.00", quantity=Decimal(2), unit_price_excl_vat=Decimal(2000))))
    assert body == {
        "Type": "ACCREC",
        "Contact": {"ContactID": CONTACT},
        "InvoiceNumber": "Q-10023",
        "Date": "2026-11-02",
        "DueDate": "2026-12-02",
        "CurrencyCode": "NOK",
        "LineAmountTypes": "Exclusive",
        "Status": "AUTHORISED",
        "LineItems": [
            {
                "Description": "Conference room, full day",
                "Quantity": Decimal(2),
                "UnitAmount": Decimal(2000),
                "AccountCode": "200",
            }
        ],
    }
    check_body("Invoice", body)


def test_a_credit_note() -> None:
    body = body_of(document(kind=DocumentKind.CREDIT_NOTE, credited_number="Q-1"))
    assert (body["Type"], body["CreditNoteNumber"]) == ("ACCRECCREDIT", "Q-10023")
    assert not {"InvoiceNumber", "DueDate"} & set(body)
    check_body("CreditNote", body)


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({"due_date": dt.date(2026, 11, 20)}, "2026-11-20"),
        ({"due_date": None, "payment_terms_days": 10}, "2026-11-12"),
        ({"due_date": None, "payment_terms_days": 0}, "2026-11-02"),
        ({"due_date": None, "payment_terms_days": None}, "2026-11-16"),
    ],
)
def test_due_date(changes: dict[str, Any], due: str) -> None:
    assert body_of(document(**changes), route(policy={"default_payment_terms_days": 14}))["DueDate"] == due


def test_the_route_decides_on_drafts_but_card_money_needs_an_authorised_document() -> None:
    drafts = route(finance={"invoice_status": "DRAFT"})
    assert body_of(document(), drafts)["Status"] == "DRAFT"
    assert body_of(document(kind=DocumentKind.CREDIT_NOTE), drafts)["Status"] == "DRAFT"
    assert body_of(document(kind=DocumentKind.CARD_PAYMENT), drafts)["Status"] == "AUTHORISED"
    assert body_of(document(kind=DocumentKind.CREDIT_NOTE, paid_by_card=True), drafts)["Status"] == "AUTHORISED"


TEXT = line("0.00", vat="0", article=None, quantity=Decimal(0), description="Day 2: dinner at the harbour")


@pytest.mark.parametrize("text", [TEXT, TEXT.model_copy(update={"vat_percentage": Decimal(25), "quantity": None})])
@pytest.mark.parametrize("kind", [DocumentKind.OFFER_INVOICE, DocumentKind.CREDIT_NOTE, DocumentKind.CARD_PAYMENT])
def test_a_line_of_text_is_a_description_and_nothing_else(kind: DocumentKind, text: Line) -> None:
    one = document(text, line(), text, kind=kind)
    assert [*document_problems(one, route()), *xero_problems(one, route(), books())] == []
    first, priced, last = body_of(one)["LineItems"]
    assert first == last == {"Description": "Day 2: dinner at the harbour"}
    assert priced["AccountCode"] == "200"
    check_body("CreditNote" if one.is_credit_note else "Invoice", body_of(one))


def test_a_line_that_says_and_costs_nothing_is_left_out() -> None:
    assert len(body_of(document(line(), TEXT.model_copy(update={"description": " "})))["LineItems"]) == 1


def test_no_noise_is_printed() -> None:
    one = line("417.36", quantity=Decimal("2.9999999999999996"), unit_price_excl_vat=Decimal("139.12000000000000001"))
    assert body_of(document(one))["LineItems"][0]["Description"] == "Conference room, full day (3 × 139.12)"


def test_the_prefix_stands_before_the_number() -> None:
    assert body_of(document(), route(finance={"number_prefix": "QO-"}))["InvoiceNumber"] == "QO-Q-10023"


def test_a_document_that_has_problems_is_not_written() -> None:
    with pytest.raises(HeldError, match="Q-10023"):
        body_of(document(line(article="UNKNOWN")))


@given(st.text(max_size=400), st.text(min_size=1, max_size=100).filter(str.strip))
def test_the_marker_survives_any_purchase_order(purchase_order: str, source_id: str) -> None:
    ref = DocumentRef(system="qondor", conn_id="qondor_default", source_id=source_id.strip())
    text = marked(purchase_order, document(ref=ref), 255)
    assert len(text) <= 255
    if " · " not in ref.source_id:
        assert marker_in(text) == str(ref)


@pytest.mark.parametrize("reference", [None, "", "PO-7781", "PO-7781 · by hand", "a:b"])
def test_other_references_carry_no_marker(reference: str | None) -> None:
    assert marker_in(reference) is None


def test_purchase_order_and_marker() -> None:
    assert marked("PO-7781", document(), 255) == "PO-7781 · qondor:qondor_default:12345"
