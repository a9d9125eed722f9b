"""The seed's two samples of an invoice, and bodies that are made of them."""

from __future__ import annotations

import copy
import json
from typing import Any

from sandbox.exact_json import read_json

ADDRESS = {"address": "Address", "city": "City", "countryCode": "SE", "name": "Name", "zip": "12345"}
SAMPLE: dict[str, Any] = {
    "articleRows": [
        {
            "description": "This is a article", "discountType": "PERCENTAGE", "price": 100, "quantity": "2,00",
            "total": 200.0, "totalDiscount": 0.0, "totalExclVat": 200, "totalVat": 50, "unit": "pcs",
            "vatPercentage": 25,
        }
    ],
    "currency": {"baseCurrency": "SEK", "exchangeRate": 1.0, "invoiceCurrency": "SEK"},
    "dates": {"expireDate": "2021-06-01", "invoiceDate": "2021-05-17"},
    "debtor": {
        "cellPhone": "+46", "customerNumber": "123", "identificationNumber": "1234567890", "invoiceAddress": ADDRESS,
        "name": "Name", "type": "COMPANY",
    },
    "distributionCode": "LETTER",
    "invoiceNumber": "123456",
    "productCode": "INVOICE_SERVICE",
    "totals": {
        "taxReduction": 0.0, "total": 250.0, "totalExclVat": 200, "totalRoundOff": 0.0, "totalToPay": 250.0,
        "totalVat": 50.0,
    },
    "type": "INVOICE",
    "vats": [{"percentage": 25, "totalTaxable": 200, "totalVat": 50}],
}  # fmt: skip
"""The seed's first sample."""
ADDITIONAL: dict[str, Any] = {
    "dates.deliveryDate": "2021-06-01",
    "debtor.FMI": "",
    "debtor.GLN": "1234567890123",
    "debtor.deliveryAddress": ADDRESS,
    "debtor.distributionChannel": "EMAIL",
    "debtor.distributionChannelOverride": True,
    "debtor.email": "invoice@kund.example",
    "debtor.phone": "+46",
    "debtor.vatNumber": "SE123456789001",
    "documentTemplateCode": "STANDARD",
    "fees": {"administration": 0.0, "administrationVatPercentage": 25, "freight": 0.0, "freightVatPercentage": 25},
    "ourOrderNumber": "John",
    "ourReference": "Jane",
    "remark": "This is my invoice remark",
    "reverseCharge": False,
    "serviceProviderCode": "A_VALID_SERVICE_PROVIDER",
    "terms": {"delivery": "DHL", "payment": "15 Days"},
    "yourContactPerson": "Your contact",
    "yourReference": "Ref 123",
}
"""The seed's second sample, each field where the contract page puts it."""


def changed(changes: dict[str, Any], body: dict[str, Any] = SAMPLE) -> dict[str, Any]:
    """The body with values replaced by path (`totals.total`, `articleRows.0.price`); `...` takes a field away."""
    result = copy.deepcopy(body)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place: Any = result
        for step in steps:
            place = place[step]
        if value is ...:
            place.pop(last, None)
        else:
            place[last] = value
    return result


def credit(**changes: Any) -> dict[str, Any]:
    """A credit of the whole sample."""
    negative = {
        "type": "CREDIT_INVOICE", "invoiceNumber": "123457", "debitInvoiceNumber": "123456",
        "articleRows.0.price": -100, "articleRows.0.total": -200, "articleRows.0.totalExclVat": -200,
        "articleRows.0.totalVat": -50, "totals.total": -250, "totals.totalExclVat": -200, "totals.totalToPay": -250,
        "totals.totalVat": -50, "vats.0.totalTaxable": -200, "vats.0.totalVat": -50,
    }  # fmt: skip
    return changed({**negative, **changes})


def exact(body: dict[str, Any]) -> dict[str, Any]:
    """A body as it arrives over HTTP: its fractions are decimals."""
    read: dict[str, Any] = read_json(json.dumps(body, default=str))
    return read
