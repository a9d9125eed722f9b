"""The rounding line, which makes Xero's total the source's to the cent (docs/amounts.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.problems import we_must

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.reference import Account, Books
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.routes.model import Route

DESCRIPTION = "Rounding"
"""What customers read of it; short, and understood in every language that the routes invoice in."""


def rounding_line(amount: Decimal, route: Route, books: Books) -> dict[str, Any] | None:
    """The line over what the others are short of the source's total; `None` where the route names no account for it.

    :param amount: below 0 where the others are more.
    """
    account = _account(route, books)
    if account is None:
        return None
    return {
        "Description": DESCRIPTION,
        "Quantity": Decimal(1),
        "UnitAmount": amount,
        "AccountCode": account.code,
        # Said, because a tax default of the contact would change the very total that the line is for.
        "TaxType": account.tax_type,
    }


def rounding_problems(
    document: Document, route: Route, books: Books, total: Decimal, rounding: Decimal
) -> list[Problem]:
    """Why the difference cannot be booked; nothing where it can.

    :param total: what Xero makes of the document's own lines.
    :param rounding: what that is short of the document's total.
    """
    fault = _fault(route.finance_as(XeroSettings).rounding_account, _account(route, books), books)
    return [] if fault is None else [we_must(f"{_difference(document, total, rounding)}. {fault}")]


def _account(route: Route, books: Books) -> Account | None:
    code = route.finance_as(XeroSettings).rounding_account
    return books.account(code) if code is not None else None


def _fault(code: str | None, account: Account | None, books: Books) -> str | None:
    if code is None:
        return (
            "Name an account for such differences in the route's finance.rounding_account, and it is booked there; or "
            "correct the lines"
        )
    if account is None:
        return f"Account code '{code}' of the route's finance.rounding_account not found in Xero"
    if not account.is_active:
        return f"The route's finance.rounding_account {account.label} is archived in Xero"
    if not account.takes_lines:
        kind = "a bank account" if account.is_bank else "one of Xero's own accounts"
        return f"The route's finance.rounding_account {account.label} is {kind} and takes no invoice lines"
    if books.rate(account) != 0:
        return (
            f"The route's finance.rounding_account {account.label} has the tax rate '{account.tax_type}': a rounding "
            "line takes an account without tax"
        )
    return None


def _difference(document: Document, total: Decimal, rounding: Decimal) -> str:
    if document.is_card_payment or document.is_card_refund:
        done = "The card paid" if document.is_card_payment else "The card got back"
        what = f"{done} {format_amount(total + rounding)} {document.currency} for {document.number}"
    else:
        what = f"Total of {document.number} is {format_amount(total + rounding)} {document.currency}"
    return f"{what}, but its lines come to {format_amount(total)} in Xero ({total + rounding} - {total} = {rounding})"
