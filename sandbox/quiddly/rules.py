"""The rules between an invoice's fields (quiddly.md, "Create"): sums, signs, VAT, distribution."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.countries import is_country_code
from invoice_bridge_core.documents.currencies import rounding_unit
from sandbox.quiddly.shape import Faults, note, shape_faults

if TYPE_CHECKING:
    from sandbox.store import Row

_CENT = Decimal("0.01")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def invoice_faults(body: Any) -> Faults:
    """All that is wrong with the body of a new invoice, besides what depends on other invoices."""
    faults = shape_faults(body)
    if faults:
        return faults
    unit = rounding_unit(body["currency"]["invoiceCurrency"])
    for position, row in enumerate(body["articleRows"]):
        _row(faults, f"articleRows[{position}]", row, unit)
    _sums(faults, body)
    _signs(faults, body)
    _vats(faults, body)
    _currency(faults, body["currency"])
    _addresses(faults, body["debtor"])
    if body["dates"]["expireDate"] < body["dates"]["invoiceDate"]:
        note(faults, "dates.expireDate", "must not be before the invoice date.")
    _together(faults, body)
    for field, messages in distribution_faults(body, body["distributionCode"]).items():
        faults.setdefault(field, []).extend(messages)
    return faults


def distribution_faults(invoice: Row, code: str | None) -> Faults:
    """What an invoice lacks to be sent out in this way."""
    faults: Faults = {}
    debtor = invoice["debtor"]
    if code == "EMAIL" and not _EMAIL.fullmatch(debtor.get("email") or ""):
        note(faults, "debtor.email", "must be a valid address for distribution by EMAIL.")
    if code == "ELECTRONIC_INVOICE":
        field = "FMI" if debtor.get("type") == "PERSON" else "GLN"
        if not debtor.get(field):
            note(faults, f"debtor.{field}", "must be provided for distribution as ELECTRONIC_INVOICE.")
    return faults


def _row(faults: Faults, path: str, row: Row, unit: Decimal) -> None:
    quantity = Decimal(row["quantity"].replace(",", "."))
    gross = row["price"] * quantity
    discount = gross * row["totalDiscount"] / 100 if row["discountType"] == "PERCENTAGE" else row["totalDiscount"]
    if _cents(gross - discount) != row["total"]:
        note(faults, f"{path}.total", "must be price × quantity less the discount.")
    if row["total"] != row["totalExclVat"]:
        note(faults, f"{path}.total", "must be totalExclVat.")
    exact = row["totalExclVat"] * row["vatPercentage"] / 100
    # A unit of rounding, or one per piece for an ERP that rounds per piece; at no rate at all nothing.
    allowed = max(unit, min(unit * quantity, abs(row["totalExclVat"]) / 100)) if row["vatPercentage"] else 0
    if abs(row["totalVat"] - exact) > allowed:
        note(faults, f"{path}.totalVat", "must be vatPercentage of totalExclVat.")
    for field in ("total", "totalExclVat", "totalVat"):
        if _cents(row[field]) != row[field]:
            note(faults, f"{path}.{field}", "must have two decimals at most.")


def _sums(faults: Faults, body: Row) -> None:
    rows, vats, totals = body["articleRows"], body["vats"], body["totals"]
    rules = {
        "totalExclVat": (
            sum(row["totalExclVat"] for row in rows),
            sum(vat["totalTaxable"] for vat in vats),
            "must be the sum of the rows' totalExclVat and of the vats' totalTaxable.",
        ),
        "totalVat": (
            sum(row["totalVat"] for row in rows),
            sum(vat["totalVat"] for vat in vats),
            "must be the sum of the rows' totalVat and of the vats' totalVat.",
        ),
    }
    for field, (of_rows, of_vats, message) in rules.items():
        if not totals[field] == of_rows == of_vats:
            note(faults, f"totals.{field}", message)
    if totals["total"] != totals["totalExclVat"] + totals["totalVat"]:
        note(faults, "totals.total", "must be totalExclVat + totalVat.")
    if totals["totalToPay"] != totals["total"] + totals["totalRoundOff"] - totals["taxReduction"]:
        note(faults, "totals.totalToPay", "must be total + totalRoundOff − taxReduction.")


def _signs(faults: Faults, body: Row) -> None:
    is_credit = body["type"] == "CREDIT_INVOICE"
    for field in ("total", "totalToPay", "taxReduction"):
        amount = body["totals"][field]
        if (amount > 0) if is_credit else (amount < 0):
            note(faults, f"totals.{field}", f"must {'be negative on a credit' if is_credit else 'not be negative'}.")
    for position, row in enumerate(body["articleRows"]):
        if row["price"] * row["total"] < 0:
            note(faults, f"articleRows[{position}].price", "must have the sign of the row's total.")


def _vats(faults: Faults, body: Row) -> None:
    declared = [vat["percentage"] for vat in body["vats"]]
    used = {row["vatPercentage"] for row in body["articleRows"]}
    if len(set(declared)) < len(declared) or set(declared) != used:
        note(faults, "vats", "must declare each rate of the rows once.")
        return
    for position, vat in enumerate(body["vats"]):
        rows = [row for row in body["articleRows"] if row["vatPercentage"] == vat["percentage"]]
        sums = sum(row["totalExclVat"] for row in rows), sum(row["totalVat"] for row in rows)
        if sums != (vat["totalTaxable"], vat["totalVat"]):
            note(faults, f"vats[{position}]", "must be the sums of the rows of its rate.")


def _currency(faults: Faults, currency: Row) -> None:
    rate = currency["exchangeRate"]
    if rate <= 0 or (currency["baseCurrency"] == currency["invoiceCurrency"] and rate != 1):
        note(faults, "currency.exchangeRate", "must be positive, and 1 for the base currency itself.")
    for field in ("baseCurrency", "invoiceCurrency"):
        if not re.fullmatch("[A-Z]{3}", currency[field]):
            note(faults, f"currency.{field}", "must be an ISO 4217 currency.")


def _addresses(faults: Faults, debtor: Row) -> None:
    for name in ("invoiceAddress", "deliveryAddress"):
        if name in debtor and not is_country_code(debtor[name]["countryCode"]):
            note(faults, f"debtor.{name}.countryCode", "must be an ISO 3166-1 alpha-2 code.")


def _together(faults: Faults, body: Row) -> None:
    """Fields that only go with others."""
    if body["type"] == "CREDIT_INVOICE" and "debitInvoiceNumber" not in body:
        note(faults, "debitInvoiceNumber", "must be provided for a credit.")
    if body["type"] == "INVOICE" and "debitInvoiceNumber" in body:
        note(faults, "debitInvoiceNumber", "is for credits only.")
    debtor = body["debtor"]
    if ("distributionChannel" in debtor) != ("distributionChannelOverride" in debtor):
        note(faults, "debtor.distributionChannel", "goes together with distributionChannelOverride.")


def _cents(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(_CENT, rounding=ROUND_HALF_UP)
