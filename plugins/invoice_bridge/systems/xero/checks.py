"""All that Xero would refuse in a document, found without asking it, in words for people (seed 001)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.hooks.xero.where import can_be_asked, not_askable
from invoice_bridge.systems.marks import booking_number
from invoice_bridge.systems.xero.arithmetic import stated_total, total_in_cents
from invoice_bridge.systems.xero.documents import NUMBER_LIMIT, line_accounts, reckoning
from invoice_bridge.systems.xero.item_codes import item_problems
from invoice_bridge.systems.xero.rounding import rounding_problems
from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.documents import format_amount, round_half_up
from invoice_bridge_core.documents.money import format_number
from invoice_bridge_core.documents.problems import author_should, we_must

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.reference import Account, Books
    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.documents.problems import Problem
    from invoice_bridge_core.routes.model import Route


def xero_problems(document: Document, route: Route, books: Books) -> list[Problem]:
    """The problems of a document beyond those that every finance system has with it."""
    problems = [
        *_number_problems(document, route),
        *_date_problems(document, books),
        *_currency_problems(document, books),
        *_card_account_problems(document, route, books),
        *item_problems(document, route),
    ]
    line_problems = [
        problem
        for line in document.priced_lines
        if (code := route.account_code(line.article_number, line.ledger_account)) is not None
        for problem in _line_problems(line, code, books)
    ]
    # On wrong accounts or rates the arithmetic is wrong too, and saying so would not help anybody.
    return [*problems, *(line_problems or _arithmetic_problems(document, route, books))]


def _number_problems(document: Document, route: Route) -> list[Problem]:
    number = booking_number(document.number, route)
    if len(number) > NUMBER_LIMIT:
        return [author_should(f"Number '{number[:40]}…' is longer than {NUMBER_LIMIT} characters")]
    if not can_be_asked(number):
        return [author_should(f"Number '{number}' holds characters that Xero cannot search for: {not_askable(number)}")]
    return []


def _date_problems(document: Document, books: Books) -> list[Problem]:
    date = document.invoice_date
    locked = max(books.lock_dates, default=None)
    if date is None or locked is None or date > locked:
        return []
    return [we_must(f"Invoice date {date} is closed: Xero's books are locked up to {locked}")]


def _currency_problems(document: Document, books: Books) -> list[Problem]:
    currency = document.currency
    if currency is None or currency in (books.base_currency, *books.currencies):
        return []
    return [we_must(f"Currency {currency} is not enabled in Xero")]


def _card_account_problems(document: Document, route: Route, books: Books) -> list[Problem]:
    if not (document.is_card_payment or document.is_card_refund):
        return []
    name = route.finance_as(XeroSettings).card_payment_account
    if not name:
        return [we_must("Card payments cannot be booked: the route has no card_payment_account")]
    account = books.payment_account(name)
    if account is None:
        return [we_must(f"Card payment account '{name}' not found in Xero")]
    what = f"Card payment account {account.label}"
    if not account.is_active:
        return [we_must(f"{what} is archived in Xero")]
    if not account.takes_payments:
        return [we_must(f"{what} takes no payments: it is neither a bank account nor enabled for payments in Xero")]
    if account.currency and account.currency not in (document.currency, books.base_currency):
        return [we_must(f"{what} is in {account.currency} and cannot take {document.currency}")]
    return []


def _line_problems(line: Line, code: str, books: Books) -> list[Problem]:
    used_for = f"which article code '{line.article_number or line.ledger_account}' is mapped to"
    account = books.account(code)
    if account is None:
        return [we_must(f"Account code '{code}' not found in Xero, {used_for}")]
    if not account.is_active:
        return [we_must(f"Account {account.label} is archived in Xero, {used_for}")]
    if not account.takes_lines:
        kind = "a bank account" if account.is_bank else "one of Xero's own accounts"
        return [we_must(f"Account {account.label} is {kind} and takes no invoice lines, {used_for}")]
    return _rate_problems(line, account, books, used_for)


def _rate_problems(line: Line, account: Account, books: Books, used_for: str) -> list[Problem]:
    rate = books.rate(account)
    if rate is None:
        return [we_must(f"Tax rate '{account.tax_type}' of account {account.label} not found in Xero, {used_for}")]
    stated = line.vat_percentage
    if stated is None or stated == rate or line.total_incl_vat == 0:
        return []
    return [
        we_must(
            f"VAT rate {_percent(stated)} not configured for account {account.label}, {used_for}: "
            f"Xero takes {_percent(rate)} there"
        )
    ]


def _arithmetic_problems(document: Document, route: Route, books: Books) -> list[Problem]:
    accounts = line_accounts(document, route, books)
    if accounts is None:
        return []  # invoice_bridge_core.transfer.checks names the article
    reckoned = reckoning(document, route, books, accounts)
    if reckoned.choice is not None:
        total = total_in_cents(document) - reckoned.rounding
        return rounding_problems(document, route, books, total, reckoned.rounding) if reckoned.rounding else []
    lines_total = round_half_up(sum((line.total_incl_vat for line in document.lines), Decimal(0)))
    if abs(lines_total - total_in_cents(document)) > route.policy.total_tolerance:
        return []  # invoice_bridge_core.transfer.checks names the sums
    if (cut_off := abs(stated_total(document) - total_in_cents(document))) > route.policy.total_tolerance:
        return [
            we_must(
                f"Total of {document.number} is {format_amount(document.total_incl_vat)} {document.currency}, and Xero "
                f"holds two decimals only: {format_number(cut_off)} would be lost, which is more than the route's "
                "policy.total_tolerance"
            )
        ]
    ways = [f"{_sums(reckoned.inclusive.total, reckoned.inclusive.vat)} from the amounts with VAT"]
    if reckoned.exclusive is not None:
        ways.insert(0, f"{_sums(reckoned.exclusive.total, reckoned.exclusive.vat)} from the amounts without VAT")
    stated = _sums(document.total_incl_vat, document.vat_amount)
    return [
        we_must(
            f"Total of {document.number} is {stated} {document.currency or ''}".rstrip()
            + f", but Xero works out {' or '.join(ways)}: it takes the VAT from the account and rounds each line"
        )
    ]


def _sums(total: Decimal, vat: Decimal | None) -> str:
    return format_amount(total) + (f" (VAT {format_amount(vat)})" if vat is not None else "")


def _percent(rate: Decimal) -> str:
    return f"{format_number(rate)}%"
