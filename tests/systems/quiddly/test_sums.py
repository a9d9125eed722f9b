"""Whatever a document says, every sum rule of the contract holds in its body, or a problem is named beforehand."""

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
from invoice_bridge.systems.quiddly.invoice_body import invoice_body
from invoice_bridge_core.documents import Document, DocumentKind, Line, round_half_up
from sandbox.quiddly.rules import invoice_faults
from tests.builders import document, line, party
from tests.examples import examples
from tests.systems.quiddly.bodies import all_problems, booker, quiddly_route

ROUTE = quiddly_route(
    exchange_rates={"NOK": "0.98765"},
    custom_fields={"tax_reduction": "ROT"},
    booker_address={"address": "Postlagrat", "zip": "111 20", "city": "Stockholm", "country_code": "SE"},
)
RATES = st.sampled_from([0, 6, 12, 25])
ODD_RATES = st.sampled_from([*[0, 6, 12, 25] * 5, 15, 24])


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


def cents(value: Fraction) -> Fraction:
    """Half a cent away from zero, by integers."""
    sign = -1 if value < 0 else 1
    return sign * Fraction(floor(abs(value) * 100 + Fraction(1, 2)), 100)


@st.composite
def net_priced(draw: st.DrawFn, rates: st.SearchStrategy[int] = ODD_RATES) -> Line:
    """Counted and rounded without VAT, as most systems do; one in five is given away in part."""
    quantity, price = draw(decimals("-30", "30", draw(st.integers(0, 4)))), draw(decimals("0", "9000", 4))
    rate, share = Decimal(draw(rates)), draw(st.sampled_from([*[Decimal(1)] * 4, Decimal("0.85")]))
    net = round_half_up(quantity * price * share)
    tax = round_half_up(net * rate / 100)
    return line(
        article=f"VAT{rate}", quantity=quantity, unit_price_excl_vat=price, unit_price_incl_vat=None,
        vat_percentage=draw(st.sampled_from([rate, rate, rate, None])), total_excl_vat=net, vat_amount=tax,
        total_incl_vat=net + tax,
    )  # fmt: skip


@st.composite
def gross_priced(draw: st.DrawFn) -> Line:
    """Prices that end with VAT, as shops and bookers know them."""
    quantity, price = Decimal(draw(st.integers(1, 40))), draw(decimals("0.05", "900", 2))
    rate, gross = Decimal(draw(RATES)), quantity * price
    tax = round_half_up(gross * rate / (100 + rate))
    values: dict[str, Any] = {"total_excl_vat": gross - tax, "vat_amount": tax}
    if draw(st.booleans()):
        values = {"total_excl_vat": None, "vat_amount": None}
    return line(
        article="SHOP", quantity=quantity, unit_price_excl_vat=None, unit_price_incl_vat=price, vat_percentage=rate,
        total_incl_vat=gross, **values,
    )  # fmt: skip


@st.composite
def rounded_per_piece(draw: st.DrawFn) -> Line:
    """VAT of one piece, rounded, times the pieces."""
    quantity, price, rate = Decimal(draw(st.integers(1, 60))), draw(decimals("0.05", "90", 2)), Decimal(draw(RATES))
    tax, net = round_half_up(price * rate / 100) * quantity, price * quantity
    return line(
        article="PIECE", quantity=quantity, unit_price_excl_vat=price, vat_percentage=rate, total_excl_vat=net,
        vat_amount=tax, total_incl_vat=net + tax,
    )  # fmt: skip


@st.composite
def unrounded(draw: st.DrawFn) -> Line:
    """A source that rounds nothing on its lines."""
    quantity, price, rate = draw(decimals("0", "30", 3)), draw(decimals("0", "900", 4)), Decimal(draw(RATES))
    net = quantity * price
    return line(
        article="RAW", quantity=quantity, unit_price_excl_vat=price, unit_price_incl_vat=None, vat_percentage=rate,
        total_excl_vat=net, vat_amount=net * rate / 100, total_incl_vat=net + net * rate / 100,
    )  # fmt: skip


@st.composite
def pass_through(draw: st.DrawFn) -> Line:
    """Only a total with VAT is known."""
    values: dict[str, Any] = dict.fromkeys(
        ("quantity", "unit_price_excl_vat", "unit_price_incl_vat", "vat_percentage", "total_excl_vat", "vat_amount")
    )
    return line(article="PASS", **values, total_incl_vat=draw(decimals("-900", "9000", 2)))


def tax_in(one: Line) -> Decimal:
    """The line's VAT as its source counts it, shown or not."""
    if one.vat_amount is not None:
        return one.vat_amount
    rate = one.vat_percentage or Decimal(0)
    return round_half_up(one.total_incl_vat * rate / (100 + rate))


KINDS = (net_priced(), gross_priced(), rounded_per_piece(), unrounded(), pass_through())


@st.composite
def documents(draw: st.DrawFn, *kinds: st.SearchStrategy[Line]) -> Document:
    lines = draw(st.lists(st.one_of(*kinds), min_size=1, max_size=12))
    total = round_half_up(sum((one.total_incl_vat for one in lines), Decimal(0)))
    vat = round_half_up(sum(map(tax_in, lines), Decimal(0))) if draw(st.integers(0, 9)) else None
    stated = {
        "vat_amount": vat,
        "total_excl_vat": None if vat is None else total - vat,
        "total_incl_vat": total + draw(st.sampled_from([*[0] * 9, 1, -1, 2, 100])) * Decimal("0.01"),
    }
    kind = draw(st.sampled_from([DocumentKind.OFFER_INVOICE, DocumentKind.CREDIT_NOTE, DocumentKind.CARD_PAYMENT]))
    credited = "Q-9" if kind is DocumentKind.CREDIT_NOTE else None
    reduction = draw(st.sampled_from([(), (), (), (("ROT", "1 500,00"),), (("ROT", "0.50"),)]))
    who = draw(st.sampled_from([party(), booker()]))
    return document(
        *lines, kind=kind, credited_number=credited, custom_fields=reduction, party=who,
        currency=draw(st.sampled_from(["SEK", "NOK"])), **stated,
    )  # fmt: skip


def assert_the_contract_holds(body: dict[str, Any], total: Decimal) -> None:
    """Every sum rule of the contract page, written anew with exact fractions."""
    sign = -1 if body["type"] == "CREDIT_INVOICE" else 1
    rows, totals, vats = body["articleRows"], body["totals"], body["vats"]
    exact = {field: Fraction(amount) for field, amount in totals.items()}
    assert exact["totalExclVat"] == sum(Fraction(row["totalExclVat"]) for row in rows)
    assert exact["totalExclVat"] == sum(Fraction(vat["totalTaxable"]) for vat in vats)
    assert exact["totalVat"] == sum(Fraction(row["totalVat"]) for row in rows)
    assert exact["totalVat"] == sum(Fraction(vat["totalVat"]) for vat in vats)
    assert exact["total"] == exact["totalExclVat"] + exact["totalVat"]
    assert exact["totalToPay"] == exact["total"] + exact["totalRoundOff"] - exact["taxReduction"]
    assert exact["total"] + exact["totalRoundOff"] == sign * cents(Fraction(total))
    assert sign * exact["totalToPay"] >= 0
    assert abs(exact["totalRoundOff"]) <= Fraction(1, 100) * (2 * len(rows) + 1)
    assert [vat["percentage"] for vat in vats] == sorted({row["vatPercentage"] for row in rows})
    for row in rows:
        assert isinstance(row["quantity"], str)
        assert Fraction(row["quantity"]) > 0
        taken_off = Fraction(row["totalDiscount"])
        if row["discountType"] == "PERCENTAGE":
            assert taken_off == 0
        net = cents(Fraction(row["quantity"]) * Fraction(row["price"]) - taken_off)
        assert net == Fraction(row["total"]) == Fraction(row["totalExclVat"])
        assert row["vatPercentage"] in (0, 6, 12, 25)


@pytest.mark.slow
@settings(max_examples=examples(500))
@given(documents(*KINDS))
@example(document(line("0.01", vat="25", quantity=Decimal("0.0001")), currency="SEK"))
@example(document(line("-0.01", vat="0"), currency="SEK").model_copy(update={"total_incl_vat": Decimal("0.00")}))
@example(document(line("999999999999999", quantity=Decimal("99999999999999.99")), currency="SEK"))
def test_every_sum_rule_holds_or_a_problem_is_named(one: Document) -> None:
    if all_problems(one, ROUTE):
        return
    body = invoice_body(one, ROUTE, "QQ-9")
    on_the_wire = json.loads(write_json(body), parse_float=Decimal)
    assert on_the_wire == body, "digits got lost on the way to JSON"
    assert_the_contract_holds(on_the_wire, one.total_incl_vat)
    assert invoice_faults(on_the_wire) == {}


@settings(max_examples=examples(300))
@given(st.one_of(documents(net_priced(RATES)), documents(gross_priced()), documents(unrounded())))
def test_documents_that_are_right_in_themselves_have_no_problem(one: Document) -> None:
    total = sum((each.total_incl_vat for each in one.lines), Decimal(0))
    changes = {"total_incl_vat": round_half_up(total), "total_excl_vat": None, "custom_fields": ()}
    one = one.model_copy(update=changes)
    if total >= 0:
        assert all_problems(one, ROUTE) == []
