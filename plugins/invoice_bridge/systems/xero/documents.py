"""A document as the body of Xero's invoice or credit note: only documented keys, amounts as exact decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.marks import booking_number, marked_link, with_printed_mark
from invoice_bridge.systems.xero.arithmetic import line_amount, reckon
from invoice_bridge.systems.xero.item_codes import item_of
from invoice_bridge.systems.xero.line_items import line_item, text_line
from invoice_bridge.systems.xero.rounding import rounding_line
from invoice_bridge.systems.xero.settings import XeroSettings
from invoice_bridge_core.documents.reference_text import reference_text
from invoice_bridge_core.errors import HeldError
from invoice_bridge_core.routes.due_date import due_date

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.arithmetic import Reckoning
    from invoice_bridge.systems.xero.reference import Account, Books
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

REFERENCE_LIMIT = 255
NUMBER_LIMIT = 255


def booking_status(document: Document, route: Route) -> str:
    """As the route says; but card money, taken or given back, can only be booked on an authorised document."""
    if document.is_card_payment or document.is_card_refund:
        return "AUTHORISED"
    return route.finance_as(XeroSettings).invoice_status


def line_accounts(document: Document, route: Route, books: Books) -> list[Account] | None:
    """The account of every priced line; `None` when one is not mapped or not there, which is a problem of its own."""
    accounts = []
    for line in document.priced_lines:
        code = route.account_code(line.article_number, line.ledger_account)
        account = books.account(code) if code is not None else None
        if account is None:
            return None
        accounts.append(account)
    return accounts


def reckoning(document: Document, route: Route, books: Books, accounts: list[Account]) -> Reckoning:
    """What Xero will compute from the document on these accounts."""
    rates = [rate if (rate := books.rate(account)) is not None else Decimal(0) for account in accounts]
    return reckon(document, rates, route.policy.total_tolerance)


def document_body(document: Document, contact_id: str, route: Route, books: Books) -> dict[str, Any]:
    """What is sent to book the document.

    :raises HeldError: the document has problems that `problems` names.
    """
    accounts = line_accounts(document, route, books)
    reckoned = reckoning(document, route, books, accounts) if accounts is not None else None
    if accounts is None or reckoned is None or reckoned.choice is None or document.invoice_date is None:
        raise _cannot_be_written(document)
    choice = reckoned.choice
    items: list[dict[str, Any]] = []
    account_of = iter(accounts)
    for line in document.lines:
        if line.is_text:
            items += text_line(line)
            continue
        account = next(account_of)
        amount = line_amount(line, books.rate(account) or Decimal(0), choice)
        if amount is None or account.code is None:
            raise _cannot_be_written(document)
        items.append({**line_item(line, amount, account.code, choice), **item_of(line, route)})
    if reckoned.rounding:
        if (rounding := rounding_line(reckoned.rounding, route, books)) is None:
            raise _cannot_be_written(document)
        items.append(rounding)
    body = {
        "Type": "ACCRECCREDIT" if document.is_credit_note else "ACCREC",
        "Contact": {"ContactID": contact_id},
        "CreditNoteNumber" if document.is_credit_note else "InvoiceNumber": booking_number(document.number, route),
        "Date": document.invoice_date.isoformat(),
        "CurrencyCode": document.currency,
        "LineAmountTypes": choice.value,
        "Status": booking_status(document, route),
        "LineItems": items,
    }
    # A text that is left out keeps nothing on a new document.
    if (reference := with_printed_mark(reference_text(document, route.finance.reference), document, route)) is not None:
        body["Reference"] = reference
    if not document.is_credit_note and (link := marked_link(document, route)) is not None:
        body["Url"] = link
    if not document.is_credit_note and (due := due_date(document, route)) is not None:
        body["DueDate"] = due.isoformat()
    return body


def _cannot_be_written(document: Document) -> HeldError:
    return HeldError(f"{document.number} cannot be written for Xero: an account, a date or the arithmetic is missing")
