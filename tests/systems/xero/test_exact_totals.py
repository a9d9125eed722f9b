"""Whatever a document says: Xero's total is the source's to the cent, or it is held and both sums are named."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.systems.xero.checks import xero_problems
from invoice_bridge.systems.xero.documents import document_body
from invoice_bridge_core.documents import Document, DocumentKind, Line, format_amount, round_half_up
from invoice_bridge_core.errors import HeldError
from invoice_bridge_core.transfer.checks import document_problems
from tests.builders import document, line, route
from tests.examples import examples
from tests.systems.xero.test_amounts import cents, gross_priced, net_priced, pass_through, unrounded, xero_total
from tests.systems.xero.xero_facts import books

CURRENCIES = ("NOK", "SEK", "EUR", "JPY", "ISK", "KWD")
BOOKS = books(currencies=CURRENCIES)
TOLERANCES = ("0", "0.01", "1.00")
ROUTES = {
    (account, tolerance): route(finance={"rounding_account": account}, policy={"total_tolerance": tolerance})
    for account in (None, "860")
    for tolerance in TOLERANCES
}
TEXT = line("0", vat="0", article=None, quantity=Decimal(0), description="Day 2: dinner")
KINDS = (
    DocumentKind.OFFER_INVOICE,
    DocumentKind.CARD_PAYMENT,
    DocumentKind.CREDIT_NOTE,
)


@st.composite
def noisy(draw: st.DrawFn) -> Line:
    """A price that a float has passed through, before reading rounds it."""
    one = draw(net_priced())
    noise = Decimal(draw(st.sampled_from(["0.000000000000004", "-0.000000000000004"])))
    assert one.total_excl_vat is not None
    return one.model_copy(update={"total_excl_vat": one.total_excl_vat + noise})


@st.composite
def whole_units(draw: st.DrawFn) -> Line:
    """What a source counts in a currency without cents: its VAT is rounded to one."""
    net = Decimal(draw(st.integers(1, 100_000)))
    vat = (net * 25 / 100).quantize(Decimal(1))
    return line(str(net), vat_amount=vat, total_incl_vat=net + vat, unit_price_incl_vat=None)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Lines of every making, on a total that may miss them by little or much."""
    kinds = (net_priced(), gross_priced(), unrounded(), pass_through(), noisy(), whole_units(), st.just(TEXT))
    lines = draw(st.lists(st.one_of(*kinds), min_size=1, max_size=8))
    summed = round_half_up(sum((one.total_incl_vat for one in lines), Decimal(0)))
    off = draw(st.sampled_from(["0", "0", "0", "0.01", "-0.01", "0.40", "-0.40", "1.00", "1.01", "0.004"]))
    nets, taxes = [one.total_excl_vat for one in lines], [one.vat_amount for one in lines]
    stated: dict[str, Any] = {
        "total_excl_vat": None if None in nets else round_half_up(sum(filter(None, nets), Decimal(0))),
        "vat_amount": None if None in taxes else round_half_up(sum(filter(None, taxes), Decimal(0))),
        "total_incl_vat": summed + Decimal(off),
    }
    return document(
        *lines,
        kind=draw(st.sampled_from(KINDS)),
        paid_by_card=draw(st.booleans()),
        currency=draw(st.sampled_from(CURRENCIES)),
        **stated,
    )


@pytest.mark.slow
@settings(max_examples=examples(400))
@given(documents(), st.sampled_from(sorted(ROUTES, key=str)))
@example(document(line("799.68"), total_incl_vat=Decimal("1000.00")), (None, "1.00"))
@example(document(line("799.68"), total_incl_vat=Decimal("1000.00")), ("860", "1.00"))
def test_the_total_is_the_sources_or_both_are_named(one: Document, key: tuple[str | None, str]) -> None:
    chosen = ROUTES[key]
    own = xero_problems(one, chosen, BOOKS)
    if [*document_problems(one, chosen), *own]:
        for problem in own:
            if "Total of" in problem.message or "card" in problem.message:
                assert format_amount(one.total_incl_vat) in problem.message
        return
    body = json.loads(write_json(document_body(one, "id", chosen, BOOKS)), parse_float=Decimal)
    assert xero_total({**body, "LineItems": [item for item in body["LineItems"] if "AccountCode" in item]})[0] == cents(
        Fraction(one.total_incl_vat)
    )
    rounding = [item for item in body["LineItems"] if item.get("AccountCode") == "860"]
    assert len(rounding) <= (key[0] is not None)


@settings(max_examples=examples(100))
@given(documents())
def test_without_problems_there_is_a_body_and_without_a_body_a_problem(one: Document) -> None:
    chosen = ROUTES[(None, "0.01")]
    is_held = bool([*document_problems(one, chosen), *xero_problems(one, chosen, BOOKS)])
    try:
        document_body(one, "id", chosen, BOOKS)
    except HeldError:
        assert is_held


def test_thousandths_of_a_dinar_that_xero_cannot_hold_are_named() -> None:
    one = document(line("67774.757"), currency="KWD")
    [problem] = [each for each in xero_problems(one, ROUTES[(None, "0")], BOOKS) if "Total of" in each.message]
    assert problem.final is None
    assert "84 718.447 KWD" in problem.message
    assert "0.003 would be lost" in problem.message
