"""The fields of an invoice body, each in its place and of its type (quiddly.md, "Create"; samples of seed 003)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

Check = Callable[[Any], str | None]
Faults = dict[str, list[str]]

_QUANTITY = re.compile(r"[0-9]{1,12}[.,][0-9]{2}")


def note(faults: Faults, field: str, message: str) -> None:
    """Add one fault of a field."""
    faults.setdefault(field, []).append(message)


def number(value: Any) -> str | None:
    """Numeric in JSON, not text."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return None if is_number else "must be a number."


def text(value: Any) -> str | None:
    """Text that says something."""
    return None if isinstance(value, str) and value.strip() else "must be provided."


def any_text(value: Any) -> str | None:
    """Text, which may be empty."""
    return None if isinstance(value, str) else "must be text."


def day(value: Any) -> str | None:
    """A date that exists."""
    try:
        return None if date.fromisoformat(value).isoformat() == value else "must be a date written as YYYY-MM-DD."
    except (TypeError, ValueError):
        return "must be a date written as YYYY-MM-DD."


def flag(value: Any) -> str | None:
    """True or false."""
    return None if isinstance(value, bool) else "must be true or false."


def quantity(value: Any) -> str | None:
    """The one number that is text: `2.00` or `2,00`, and positive."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        return "must be text such as 1.00 or 1,00."
    return None if Decimal(value.replace(",", ".")) > 0 else "must be positive."


def one_of(*allowed: object) -> Check:
    """One of a few values; `None` where it is among them."""

    def check(value: Any) -> str | None:
        words = ", ".join("null" if each is None else str(each) for each in allowed)
        return None if value in allowed and not isinstance(value, bool) else f"must be one of {words}."

    return check


def something(value: Any) -> str | None:
    """Looked at elsewhere."""
    return None


_DISTRIBUTION = one_of("LETTER", "EMAIL", "ELECTRONIC_INVOICE", None)
_PRODUCT = one_of("INVOICE_SERVICE", "REMINDER_SERVICE", "INVOICE_FACTORING_SELL")
_TEMPLATE = one_of("STANDARD", "STANDARD_MARKETING")
_VAT = one_of(0, 6, 12, 25)

ROW: Mapping[str, Check] = {
    "description": text,
    "discountType": one_of("PERCENTAGE", "CURRENCY"),
    "price": number,
    "quantity": quantity,
    "total": number,
    "totalDiscount": number,
    "totalExclVat": number,
    "totalVat": number,
    "unit": any_text,
    "vatPercentage": _VAT,
}
CURRENCY: Mapping[str, Check] = {"baseCurrency": text, "exchangeRate": number, "invoiceCurrency": text}
DATES: Mapping[str, Check] = {"expireDate": day, "invoiceDate": day, "deliveryDate": day}
ADDRESS: Mapping[str, Check] = {"address": text, "city": text, "countryCode": text, "name": text, "zip": text}
DEBTOR: Mapping[str, Check] = {
    "cellPhone": any_text,
    "customerNumber": text,
    "identificationNumber": any_text,
    "invoiceAddress": something,
    "name": text,
    "type": one_of("COMPANY", "PERSON"),
    "FMI": any_text,
    "GLN": any_text,
    "deliveryAddress": something,
    "distributionChannel": one_of("LETTER", "EMAIL", "ELECTRONIC_INVOICE"),
    "distributionChannelOverride": flag,
    "email": any_text,
    "phone": any_text,
    "vatNumber": any_text,
}
TOTALS: Mapping[str, Check] = dict.fromkeys(
    ("taxReduction", "total", "totalExclVat", "totalRoundOff", "totalToPay", "totalVat"), number
)
VAT: Mapping[str, Check] = {"percentage": _VAT, "totalTaxable": number, "totalVat": number}
FEES: Mapping[str, Check] = {
    "administration": number,
    "administrationVatPercentage": _VAT,
    "freight": number,
    "freightVatPercentage": _VAT,
}
TERMS: Mapping[str, Check] = {"delivery": any_text, "payment": any_text}
INVOICE: Mapping[str, Check] = {
    "articleRows": something,
    "currency": something,
    "dates": something,
    "debtor": something,
    "distributionCode": _DISTRIBUTION,
    "invoiceNumber": text,
    "productCode": _PRODUCT,
    "totals": something,
    "type": one_of("INVOICE", "CREDIT_INVOICE"),
    "vats": something,
    "debitInvoiceNumber": text,
    "documentTemplateCode": _TEMPLATE,
    "fees": something,
    "ourOrderNumber": any_text,
    "ourReference": any_text,
    "remark": any_text,
    "reverseCharge": flag,
    "serviceProviderCode": text,
    "terms": something,
    "yourContactPerson": any_text,
    "yourReference": any_text,
    "client_id": text,
}
ACTIVATION: Mapping[str, Check] = {
    "productCode": _PRODUCT,
    "distributionCode": _DISTRIBUTION,
    "documentTemplateCode": _TEMPLATE,
    "serviceProviderCode": text,
}
_REQUIRED = {
    "": (
        "articleRows",
        "currency",
        "dates",
        "debtor",
        "distributionCode",
        "invoiceNumber",
        "productCode",
        "totals",
        "type",
        "vats",
    ),
    "currency": tuple(CURRENCY),
    "dates": ("expireDate", "invoiceDate"),
    "debtor": ("customerNumber", "invoiceAddress", "name"),
    "totals": tuple(TOTALS),
}


def shape_faults(body: Any) -> Faults:
    """What is missing, unknown, misplaced or mistyped in the body of a new invoice."""
    faults: Faults = {}
    if not _object(faults, "", body, INVOICE, _REQUIRED[""]):
        return faults
    for name, checks in (("currency", CURRENCY), ("dates", DATES), ("debtor", DEBTOR), ("totals", TOTALS)):
        if name in body:
            _object(faults, name, body[name], checks, _REQUIRED[name])
    for name, checks in (("fees", FEES), ("terms", TERMS)):
        if name in body:
            _object(faults, name, body[name], checks, tuple(FEES) if name == "fees" else ())
    for name, checks in (("articleRows", ROW), ("vats", VAT)):
        _objects(faults, name, body.get(name), checks)
    debtor = body.get("debtor")
    if isinstance(debtor, dict):
        for name in ("invoiceAddress", "deliveryAddress"):
            if name in debtor:
                _object(faults, f"debtor.{name}", debtor[name], ADDRESS, tuple(ADDRESS))
    return faults


def activation_faults(body: Any) -> Faults:
    """What is unknown or mistyped in the body of an activation."""
    faults: Faults = {}
    _object(faults, "", body, ACTIVATION, ())
    return faults


def _objects(faults: Faults, path: str, value: Any, checks: Mapping[str, Check]) -> None:
    if not isinstance(value, list) or not value:
        note(faults, path, "must hold at least one element.")
        return
    for position, each in enumerate(value):
        _object(faults, f"{path}[{position}]", each, checks, tuple(checks))


def _object(faults: Faults, path: str, value: Any, checks: Mapping[str, Check], required: tuple[str, ...]) -> bool:
    if not isinstance(value, dict):
        note(faults, path or "body", "must be an object.")
        return False
    prefix = f"{path}." if path else ""
    for name in required:
        if name not in value:
            note(faults, prefix + name, "must be provided.")
    for name, each in value.items():
        message = checks[name](each) if name in checks else "is no field of this object."
        if message is not None:
            note(faults, prefix + name, message)
    return True
