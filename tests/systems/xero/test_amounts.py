"""Whatever a document says, Xero's own arithmetic gives its total, or a problem says that it cannot."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.systems.xero.arithmetic import LineAmountTypes, reckon
from invoice_bridge.systems.xero.checks import xero_problems
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.documents import Document, DocumentKind, Line, round_half_up
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, line, route
from tests.examples import examples
from tests.systems.xero.openapi import check_body
from tests.systems.xero.xero_facts import RATES, books

ROUTE, BOOKS = route(), books()
RATE_OF = {"VAT25": "25", "VAT15": "15", "VAT12": "12", "VAT6": "6", "VAT0": "0", "PASS": "0", "DEPOSIT": "0"}
articles = st.sampled_from(sorted(RATE_OF))


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


def cents(value: Fraction) -> Fraction:
    """Half a cent away from zero, by integers."""
    sign = -1 if value < 0 else 1
    return sign * Fraction(floor(abs(value) * 100 + Fraction(1, 2)), 100)


def xero_total(body: dict[str, Any]) -> tuple[Fraction, Fraction]:
    """Total and VAT that Xero computes from a body, written anew from the contract page."""
    total = vat = Fraction(0)
    for item in body["LineItems"]:
        amount = cents(Fraction(item["Quantity"]) * Fraction(item["UnitAmount"]))
        rate = Fraction(RATES[item["AccountCode"]]) / 100
        if body["LineAmountTypes"] == "Inclusive":
            tax = cents(amount - amount / (1 + rate))
            total += amount
        else:
            tax = cents(amount * rate)
            total += amount + tax
        vat += tax
    return total, vat


@st.composite
def net_priced(draw: st.DrawFn) -> Line:
    """Counted and rounded without VAT, as most systems do."""
    quantity, price = draw(decimals("-30", "30", draw(st.integers(0, 4)))), draw(decimals("0", "9000", 4))
    article = draw(articles)
    rate, net = Decimal(RATE_OF[article]), round_half_up(quantity * price)
    tax = round_half_up(net * rate / 100)
    return line(
        article=article, quantity=quantity, unit_price_excl_vat=price, unit_price_incl_vat=None, vat_percentage=rate,
        total_excl_vat=net, vat_amount=tax, total_incl_vat=net + tax,
    )  # fmt: skip


@st.composite
def gross_priced(draw: st.DrawFn) -> Line:
    """Prices that end with VAT, as shops and bookers know them."""
    quantity, price = Decimal(draw(st.integers(1, 40))), draw(decimals("0.05", "900", 2))
    article = draw(articles)
    rate, gross = Decimal(RATE_OF[article]), quantity * price
    tax = round_half_up(gross * rate / (100 + rate))
    return line(
        article=article, quantity=quantity, unit_price_excl_vat=None, unit_price_incl_vat=price, vat_percentage=rate,
        total_excl_vat=gross - tax, vat_amount=tax, total_incl_vat=gross,
    )  # fmt: skip


@st.composite
def unrounded(draw: st.DrawFn) -> Line:
    """A source that rounds nothing on its lines."""
    quantity, price = draw(decimals("0", "30", 3)), draw(decimals("0", "900", 4))
    article = draw(articles)
    rate, net = Decimal(RATE_OF[article]), quantity * price
    return line(
        article=article, quantity=quantity, unit_price_excl_vat=price, unit_price_incl_vat=None, vat_percentage=rate,
        total_excl_vat=net, vat_amount=net * rate / 100, total_incl_vat=net + net * rate / 100,
    )  # fmt: skip


@st.composite
def pass_through(draw: st.DrawFn) -> Line:
    """Only a total with VAT is known."""
    values: dict[str, Any] = dict.fromkeys(
        ("quantity", "unit_price_excl_vat", "unit_price_incl_vat", "vat_percentage", "total_excl_vat", "vat_amount")
    )
    return line(article=draw(articles), **values, total_incl_vat=draw(decimals("-900", "9000", 2)))


@st.composite
def documents(draw: st.DrawFn, *kinds: st.SearchStrategy[Line]) -> Document:
    lines = draw(st.lists(st.one_of(*kinds), min_size=1, max_size=12))
    total = round_half_up(sum((one.total_incl_vat for one in lines), Decimal(0)))
    nets, taxes = [one.total_excl_vat for one in lines], [one.vat_amount for one in lines]
    stated = {
        "total_excl_vat": None if None in nets else round_half_up(sum(nets, Decimal(0))),
        "vat_amount": None if None in taxes else round_half_up(sum(taxes, Decimal(0))),
        "total_incl_vat": total + draw(st.sampled_from([0, 0, 0, 0, 0, 1, -1, 2, 100])) * Decimal("0.01"),
    }
    kind = draw(st.sampled_from([DocumentKind.OFFER_INVOICE, DocumentKind.CREDIT_NOTE]))
    return document(*lines, kind=kind, **stated)


def assert_booked_as_it_is(one: Document) -> None:
    body = document_body(one, "c0ffee00-0000-4000-8000-000000000001", ROUTE, BOOKS)
    check_body("CreditNote" if one.is_credit_note else "Invoice", body)
    on_the_wire = json.loads(write_json(body), parse_float=Decimal)
    assert on_the_wire == body, "digits got lost on the way to JSON"
    total, vat = xero_total(on_the_wire)
    tolerance = Fraction(ROUTE.policy.total_tolerance)
    assert abs(total - Fraction(one.total_incl_vat)) <= tolerance
    if one.vat_amount is not None:
        assert abs(vat - Fraction(one.vat_amount)) <= tolerance + Fraction(len(one.lines), 100)
    for item in on_the_wire["LineItems"]:
        assert 1 <= len(item["Description"]) <= 4000
        assert all(value == round(value, 4) for value in (item["Quantity"], item["UnitAmount"]))


@pytest.mark.slow
@settings(max_examples=examples(500))
@given(documents(net_priced(), gross_priced(), unrounded(), pass_through()))
@example(document(line("0.01", vat="25", quantity=Decimal("0.0001"))))
def test_the_total_is_reached_or_a_problem_says_so(one: Document) -> None:
    if [*document_problems(one, ROUTE), *xero_problems(one, ROUTE, BOOKS)]:
        return
    assert_booked_as_it_is(one)


@settings(max_examples=examples(150))
@given(st.one_of(documents(net_priced()), documents(gross_priced(), pass_through())))
def test_documents_that_are_right_in_themselves_have_no_problem(one: Document) -> None:
    total = sum((each.total_incl_vat for each in one.lines), Decimal(0))
    one = one.model_copy(update={"total_incl_vat": total})
    if total < 0:
        return
    assert xero_problems(one, ROUTE, BOOKS) == []
    assert_booked_as_it_is(one)


def test_neither_way_fits_and_both_sums_are_named() -> None:
    # 25 % of VAT on account 200, but the source charged none and states no percentage.
    odd = line("100", vat="0", article="VAT25", vat_percentage=None)
    problems = xero_problems(document(odd), ROUTE, BOOKS)
    assert [problem.message for problem in problems] == [
        "Total of Q-10023 is 100.00 (VAT 0.00) NOK, but Xero works out 125.00 (VAT 25.00) from the amounts without "
        "VAT or 100.00 (VAT 20.00) from the amounts with VAT: it takes the VAT from the account and rounds each line"
    ]


@pytest.mark.parametrize(("tolerance", "choice"), [("0", None), ("0.01", LineAmountTypes.EXCLUSIVE)])
def test_a_third_decimal_that_xero_has_not_counts_against_the_tolerance(
    tolerance: str, choice: LineAmountTypes | None
) -> None:
    one = line("8.10", vat_amount=Decimal("2.025"), total_incl_vat=Decimal("10.125"))
    reckoning = reckon(document(one, currency="KWD"), [Decimal(25)], Decimal(tolerance))
    assert reckoning.exclusive is not None
    assert (reckoning.exclusive.total, reckoning.choice) == (Decimal("10.13"), choice)


def test_a_price_with_vat_is_kept_when_the_amounts_with_vat_fit() -> None:
    # Of 0.80 without VAT Xero would make 1.00.
    one = line(
        quantity=Decimal(3), unit_price_excl_vat=None, unit_price_incl_vat=Decimal("0.33"), vat_percentage=Decimal(25),
        total_excl_vat=Decimal("0.80"), vat_amount=Decimal("0.19"), total_incl_vat=Decimal("0.99"),
    )  # fmt: skip
    body = document_body(document(one), "id", ROUTE, BOOKS)
    assert body["LineAmountTypes"] == "Inclusive"
    assert (body["LineItems"][0]["Quantity"], body["LineItems"][0]["UnitAmount"]) == (Decimal(3), Decimal("0.33"))


def test_a_price_that_does_not_multiply_is_derived_from_the_total() -> None:
    one = line("100.00", quantity=Decimal(3), unit_price_excl_vat=Decimal("33"))
    item = document_body(document(one), "id", ROUTE, BOOKS)["LineItems"][0]
    assert (item["Quantity"], item["UnitAmount"]) == (Decimal(3), Decimal("33.3333"))


def test_what_cannot_be_multiplied_is_told_in_the_description() -> None:
    one = line("100000.00", quantity=Decimal("0.33333"), unit_price_excl_vat=Decimal("300003.000030"))
    item = document_body(document(one), "id", ROUTE, BOOKS)["LineItems"][0]
    assert (item["Quantity"], item["UnitAmount"]) == (Decimal(1), Decimal("100000.00"))
    assert item["Description"] == "Conference room, full day (0.33333 × 300003.00003)"


def test_a_long_description_is_cut_and_its_note_is_not() -> None:
    one = line("100000.00", description="x" * 5000, quantity=Decimal("0.33333"), unit_price_excl_vat=Decimal(300003))
    text = document_body(document(one), "id", ROUTE, BOOKS)["LineItems"][0]["Description"]
    assert len(text) == 4000
    assert text.endswith("… (0.33333 × 300003)")


def test_a_line_without_a_description_is_named_after_its_article() -> None:
    items = document_body(document(line(description=" "), line(description=None)), "id", ROUTE, BOOKS)["LineItems"]
    assert [item["Description"] for item in items] == ["VAT25", "VAT25"]
