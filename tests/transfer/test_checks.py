from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.final_problems import FinalProblem
from invoice_bridge_core.documents.problems import MESSAGE_LIMIT, FixedBy, Problem, author_should, join_messages
from invoice_bridge_core.routes.due_date import due_date
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, line, party, route

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route


def messages(changed: object, on: Route | None = None) -> list[str]:
    return [problem.message for problem in document_problems(changed, on or route())]  # type: ignore[arg-type]


def test_an_ordinary_invoice_has_no_problem() -> None:
    assert messages(document()) == []


@pytest.mark.parametrize(
    ("changes", "message", "rule"),
    [
        (
            {"party": None},
            "Customer is missing: invoice Q-10023 has neither a customer nor a booker",
            FinalProblem.NO_PARTY,
        ),
        ({"party": party(name="  ")}, "Customer (ref: 901) has no name", FinalProblem.CUSTOMER_WITHOUT_NAME),
        (
            {"party": party(name="Kari Nordmann", is_booker=True, email=None)},
            "Booker 'Kari Nordmann' has no e-mail address, and a booker is found by that address",
            FinalProblem.BOOKER_WITHOUT_EMAIL,
        ),
        ({"currency": None}, "Currency is missing on Q-10023", None),
        ({"invoice_date": None}, "Invoice date is missing on Q-10023", None),
        (
            {"due_date": dt.date(2026, 11, 1)},
            "Due date 2026-11-01 is before the invoice date 2026-11-02",
            None,
        ),
        (
            {"total_incl_vat": Decimal("9998.99")},
            "Totals do not add up: the lines' sum including VAT is 10 000.00, the document says 9 998.99 NOK",
            FinalProblem.SUMS_DO_NOT_ADD_UP,
        ),
        ({"lines": ()}, "Q-10023 has no lines", None),
    ],
)
def test_what_only_the_author_can_mend_is_said_in_words(
    changes: dict[str, object], message: str, rule: FinalProblem | None
) -> None:
    problems = document_problems(document(**changes), route())
    assert [problem.message for problem in problems] == [message]
    assert (problems[0].fixed_by, problems[0].final) == (FixedBy.AUTHOR, rule)


def test_a_sum_that_may_be_rounded_is_not_its_authors_fault() -> None:
    lines = [line("0.99", vat_amount=Decimal("0.25"), total_incl_vat=Decimal("1.24")) for _ in range(10)]
    totals = {"total_excl_vat": Decimal("9.90"), "vat_amount": Decimal("2.48"), "total_incl_vat": Decimal("12.38")}
    rounded = document(*lines).model_copy(update=totals)
    problems = document_problems(rounded, route())
    why = "(the route's policy.total_tolerance, now 0.01, decides what may be rounding)"
    assert [problem.message for problem in problems] == [
        f"Totals do not add up: the lines' sum including VAT is 12.40, the document says 12.38 NOK {why}",
        f"Totals do not add up: the lines' sum of VAT is 2.50, the document says 2.48 NOK {why}",
    ]
    assert {problem.fixed_by for problem in problems} == {FixedBy.US}
    assert document_problems(rounded, route(policy={"total_tolerance": "0.02"})) == []


@pytest.mark.parametrize(
    ("total", "tolerance", "fixed_by"),
    [
        ("9999.00", "0.01", FixedBy.US),
        ("9998.99", "0.01", FixedBy.AUTHOR),
        ("10001.00", "0", FixedBy.US),
        ("10001.01", "0", FixedBy.AUTHOR),
        ("9998.00", "1.50", FixedBy.AUTHOR),
    ],
)
def test_a_gap_of_more_than_one_unit_of_money_is_its_authors(total: str, tolerance: str, fixed_by: FixedBy) -> None:
    gap = document(total_incl_vat=Decimal(total))
    [problem] = document_problems(gap, route(policy={"total_tolerance": tolerance}))
    assert problem.fixed_by is fixed_by
    assert ("policy.total_tolerance" in problem.message) == (fixed_by is FixedBy.US)


def test_totals_of_three_decimals_agree_without_any_tolerance() -> None:
    dinars = document(line("10.005", vat="0"), line("2.122", vat="0"), currency="KWD")
    assert dinars.total_incl_vat == Decimal("12.127")
    assert document_problems(dinars, route(policy={"total_tolerance": "0"})) == []


def test_an_unmapped_article_is_named_as_seed_001_wants_it() -> None:
    assert messages(document(line(article="ROOM-DLX"))) == ["Article code 'ROOM-DLX' not found in finance system"]


def test_who_mends_an_unmapped_article_is_the_routes_choice() -> None:
    unmapped = document(line(article="ROOM-DLX"))
    rejected = document_problems(unmapped, route(policy={"unmapped_article": "reject"}))
    assert [problem.final for problem in rejected] == [FinalProblem.ARTICLE_UNMAPPED]
    held = document_problems(unmapped, route())
    assert [(problem.fixed_by, problem.final) for problem in held] == [(FixedBy.US, None)]


def test_a_line_without_an_article_is_told_by_its_place_and_text() -> None:
    assert messages(document(line(article=None))) == ["Article code is missing on line 1 'Conference room, full day'"]


def test_all_problems_are_gathered() -> None:
    found = messages(document(line(article="A"), line(article="B"), currency=None, party=None))
    assert len(found) == 4


def test_an_invoice_below_zero_is_no_invoice() -> None:
    refund = document(line("-100.00"))
    assert messages(refund) == ["Total -125.00 is negative: money is given back with a credit note"]
    assert messages(refund.model_copy(update={"kind": DocumentKind.CREDIT_NOTE})) == []


def test_a_deposit_is_deducted_on_an_ordinary_invoice() -> None:
    assert messages(document(line("8000.00"), line("-2000.00", vat="0", article="DEPOSIT"))) == []


def test_a_pass_through_line_may_know_its_total_with_vat_only() -> None:
    passed_on = line("500.00", vat="0", article="PASS", total_excl_vat=None, vat_amount=None, vat_percentage=None)
    assert messages(document(line(), passed_on)) == []


def test_a_line_that_contradicts_itself_is_named_by_its_place() -> None:
    wrong = line("100.00", total_incl_vat=Decimal("130.00"))
    assert "Totals do not add up on line 2: 100.00 and VAT 25.00 are not 130.00" in messages(document(line(), wrong))


@given(st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=30))
def test_all_problems_go_into_one_message_that_the_source_accepts(texts: list[str]) -> None:
    joined = join_messages(author_should(text) for text in texts)
    assert len(joined) <= MESSAGE_LIMIT
    assert joined.startswith(texts[0])
    assert all(text in joined for text in texts) or "more" in joined


def test_a_problem_that_many_lines_share_is_said_once() -> None:
    assert join_messages([Problem("Article code 'X' not found", FixedBy.AUTHOR)] * 3) == "Article code 'X' not found"


def test_what_several_lines_share_is_said_once_with_their_places() -> None:
    texts = [f"VAT rate 15% not configured for article code 'X' on line {place}: too bad" for place in (2, 5, 5, 7)]
    texts.insert(1, "Article code is missing on line 3 'Day 2'")
    assert join_messages(author_should(text) for text in texts) == (
        "VAT rate 15% not configured for article code 'X' on lines 2, 5 and 7: too bad; "
        "Article code is missing on line 3 'Day 2'"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": DocumentKind.CREDIT_NOTE},
        {"kind": DocumentKind.CARD_PAYMENT, "paid_by_card": True},
    ],
)
def test_a_due_date_does_not_matter_where_nobody_owes_anything(changes: dict[str, object]) -> None:
    early = document(due_date=dt.date(2026, 10, 1), **changes)
    assert messages(early) == []
    assert due_date(early, route()) == early.invoice_date


def test_an_invoice_that_is_overdue_at_birth_is_held_with_both_dates() -> None:
    [problem] = document_problems(document(due_date=dt.date(2026, 10, 1)), route())
    assert problem.final is None
    assert "2026-10-01" in problem.message
    assert "2026-11-02" in problem.message
