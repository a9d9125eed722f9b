"""Payments as Qondor writes them, parsed as the hook parses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.exact_json import read_json
from invoice_bridge.systems.qondor.payment import read_payment

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document

_PAYMENT = """{
  "id": 12345, "invoiceNumber": "Q-10023",
  "type": 1, "typeText": "CustomerOfferInvoice", "formOfPayment": 1, "formOfPaymentText": "Invoice",
  "isCreditNote": false, "creditedInvoiceId": null, "creditedInvoiceNumber": null,
  "status": 1, "statusText": "Unprocessed",
  "invoiceDate": "2026-11-02", "dueDate": "2026-12-02", "paymentTermsDays": 30,
  "currency": "NOK", "currencyCode": 578,
  "officeId": 7, "officeName": "Oslo", "projectId": 5501, "projectNo": "P-5501", "projectName": "Nordic Sales Kick-off",
  "customer": {
    "id": 901, "customerNumber": "C-901", "externalReference": null,
    "name": "Acme Events AS", "legalName": "Acme Events Norge AS",
    "organisationNumber": "912345678", "vatNumber": "NO912345678MVA",
    "invoiceEmail": "invoice@acme.example", "phoneNumber": "+4722000000",
    "address": "Storgata 1", "address2": null, "zipCode": "0155", "city": "Oslo",
    "country": "Norway", "countryCode": "NO",
    "invoiceAddressEnabled": false, "invoiceAddress": "Postboks 9", "invoiceAddress2": null,
    "invoiceZipCode": "0101", "invoiceCity": "Oslo", "invoiceCountryCode": "no"
  },
  "booker": null,
  "customInvoiceFields": [
    {"id": 1, "heading": "Purchase order number", "externalReference": "PO", "value": "PO-7781"},
    {"id": 2, "heading": "Cost centre", "externalReference": null, "value": "42"}
  ],
  "lines": [
    {"id": 1, "description": "Conference room, full day", "articleNumber": "VAT25", "quantity": 2.0,
     "unitPriceExclVat": 4000.00, "unitPriceInclVat": 5000.00, "vatPercentage": 25.0,
     "totalExclVat": 8000.00, "vatAmount": 2000.00, "totalInclVat": 10000.00}
  ],
  "totalExclVat": 8000.00, "vatAmount": 2000.00, "totalInclVat": 10000.00,
  "externalReference": null, "failureMessage": null, "paidDate": null
}"""


def payment(**changes: Any) -> dict[str, Any]:
    """The contract's example, changed."""
    return {**read_json(_PAYMENT), **changes}


def line(**changes: Any) -> dict[str, Any]:
    """The line of the example, changed."""
    return {**payment()["lines"][0], **changes}


def credit_note(**changes: Any) -> dict[str, Any]:
    """A credit note of the example's amounts."""
    return payment(**{"type": 5, "typeText": "CreditNote", "isCreditNote": True, **changes})


def read(values: Any, source_id: str = "12345") -> Document:
    """The document that the payment is."""
    return read_payment(values, conn_id="qondor_default", source_id=source_id)
