"""Line items: accounts, tax and arithmetic (xero.md, "Invoices": tax is rounded half-up per line, then summed)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from sandbox.xero.wire import RefusedError, read_amount

if TYPE_CHECKING:
    from sandbox.store import Row
    from sandbox.xero.books import Books

_CENT = Decimal("0.01")
_NOTHING = Decimal("0.00")
_FOUR_PLACES = Decimal("0.0001")
_HUNDRED = Decimal(100)
LINE_AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
DESCRIPTION_LENGTH = 4_000


def half_up(amount: Decimal, unit: Decimal = _CENT) -> Decimal:
    """Rounded half-up, to cents unless told otherwise."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Terms:
    """What a document says about all its lines."""

    line_amount_types: str
    unit_places: int
    final: bool  # submitted or authorised: everything must be complete
    tax_default: str | None = None  # the contact's own, which wins over the account's (xero.md, "Writing")


def build_lines(books: Books, sent: list[Row], terms: Terms) -> list[Row]:
    """The line items as Xero keeps them, or every reason why not."""
    problems: list[str] = []
    lines = []
    for line in sent:
        try:
            lines.append(_build_line(books, line, terms))
        except RefusedError as refusal:
            problems += refusal.messages
    if problems:
        raise RefusedError(*problems)
    return lines


def totals(lines: list[Row], line_amount_types: str) -> dict[str, Decimal]:
    """Sub-total, tax and total of built lines."""
    tax = sum((line.get("TaxAmount", _NOTHING) for line in lines), _NOTHING)
    amount = sum((line["LineAmount"] for line in lines), _NOTHING)
    sub_total = amount - tax if line_amount_types == "Inclusive" else amount
    return {"SubTotal": sub_total, "TotalTax": tax, "Total": sub_total + tax}


def _build_line(books: Books, sent: Row, terms: Terms) -> Row:
    line = _with_item(books, sent)
    description = line.get("Description")
    if _is_text(line):
        return {"LineItemID": str(uuid.uuid4()), "Description": description, "LineAmount": _NOTHING}
    if terms.final and not str(description or "").strip():
        raise RefusedError("Description must be specified for every line item")
    if len(str(description or "")) > DESCRIPTION_LENGTH:
        raise RefusedError(f"Description must not be longer than {DESCRIPTION_LENGTH} characters")
    account = _account(books, line.get("AccountCode"), terms)
    amount = _line_amount(line, terms)
    tax_type = _tax_type(books, line, account, terms)
    built = {
        "LineItemID": str(uuid.uuid4()),
        "Description": description,
        "ItemCode": line.get("ItemCode"),
        **amount,
        "AccountCode": line.get("AccountCode"),
        "AccountID": account["AccountID"] if account else None,
        "TaxType": tax_type,
        "TaxAmount": _tax(books, line, tax_type, amount["LineAmount"], terms),
        "DiscountRate": read_amount(line.get("DiscountRate"), "DiscountRate"),
        "Tracking": _tracking(line.get("Tracking")),
    }
    return {name: value for name, value in built.items() if value is not None}


def _tracking(sent: object) -> list[Row] | None:
    """At most two options by name; what cannot be read is dropped without a word (xero.md)."""
    named = [
        {"Name": one["Name"], "Option": one["Option"]}
        for one in (sent if isinstance(sent, list) else ())
        if isinstance(one, dict) and one.get("Name") and one.get("Option")
    ]
    return named[:2] or None


def _is_text(line: Row) -> bool:
    """A line with a description and nothing else says something and costs nothing (xero.md, "Writing")."""
    said = {name for name, value in line.items() if value is not None} - {"LineItemID", "LineAmount", "TaxAmount"}
    return said == {"Description"} and bool(str(line["Description"]).strip()) and not line.get("LineAmount")


def _with_item(books: Books, sent: Row) -> Row:
    """A line that names an item takes from it whatever it does not say itself."""
    code = sent.get("ItemCode")
    if not code:
        return sent
    found = books.items.find("Code", code)
    if not found:
        raise RefusedError(f"Item code '{code}' is not valid")
    sales = found[0].get("SalesDetails") or {}
    defaults = {
        "Description": found[0].get("Description") or found[0].get("Name"),
        "UnitAmount": sales.get("UnitPrice"),
        "AccountCode": sales.get("AccountCode"),
        "TaxType": sales.get("TaxType"),
    }
    return {**{name: value for name, value in defaults.items() if value is not None}, **sent}


def _account(books: Books, code: str | None, terms: Terms) -> Row | None:
    if not code:
        if terms.final:
            raise RefusedError("Account code must be specified for every line item")
        return None
    account = books.account(str(code))
    if account is None:
        raise RefusedError(f"Account code '{code}' is not a valid code for this document.")
    if account["Status"] != "ACTIVE":
        raise RefusedError(f"Account code '{code}' has been archived and cannot be used on this document.")
    if account["Type"] == "BANK" or account["SystemAccount"] not in ("", "ROUNDING"):
        raise RefusedError(f"Account code '{code}' is not a valid code for this document.")
    return account


def _line_amount(line: Row, terms: Terms) -> dict[str, Decimal]:
    quantity = read_amount(line.get("Quantity"), "Quantity")
    unit = read_amount(line.get("UnitAmount"), "UnitAmount")
    sent = read_amount(line.get("LineAmount"), "LineAmount")
    if unit is None and sent is not None:
        unit = sent / quantity if quantity else sent
    quantity = half_up(Decimal(1) if quantity is None else quantity, _FOUR_PLACES)
    unit = half_up(unit or Decimal(0), _FOUR_PLACES if terms.unit_places == 4 else _CENT)
    discount = read_amount(line.get("DiscountRate"), "DiscountRate") or Decimal(0)
    expected = half_up(quantity * unit * (_HUNDRED - discount) / _HUNDRED)
    if sent is not None and half_up(sent) != expected:
        raise RefusedError(f"The line total {sent} does not match the expected line total {expected}")
    return {"Quantity": quantity, "UnitAmount": unit, "LineAmount": expected}


def _tax_type(books: Books, line: Row, account: Row | None, terms: Terms) -> str:
    if terms.line_amount_types == "NoTax":
        return "NONE"
    tax_type = line.get("TaxType") or terms.tax_default or (account["TaxType"] if account else "NONE")
    if tax_type not in books.tax_rates:
        raise RefusedError(
            f"The TaxType code '{tax_type}' does not exist or cannot be used for this type of transaction."
        )
    return str(tax_type)


def _tax(books: Books, line: Row, tax_type: str, amount: Decimal, terms: Terms) -> Decimal:
    if terms.line_amount_types == "NoTax":
        return Decimal("0.00")
    sent = read_amount(line.get("TaxAmount"), "TaxAmount")
    if sent is not None:
        return half_up(sent)
    rate = books.tax_rates[tax_type]["EffectiveRate"]
    base = _HUNDRED + rate if terms.line_amount_types == "Inclusive" else _HUNDRED
    return half_up(amount * rate / base)
