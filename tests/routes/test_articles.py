"""Articles are matched as people take them: without case, blanks around them and characters that nobody sees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, line, route
from tests.examples import examples

CODES = {"VAT25": "200", "Lunch": "210", "lunch": "211", "Same": "220", "SAME": "220"}
BLANKS = st.text(" \t\u00a0\u200b\ufeff\u00ad", max_size=3)


def code(article: str, **codes: str) -> str | None:
    return route(finance={"account_codes": codes or CODES}).account_code(article, None)


@pytest.mark.parametrize("article", ["VAT25", "vat25", " VAT25 ", "Vat25\u200b", "\ufeffvat25", "VA\u00adT25"])
def test_an_article_is_found_however_it_is_written(article: str) -> None:
    assert code(article) == "200"


@given(before=BLANKS, after=BLANKS, upper=st.booleans())
@settings(max_examples=examples(50))
def test_whatever_nobody_sees_makes_no_other_article(before: str, after: str, upper: bool) -> None:
    written = "VAT25" if upper else "vat25"
    assert code(f"{before}{written}{after}") == "200"


def test_the_exact_writing_wins() -> None:
    assert (code("Lunch"), code("lunch")) == ("210", "211")


def test_two_that_differ_in_case_only_hold_and_both_are_named() -> None:
    assert code("LUNCH") is None
    on = route(finance={"account_codes": CODES}, policy={"unmapped_article": "reject"})
    [problem] = document_problems(document(line(article="LUNCH")), on)
    assert problem.final is None
    assert problem.message == (
        "Article code 'LUNCH' may be each of 'Lunch' and 'lunch', which are mapped to different accounts: write it "
        "exactly as one of them, or give them one account"
    )


def test_two_writings_of_one_account_are_no_question() -> None:
    assert code("same") == "220"


def test_the_variable_wins_in_whatever_writing() -> None:
    laid_over = route(finance={"account_codes": CODES}).with_account_codes({" vat25 ": "300", "Lunch": "310"})
    found = [laid_over.account_code(article, None) for article in ("VAT25", "vat25", "Vat25", "Lunch", "lunch")]
    assert found == ["300", "300", "300", "310", "211"]


def test_a_variable_that_is_gone_leaves_its_articles_unknown_in_any_writing() -> None:
    gone = route(finance={"account_codes": CODES}).without_account_codes('{"vat25": "300"}')
    with pytest.raises(ConfigurationError, match="may be mapped in Variable"):
        gone.account_code("VAT25", None)


def test_a_route_without_account_codes_says_so_once() -> None:
    assert route(finance={"account_codes": {}}).start_problem == (
        "Route qondor_xero does not start: it has no account codes, and Xero needs one for each line. Give them in the "
        "route's file under finance.account_codes, or in the Airflow Variable "
        "invoice_bridge_account_codes__qondor_xero"
    )
    assert route(finance={"account_codes": {}, "use_product_ledger_account": True}).start_problem is None
    assert route(finance={"account_codes": {}}).with_account_codes({"VAT25": "200"}).start_problem is None
    assert route().start_problem is None
