"""Every field of the seed's two samples can be filled, from the document or the route, and in the right place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from invoice_bridge_core.documents import Address, DocumentKind
from sandbox.quiddly import shape
from tests.builders import line, party
from tests.systems.quiddly.bodies import body_of, booker, swedish

FIELDS = {
    "gln": "GLN", "fmi": "FMI", "your_reference": "Your reference", "your_contact_person": "Contact",
    "our_reference": "Our reference", "remark": "Remark", "cell_phone": "Mobile", "delivery_date": "Delivery date",
    "delivery_name": "To", "delivery_address": "Street", "delivery_zip": "Zip", "delivery_city": "Town",
    "delivery_country_code": "Country", "tax_reduction": "ROT", "distribution_code": "Invoice by",
}  # fmt: skip
EVERYTHING: dict[str, Any] = {
    "custom_fields": FIELDS, "distribution_channel": "EMAIL", "distribution_channel_override": True,
    "service_provider_code": "A_VALID_SERVICE_PROVIDER", "administration_fee": "45.00", "freight_fee": "12.50",
    "freight_fee_vat": 12, "our_reference": "Jane", "remark": "This is my invoice remark",
    "terms_of_payment": "{days} Days", "terms_of_delivery": "DHL", "reverse_charge": True, "unit": "st",
}  # fmt: skip
SAID = (
    ("GLN", "7365566778899"), ("your reference ", "Ref 123"), ("Contact", "Karin Ek"), ("Mobile", "+46701"),
    ("Delivery date", "2026-11-01"), ("Street", "Kajen 3"), ("Zip", "261 31"), ("Town", "Landskrona"),
    ("Country", "SE"), ("ROT", "100,50"), ("Remark", "and this"),
)  # fmt: skip


def paths(value: dict[str, Any], prefix: str = "") -> set[str]:
    """The fields of an object and of those inside it."""
    found = set()
    for name, each in value.items():
        found.add(prefix + name)
        inner = each[0] if isinstance(each, list) else each
        if isinstance(inner, dict):
            found |= paths(inner, f"{prefix}{name}.")
    return found


def published() -> set[str]:
    """Every field of the two samples by its path."""
    inner = {
        "articleRows": shape.ROW, "currency": shape.CURRENCY, "dates": shape.DATES, "debtor": shape.DEBTOR,
        "totals": shape.TOTALS, "vats": shape.VAT, "fees": shape.FEES, "terms": shape.TERMS,
        "debtor.invoiceAddress": shape.ADDRESS, "debtor.deliveryAddress": shape.ADDRESS,
    }  # fmt: skip
    return set(shape.INVOICE) | {f"{path}.{name}" for path, fields in inner.items() for name in fields}


def test_all_fields_of_the_samples_can_be_filled() -> None:
    company = body_of(swedish(custom_fields=SAID, project_number="P-5501"), **EVERYTHING)
    person = body_of(swedish(custom_fields=(("FMI", "8888"),), party=booker()), **EVERYTHING)
    credit = swedish(kind=DocumentKind.CREDIT_NOTE, credited_number="Q-9")
    filled = paths(company) | paths(person) | paths(body_of(credit, **EVERYTHING))
    assert published() - filled == {"client_id"}  # which the connection knows
    assert filled - published() == set()


def test_the_whole_of_an_ordinary_invoice() -> None:
    one = swedish(line("4000.00", quantity=Decimal(2), unit_price_excl_vat=Decimal("2000.00")), project_number="P-5501")
    assert body_of(one) == {
        "type": "INVOICE",
        "invoiceNumber": "QQ-10023",
        "dates": {"invoiceDate": "2026-11-02", "expireDate": "2026-12-02"},
        "currency": {"baseCurrency": "SEK", "exchangeRate": Decimal("1.0"), "invoiceCurrency": "SEK"},
        "debtor": {
            "type": "COMPANY", "customerNumber": "C-901", "name": "Acme Events AS",
            "identificationNumber": "912345678", "vatNumber": "NO912345678MVA", "email": "invoice@acme.example",
            "phone": "+4722000000",
            "invoiceAddress": {
                "address": "Storgata 1", "city": "Oslo", "countryCode": "NO", "zip": "0155", "name": "Acme Events AS",
            },
        },
        "articleRows": [
            {
                "description": "Conference room, full day", "discountType": "PERCENTAGE", "price": Decimal(2000),
                "quantity": "2.00", "total": Decimal(4000), "totalDiscount": 0, "totalExclVat": Decimal(4000),
                "totalVat": Decimal(1000), "unit": "pcs", "vatPercentage": 25,
            }
        ],
        "vats": [{"percentage": 25, "totalTaxable": Decimal(4000), "totalVat": Decimal(1000)}],
        "totals": {
            "taxReduction": 0, "total": Decimal(5000), "totalExclVat": Decimal(4000), "totalRoundOff": 0,
            "totalToPay": Decimal(5000), "totalVat": Decimal(1000),
        },
        "ourOrderNumber": "P-5501",
        "reverseCharge": False,
        "distributionCode": "EMAIL",
        "documentTemplateCode": "STANDARD",
        "productCode": "INVOICE_SERVICE",
    }  # fmt: skip


def test_what_the_route_and_the_custom_fields_say_is_written() -> None:
    body = body_of(swedish(custom_fields=SAID), **EVERYTHING)
    assert (body["ourReference"], body["yourReference"], body["yourContactPerson"]) == ("Jane", "Ref 123", "Karin Ek")
    assert (body["remark"], body["terms"]) == ("This is my invoice remark · and this",
                                               {"delivery": "DHL", "payment": "30 Days"})  # fmt: skip
    assert body["fees"] == {
        "administration": Decimal(45), "administrationVatPercentage": 25, "freight": Decimal("12.50"),
        "freightVatPercentage": 12,
    }  # fmt: skip
    assert body["dates"]["deliveryDate"] == "2026-11-01"
    assert body["debtor"]["deliveryAddress"] == {
        "address": "Kajen 3", "city": "Landskrona", "countryCode": "SE", "name": "Acme Events AS", "zip": "261 31",
    }  # fmt: skip
    assert (body["debtor"]["GLN"], body["debtor"]["cellPhone"]) == ("7365566778899", "+46701")
    assert (body["totals"]["taxReduction"], body["totals"]["totalToPay"]) == (Decimal("100.50"), Decimal("9899.50"))
    assert "FMI" not in body["debtor"]


@pytest.mark.parametrize("day", ["1.11.2026", "2026-10-31T23:00:00Z", "1 november 2026", "2026/11/01"])
@pytest.mark.parametrize("amount", ["100,50", "100.50 kr", "SEK 100,50", " 100,50\u00a0"])
def test_custom_fields_are_read_as_people_write_them(day: str, amount: str) -> None:
    body = body_of(swedish(custom_fields=(("Delivery date", day), ("ROT", amount))), custom_fields=FIELDS)
    assert (body["dates"]["deliveryDate"], body["totals"]["taxReduction"]) == ("2026-11-01", Decimal("100.50"))


def test_a_purchase_order_is_the_reference_unless_a_field_is_mapped() -> None:
    assert body_of(swedish(purchase_order="PO-7"))["yourReference"] == "PO-7"
    both = swedish(purchase_order="PO-7", custom_fields=(("Your reference", "Ref 1"),))
    assert body_of(both, custom_fields=FIELDS)["yourReference"] == "Ref 1"


def test_a_credit_is_negative_but_for_its_quantity_and_names_its_invoice() -> None:
    credit = swedish(
        line("4000.00", quantity=Decimal(2), unit_price_excl_vat=Decimal("2500.00")),
        kind=DocumentKind.CREDIT_NOTE, credited_number="Q-9", custom_fields=SAID,
    )  # fmt: skip
    body = body_of(credit, **EVERYTHING)
    assert (body["type"], body["debitInvoiceNumber"]) == ("CREDIT_INVOICE", "QQ-9")
    [row] = body["articleRows"]
    assert (row["quantity"], row["price"], row["discountType"], row["totalDiscount"]) == (
        "2.00", Decimal(-2500), "CURRENCY", Decimal(-1000),
    )  # fmt: skip
    assert (row["total"], row["totalExclVat"], row["totalVat"]) == (Decimal(-4000), Decimal(-4000), Decimal(-1000))
    assert body["vats"] == [{"percentage": 25, "totalTaxable": Decimal(-4000), "totalVat": Decimal(-1000)}]
    assert body["totals"] == {
        "taxReduction": Decimal("-100.50"), "total": Decimal(-5000), "totalExclVat": Decimal(-4000),
        "totalRoundOff": 0, "totalToPay": Decimal("-4899.50"), "totalVat": Decimal(-1000),
    }  # fmt: skip
    assert "fees" not in body
    assert "-0" not in str(body["totals"]["totalRoundOff"])


@pytest.mark.parametrize(
    ("kind", "by_card", "remark", "terms"),
    [
        (DocumentKind.CARD_PAYMENT, True, "Paid by card", {"payment": "Paid by card"}),
        (DocumentKind.CREDIT_NOTE, True, "Refunded to the card", None),
    ],
)
def test_card_money_is_said_and_never_sold_sent_out_or_charged_for(
    kind: DocumentKind, by_card: bool, remark: str, terms: dict[str, str] | None
) -> None:
    paid = swedish(kind=kind, paid_by_card=by_card, credited_number="Q-9")
    body = body_of(paid, product_code="INVOICE_FACTORING_SELL", administration_fee="45.00")
    assert (body["remark"], body.get("terms"), body["distributionCode"]) == (remark, terms, None)
    assert (body["productCode"], "fees" in body) == ("INVOICE_SERVICE", False)
    assert body_of(swedish(), product_code="INVOICE_FACTORING_SELL")["productCode"] == "INVOICE_FACTORING_SELL"
    assert body_of(paid, card_distribution_code="LETTER")["distributionCode"] == "LETTER"


def test_a_foreign_currency_has_its_rate_and_no_fees() -> None:
    body = body_of(swedish(currency="EUR"), exchange_rates={"EUR": "11.25"}, administration_fee="45.00")
    assert body["currency"] == {"baseCurrency": "SEK", "exchangeRate": Decimal("11.25"), "invoiceCurrency": "EUR"}
    assert "fees" not in body


@pytest.mark.parametrize(
    ("stated", "sent"),
    [("EMAIL", "EMAIL"), ("letter", "LETTER"), ("Electronic invoice", "ELECTRONIC_INVOICE"), ("", "EMAIL")],
)
def test_a_custom_field_chooses_the_way_of_sending(stated: str, sent: str) -> None:
    one = swedish(custom_fields=(("Invoice by", stated),))
    assert body_of(one, custom_fields=FIELDS)["distributionCode"] == sent


def test_reverse_charge_is_for_companies_with_a_vat_number_and_no_vat_on_the_invoice() -> None:
    free = line("500.00", vat="0")
    said = [
        body_of(one, reverse_charge=True)["reverseCharge"]
        for one in (
            swedish(free),
            swedish(free, line()),
            swedish(free, party=booker()),
            swedish(free, party=party(tax_numbers=("912345678",))),
        )
    ]
    assert said == [True, False, False, False]
    assert body_of(swedish(free))["reverseCharge"] is False


def test_a_booker_is_a_person_known_by_the_key_at_the_routes_address() -> None:
    stand_in = {"address": "Poste restante", "zip": "211 20", "city": "Malmö", "country_code": "SE"}
    debtor = body_of(swedish(party=booker()), booker_address=stand_in)["debtor"]
    assert debtor == {
        "type": "PERSON", "customerNumber": "kari@people.example", "name": "Kari Nordmann",
        "email": "kari@people.example", "cellPhone": "+4722000000",
        "invoiceAddress": {
            "address": "Poste restante", "city": "Malmö", "countryCode": "SE", "name": "Kari Nordmann", "zip": "211 20",
        },
    }  # fmt: skip
    at_home = booker(address=Address(line1="Hemma 1", postal_code="1", city="Lund", country_code="SE"))
    assert body_of(swedish(party=at_home), booker_address=stand_in)["debtor"]["invoiceAddress"]["address"] == "Hemma 1"


def test_two_lines_of_an_address_become_one() -> None:
    address = Address(line1="Storgata 1 ", line2="Oppgang B", postal_code="0155", city="Oslo", country_code="NO")
    debtor = body_of(swedish(party=party(address=address)))["debtor"]
    assert debtor["invoiceAddress"]["address"] == "Storgata 1, Oppgang B"


def test_an_invalid_email_is_left_out_where_nothing_is_sent_to_it() -> None:
    body = body_of(swedish(party=party(email="at home")), distribution_code="LETTER")
    assert "email" not in body["debtor"]


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({"due_date": dt.date(2026, 11, 20)}, "2026-11-20"),
        ({"due_date": None, "payment_terms_days": 10}, "2026-11-12"),
        ({"due_date": None, "payment_terms_days": 0}, "2026-11-02"),
        ({"due_date": None, "payment_terms_days": None}, "2026-12-02"),
    ],
)
def test_due_dates(changes: dict[str, Any], due: str) -> None:
    assert body_of(swedish(**changes))["dates"]["expireDate"] == due
