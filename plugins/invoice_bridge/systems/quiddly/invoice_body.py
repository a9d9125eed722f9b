"""A document as the body of `POST /invoices`, every field in its place (contract quiddly.md, "Create").

The seed's second sample never closes `debtor`: `documentTemplateCode` and all that follows it stand beside `debtor`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

from invoice_bridge.systems.marks import booking_number
from invoice_bridge.systems.quiddly.debtor import debtor_body
from invoice_bridge.systems.quiddly.rows import article_rows
from invoice_bridge.systems.quiddly.settings import Distribution, QuiddlySettings, custom_field, is_paid_by_card
from invoice_bridge.systems.quiddly.texts import texts
from invoice_bridge.systems.quiddly.totals import Totals, vats
from invoice_bridge.systems.quiddly.vat import split_lines
from invoice_bridge_core.documents import round_half_up
from invoice_bridge_core.documents.reading.dates import read_date
from invoice_bridge_core.documents.reading.numbers import read_amount
from invoice_bridge_core.errors import HeldError
from invoice_bridge_core.routes.due_date import due_date

if TYPE_CHECKING:
    import datetime as dt

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)


def invoice_body(document: Document, route: Route, debit_invoice_number: str | None) -> dict[str, Any]:
    """What is sent to create the document.

    :param debit_invoice_number: Quiddly's number of the invoice that a credit note refers to.
    :raises HeldError: the document has problems that `problems` names.
    """
    settings = route.finance_as(QuiddlySettings)
    splits, problems = split_lines(document, route.policy.total_tolerance)
    rate = exchange_rate(document, settings)
    if problems or not splits or document.party is None or document.invoice_date is None or rate is None:
        raise HeldError(f"{document.number} cannot be written for Quiddly: a customer, date, rate or VAT is missing")
    is_credit = document.is_credit_note
    body: dict[str, Any] = {
        "type": "CREDIT_INVOICE" if is_credit else "INVOICE",
        "invoiceNumber": booking_number(document.number, route),
        "debitInvoiceNumber": debit_invoice_number if is_credit else None,
        "dates": _dates(document, document.invoice_date, route),
        "currency": {
            "baseCurrency": settings.base_currency,
            "exchangeRate": rate,
            "invoiceCurrency": document.currency,
        },
        "debtor": debtor_body(document, document.party, settings),
        "articleRows": article_rows(document, splits, unit=settings.unit),
        "vats": vats(splits, is_credit=is_credit),
        "totals": Totals.of(document, splits, tax_reduction(document, settings) or Decimal("0.00")).body(
            is_credit=is_credit
        ),
        **texts(document, route, splits),
        **_fees(document, settings),
    }
    known = {field: value for field, value in body.items() if value is not None}
    return {**known, **_handling(document, settings)}


def distribution(document: Document, settings: QuiddlySettings) -> Distribution | None:
    """How the document is sent out, by its custom field or else the route.

    By default nobody is asked for money that a card has paid already.

    :raises ValueError: the custom field holds no way that Quiddly knows.
    """
    if is_paid_by_card(document):
        return settings.card_distribution_code
    text = custom_field(document, settings, "distribution_code")
    if text is None:
        return settings.distribution_code
    wanted = "_".join(text.upper().replace("-", " ").replace("_", " ").split())
    for code in DISTRIBUTIONS:
        if code == wanted:
            return code
    raise ValueError(text)


def exchange_rate(document: Document, settings: QuiddlySettings) -> Decimal | None:
    """What one unit of the document's currency costs in the base currency; `None` when the route has no rate for it."""
    if document.currency is None:
        return None
    return (
        Decimal("1.0")
        if document.currency == settings.base_currency
        else settings.exchange_rates.get(document.currency)
    )


def tax_reduction(document: Document, settings: QuiddlySettings) -> Decimal | None:
    """What the state pays instead of the debtor, by the source's custom field.

    :raises ValueError: the field holds no amount.
    """
    text = custom_field(document, settings, "tax_reduction")
    if text is None:
        return None
    amount = read_amount(text, document.currency)
    if amount is None or amount < 0 or amount != round_half_up(amount):
        raise ValueError(text)
    return amount


def delivery_date(document: Document, route: Route) -> dt.date | None:
    """When it was delivered, by the source's custom field.

    :raises ValueError: the field holds no date, or may hold two.
    """
    text = custom_field(document, route.finance_as(QuiddlySettings), "delivery_date")
    return None if text is None else read_date(text, ZoneInfo(route.schedule.timezone))


def _dates(document: Document, invoice_date: dt.date, route: Route) -> dict[str, str]:
    dates = {
        "invoiceDate": invoice_date.isoformat(),
        "expireDate": (due_date(document, route) or invoice_date).isoformat(),
    }
    delivered = delivery_date(document, route)
    return {**dates, "deliveryDate": delivered.isoformat()} if delivered else dates


def _handling(document: Document, settings: QuiddlySettings) -> dict[str, Any]:
    """What Quiddly is to do with the invoice. `distributionCode` is sent when it is null, too: nothing goes out."""
    product = settings.product_code
    if is_paid_by_card(document) and product == "INVOICE_FACTORING_SELL":
        product = "INVOICE_SERVICE"  # there is no claim left to sell
    handling = {
        "distributionCode": distribution(document, settings),
        "documentTemplateCode": settings.document_template_code,
        "productCode": product,
    }
    if settings.service_provider_code is not None:
        handling["serviceProviderCode"] = settings.service_provider_code
    return handling


def _fees(document: Document, settings: QuiddlySettings) -> dict[str, Any]:
    """The route's fees, which are in its base currency and belong on invoices that are still to be paid."""
    fees = settings.fees
    if fees is None or document.is_credit_note or document.is_card_payment:
        return {}
    if document.currency != settings.base_currency:
        return {}
    return {
        "fees": {
            **fees,
            "administrationVatPercentage": settings.administration_fee_vat,
            "freightVatPercentage": settings.freight_fee_vat,
        }
    }
