from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge.systems.xero.checks import xero_problems
from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.problems import FixedBy
from tests.builders import document, line, party, route
from tests.systems.xero.xero_facts import account, books

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.reference import Books
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

CARD = {"kind": DocumentKind.CARD_PAYMENT, "paid_by_card": True}


def found(one: Document, *, of: Route | None = None, in_books: Books | None = None) -> list[tuple[str, FixedBy]]:
    return [(problem.message, problem.fixed_by) for problem in xero_problems(one, of or route(), in_books or books())]


def mapped(code: str) -> Route:
    return route(finance={"account_codes": {"VAT25": code}})


def test_an_ordinary_invoice_has_no_problem() -> None:
    assert found(document()) == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("999", "Account code '999' not found in Xero, which article code 'VAT25' is mapped to"),
        ("299", "Account 299 'Sales, old' is archived in Xero, which article code 'VAT25' is mapped to"),
        (
            "090",
            "Account 090 'Card settlements' is a bank account and takes no invoice lines, "
            "which article code 'VAT25' is mapped to",
        ),
        (
            "610",
            "Account 610 'Accounts Receivable' is one of Xero's own accounts and takes no invoice lines, "
            "which article code 'VAT25' is mapped to",
        ),
        (
            "206",
            "VAT rate 25% not configured for account 206 'Sales 12 %', which article code 'VAT25' is mapped to: "
            "Xero takes 12% there",
        ),
    ],
)
def test_an_account_that_cannot_take_the_line_is_ours_to_mend(code: str, message: str) -> None:
    assert found(document(), of=mapped(code)) == [(message, FixedBy.US)]


def test_an_account_whose_tax_rate_is_gone_is_named() -> None:
    strange = books(accounts=(account("200", tax_type="GONE"),))
    assert found(document(), in_books=strange) == [
        (
            "Tax rate 'GONE' of account 200 'Sales' not found in Xero, which article code 'VAT25' is mapped to",
            FixedBy.US,
        )
    ]


def test_a_rate_on_nothing_does_not_matter() -> None:
    assert found(document(line(), line("0.00", vat="12"))) == []


def test_every_problem_is_named_at_once() -> None:
    one = document(line(), line(article="VAT0", vat="6"), currency="USD", invoice_date=dt.date(2026, 8, 31))
    messages = [message for message, _ in found(one)]
    assert messages == [
        "Invoice date 2026-08-31 is closed: Xero's books are locked up to 2026-08-31",
        "Currency USD is not enabled in Xero",
        "VAT rate 6% not configured for account 260 'Sales 0 %', which article code 'VAT0' is mapped to: "
        "Xero takes 0% there",
    ]


def test_the_day_after_the_lock_date_is_open() -> None:
    assert found(document(invoice_date=dt.date(2026, 9, 1), due_date=dt.date(2026, 9, 15))) == []


@pytest.mark.parametrize("name", ["090", "Card settlements", "id-090", "business account"])
def test_a_card_account_is_known_by_code_name_or_id(name: str | None) -> None:
    assert found(document(**CARD), of=route(finance={"card_payment_account": name})) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, "Card payments cannot be booked: the route has no card_payment_account"),
        ("777", "Card payment account '777' not found in Xero"),
        ("091", "Card payment account 091 'Old bank' is archived in Xero"),
        ("092", "Card payment account 092 'Dollar bank' is in USD and cannot take NOK"),
        (
            "200",
            "Card payment account 200 'Sales 25 %' takes no payments: "
            "it is neither a bank account nor enabled for payments in Xero",
        ),
    ],
)
def test_a_card_account_that_takes_no_money_is_ours_to_mend(name: str | None, message: str) -> None:
    of = route(finance={"card_payment_account": name})
    assert found(document(**CARD), of=of) == [(message, FixedBy.US)]
    refund = document(kind=DocumentKind.CREDIT_NOTE, paid_by_card=True)
    assert found(refund, of=of) == [(message, FixedBy.US)]
    assert found(document(), of=of) == []


@pytest.mark.parametrize("email", [None, "anna@", "a b@x.no", '"a"@x.no', "a@x.no; b@x.no", "å@x.no" * 60])
@pytest.mark.parametrize("is_booker", [True, False])
def test_an_address_that_nothing_can_be_sent_to_is_no_problem_of_the_document(
    email: str | None, is_booker: bool
) -> None:
    assert found(document(party=party(is_booker=is_booker, email=email))) == []


def test_a_tax_number_with_a_long_text_around_it_is_no_problem_of_the_document() -> None:
    assert found(document(party=party(tax_numbers=(f"NO912345678MVA {'(Foretaksregisteret) ' * 5}",)))) == []


def test_a_number_that_cannot_be_looked_up_is_the_authors() -> None:
    assert [fixed_by for _, fixed_by in found(document(number='Q"1'))] == [FixedBy.AUTHOR]
    assert [fixed_by for _, fixed_by in found(document(number="Q" * 256))] == [FixedBy.AUTHOR]


def test_lines_that_do_not_add_up_are_left_to_the_common_checks() -> None:
    assert found(document(total_incl_vat=Decimal("77.00"))) == []


@pytest.mark.parametrize("order", [1, -1])
def test_the_later_of_two_lock_dates_counts(order: int) -> None:
    locks = (dt.date(2026, 6, 30), dt.date(2026, 8, 31))[::order]
    between = document(invoice_date=dt.date(2026, 7, 15), due_date=dt.date(2026, 9, 15))
    [(message, fixed_by)] = found(between, in_books=books(lock_dates=locks))
    assert message == "Invoice date 2026-07-15 is closed: Xero's books are locked up to 2026-08-31"
    assert fixed_by is FixedBy.US
