from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.documents import DocumentKind, DocumentRef, Line, Product
from invoice_bridge_core.documents.document import shorten
from tests.builders import document, party

NAME = st.text(min_size=1).filter(lambda text: ":" not in text)


@given(system=NAME, conn_id=NAME, source_id=st.text(min_size=1))
def test_a_reference_is_read_back_from_its_text(system: str, conn_id: str, source_id: str) -> None:
    ref = DocumentRef(system=system, conn_id=conn_id, source_id=source_id)
    assert DocumentRef.parse(str(ref)) == ref


@pytest.mark.parametrize("text", ["", "qondor", "qondor:only", "::", "qondor::1"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a document reference"):
        DocumentRef.parse(text)


def test_a_task_is_named_after_its_document() -> None:
    assert document().label == "Q-10023 · Acme Events AS · 10 000.00 NOK"


def test_a_credit_note_is_named_with_a_minus() -> None:
    assert document(kind=DocumentKind.CREDIT_NOTE).label == "Q-10023 · Acme Events AS · -10 000.00 NOK"


def test_a_long_customer_name_leaves_room_for_the_amount() -> None:
    label = document(party=party(name="Å" * 400)).label
    assert len(label) < 200
    assert label.endswith("… · 10 000.00 NOK")


def test_only_a_credit_note_paid_by_card_is_a_refund() -> None:
    assert document(kind=DocumentKind.CREDIT_NOTE, paid_by_card=True).is_card_refund
    assert not document(kind=DocumentKind.CARD_PAYMENT, paid_by_card=True).is_card_refund
    assert document(kind=DocumentKind.CARD_PAYMENT).is_card_payment


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_shortening_keeps_to_its_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith("…")


def test_documents_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        document().total_incl_vat = Decimal(1)  # type: ignore[misc]


@pytest.mark.parametrize("nothing", [None, Decimal(0), Decimal("0.00")])
def test_a_line_of_no_money_and_no_article_only_says_something(nothing: Decimal | None) -> None:
    says = Line(description="Day 2", quantity=Decimal(3), vat_percentage=Decimal(25), total_incl_vat=Decimal(0))
    amounts = ("unit_price_excl_vat", "unit_price_incl_vat", "total_excl_vat", "vat_amount")
    assert says.model_copy(update=dict.fromkeys(amounts, nothing)).is_text


@pytest.mark.parametrize(
    "change",
    [
        {"article_number": "VAT25"},
        {"total_incl_vat": Decimal("0.01")},
        {"unit_price_excl_vat": Decimal(5)},
        {"vat_amount": Decimal(-1)},
        {"product": Product(product_id="5", code="SEAT", name="Seat")},
    ],
)
def test_a_line_that_sells_something_is_no_text(change: dict[str, Any]) -> None:
    assert not Line(description="Day 2", total_incl_vat=Decimal(0)).model_copy(update=change).is_text
