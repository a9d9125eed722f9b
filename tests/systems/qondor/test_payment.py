from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from invoice_bridge.systems.qondor.payment import KINDS
from invoice_bridge_core.documents import DocumentKind, DocumentRef, SourceState
from invoice_bridge_core.errors import UnreadableError
from tests.systems.qondor.payments import credit_note, line, payment, read

D = Decimal


def test_an_invoice_of_the_id_0_is_none() -> None:
    found = read(credit_note(creditedInvoiceId=0, creditedInvoiceNumber="Q-1"))
    assert (found.credited_source_id, found.credited_number) == (None, "Q-1")


def test_a_payment_is_read_in_full() -> None:
    found = read(payment())
    assert found.ref == DocumentRef(system="qondor", conn_id="qondor_default", source_id="12345")
    assert (found.number, found.kind, found.state) == (
        "Q-10023",
        DocumentKind.OFFER_INVOICE,
        SourceState.WAITING,
    )
    assert (found.invoice_date, found.due_date, found.payment_terms_days) == (
        dt.date(2026, 11, 2),
        dt.date(2026, 12, 2),
        30,
    )
    assert (found.office_id, found.project_id, found.project_number) == ("7", "5501", "P-5501")
    assert (found.currency, found.purchase_order) == ("NOK", "PO-7781")
    assert found.custom_fields == (("Purchase order number", "PO-7781"), ("Cost centre", "42"))
    assert (found.total_excl_vat, found.vat_amount, found.total_incl_vat) == (D("8000"), D("2000"), D("10000"))
    assert found.party is not None
    assert found.party.model_dump() == {
        "key": "901",
        "name": "Acme Events AS",
        "is_booker": False,
        "is_person": False,
        "first_name": None,
        "last_name": None,
        "customer_number": "C-901",
        "tax_numbers": ("NO912345678MVA", "912345678"),
        "email": "invoice@acme.example",
        "phone": "+4722000000",
        "address": {
            "line1": "Storgata 1",
            "line2": None,
            "postal_code": "0155",
            "city": "Oslo",
            "country_code": "NO",
            "country": "Norway",
            "unread_country": None,
            "has_another": False,
        },
        "language": None,
    }
    assert found.lines[0].model_dump(exclude_none=True) == {
        "description": "Conference room, full day",
        "article_number": "VAT25",
        "quantity": D("2"),
        "unit_price_excl_vat": D("4000"),
        "unit_price_incl_vat": D("5000"),
        "vat_percentage": D("25"),
        "total_excl_vat": D("8000"),
        "vat_amount": D("2000"),
        "total_incl_vat": D("10000"),
    }


def test_only_a_number_a_kind_a_total_and_lines_have_to_be_there() -> None:
    found = read({"invoiceNumber": "Q-1", "typeText": "BookingInvoice", "totalInclVat": 5, "lines": []})
    assert (found.party, found.currency, found.invoice_date, found.due_date, found.vat_amount) == (None,) * 5
    assert (found.lines, found.state) == ((), SourceState.WAITING)


@pytest.mark.parametrize("name", ["invoiceNumber", "lines", "totalInclVat"])
@pytest.mark.parametrize("value", [None, "absent", ""])
def test_what_has_to_be_there_is_named_when_it_is_not(name: str, value: str | None) -> None:
    changed = payment(**{name: value})
    if value == "absent":
        del changed[name]
    with pytest.raises(UnreadableError, match=f"Qondor payment 12345: {name} "):
        read(changed)


def test_keys_are_read_in_any_case() -> None:
    def upper(value: Any) -> Any:
        if isinstance(value, dict):
            return {key[:1].upper() + key[1:]: upper(item) for key, item in value.items()}
        return [upper(item) for item in value] if isinstance(value, list) else value

    assert read(upper(payment())) == read(payment())


@pytest.mark.parametrize(("number", "name"), list(enumerate(KINDS, start=1)))
def test_the_kind_is_told_by_text_or_number(number: int, name: str) -> None:
    fitting = {"isCreditNote": None, "formOfPayment": None, "formOfPaymentText": None}
    for kind in (
        {"type": None, "typeText": name},
        {"type": number, "typeText": None},
        {"type": str(number), "typeText": None},
        {"type": name, "typeText": ""},
        {"type": number, "typeText": name.lower()},
    ):
        assert read(payment(**fitting, **kind)).kind is KINDS[name]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"type": None, "typeText": None}, "typeText .* is missing"),
        ({"type": None, "typeText": "Proforma"}, "typeText is unknown: 'Proforma'"),
        ({"type": 6, "typeText": None}, "type is unknown: '6'"),
        ({"type": 0, "typeText": None}, "type is unknown: '0'"),
        ({"type": 2, "typeText": "CustomerOfferInvoice"}, "typeText is CustomerOfferInvoice, but type is 2"),
        ({"type": True, "typeText": None}, "type is not a text: true"),
        ({"isCreditNote": True}, "isCreditNote is true, but its type is customer offer invoice"),
        ({"type": 5, "typeText": "CreditNote"}, "isCreditNote is false, but its type is credit note"),
        ({"formOfPayment": 2, "formOfPaymentText": "CreditCard"}, "formOfPayment is CreditCard, but its type is"),
        ({"type": 4, "typeText": "CreditCardPayment"}, "formOfPayment is Invoice, but its type is card payment"),
        ({"formOfPayment": 2}, "formOfPaymentText is Invoice, but formOfPayment is 2"),
        ({"statusText": "Lost"}, "statusText is unknown: 'Lost'"),
        ({"status": 9, "statusText": None}, "status is unknown: '9'"),
        ({"currency": "SEK"}, "currency is SEK, but currencyCode is NOK"),
        ({"currency": "kr."}, "currency is not a currency: 'kr.'"),
        ({"currency": None, "currencyCode": 1}, "currencyCode is not a currency: '1'"),
        ({"paymentTermsDays": 10**9}, "paymentTermsDays is not a payment term: 1000000000"),
        ({"paymentTermsDays": -1}, "paymentTermsDays is not a payment term: -1"),
        ({"id": 999}, "id is not 12345, which was asked for: '999'"),
        ({"customer": "Acme"}, "customer is not an object: 'Acme'"),
        ({"lines": {}}, "lines is not a list: an object"),
        ({"lines": [None]}, r"lines\[0\] is not an object: none"),
        ({"lines": [{"description": "x", "unitPriceExclVat": 5}]}, r"lines\[0\]\.totalInclVat is missing"),
        ({"lines": [{}]}, r"lines\[0\]\.totalInclVat is missing"),
        ({"totalInclVat": "ten"}, "totalInclVat is not an amount: 'ten'"),
        ({"invoiceDate": "2.13.2026"}, "invoiceDate is not a date: '2.13.2026'"),
        ({"invoiceDate": "2/11/2026"}, "invoiceDate may be two dates: '2/11/2026'"),
        ({"totalInclVat": "1,234"}, "totalInclVat is not an amount: '1,234'"),
        ({"totalInclVat": "10000 SEK"}, "totalInclVat is not an amount: '10000 SEK'"),
        ({"customInvoiceFields": 7}, "customInvoiceFields is not a list: 7"),
    ],
)
def test_nothing_is_guessed(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UnreadableError, match=f"Qondor payment 12345: {complaint}"):
        read(payment(**changes))


def test_a_card_payment_and_a_card_refund_are_known() -> None:
    by_card = {"formOfPayment": 2, "formOfPaymentText": "CreditCard"}
    card_payment = read(payment(type=4, typeText="CreditCardPayment", **by_card))
    assert card_payment.is_card_payment
    assert card_payment.paid_by_card
    assert read(credit_note(**by_card)).is_card_refund
    assert not read(credit_note()).is_card_refund
    assert read(payment(type=4, typeText=None, formOfPayment=None, formOfPaymentText=None)).paid_by_card


@pytest.mark.parametrize(
    ("status", "text", "state"),
    [
        (None, None, SourceState.WAITING),
        (1, None, SourceState.WAITING),
        (2, None, SourceState.PROCESSED),
        (3, None, SourceState.FAILED),
        (4, None, SourceState.PAID),
        (1, "Paid", SourceState.PAID),
        (99, "processed", SourceState.PROCESSED),
    ],
)
def test_the_state_is_told_by_text_else_by_number(status: int | None, text: str | None, state: SourceState) -> None:
    assert read(payment(status=status, statusText=text)).state is state


@pytest.mark.parametrize(
    ("currency", "code", "letters"),
    [("NOK", None, "NOK"), (None, 578, "NOK"), (None, "578", "NOK"), ("", "SEK", "SEK"), (" nok", "578", "NOK")],
)
def test_the_currency_is_told_by_letters_or_number(currency: str | None, code: object, letters: str) -> None:
    assert read(payment(currency=currency, currencyCode=code)).currency == letters


@pytest.mark.parametrize(
    ("custom_field", "order"),
    [
        ({"heading": "Reference", "externalReference": "po", "value": 7781}, "7781"),
        ({"heading": "Your PO Number", "externalReference": None, "value": "A"}, "A"),
        ({"heading": "PURCHASE ORDER", "value": "A"}, "A"),
        ({"heading": "Postal code", "value": "A"}, None),
        ({"heading": "Purchase order", "value": " "}, None),
        ({}, None),
    ],
)
def test_the_purchase_order_is_found_among_the_custom_fields(custom_field: dict[str, Any], order: str | None) -> None:
    assert read(payment(customInvoiceFields=[{"heading": "x", "value": "y"}, custom_field])).purchase_order == order


@pytest.mark.parametrize(
    "change",
    [
        {"status": 2, "statusText": "Processed"},
        {"externalReference": "FIN-1"},
        {"failureMessage": "No"},
        {"paidDate": "2026-12-01"},
        {"somethingNew": {"a": 1}},
        {"totalInclVat": D("10000.0")},
    ],
)
def test_the_payload_hash_stays_when_nothing_that_matters_changes(change: dict[str, Any]) -> None:
    assert read(payment(**change)).payload_hash == read(payment()).payload_hash


@pytest.mark.parametrize(
    "change",
    [
        {"totalInclVat": D("10000.01")},
        {"invoiceNumber": "Q-10024"},
        {"lines": [line(description="Another")]},
        {"lines": [line(), line()]},
        {"dueDate": None},
        {"customer": {**payment()["customer"], "name": "Acme AS"}},
        {"type": 2, "typeText": "CustomerFormInvoice"},
    ],
)
def test_the_payload_hash_changes_with_the_content(change: dict[str, Any]) -> None:
    assert read(payment(**change)).payload_hash != read(payment()).payload_hash
