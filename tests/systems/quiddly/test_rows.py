"""What a row says: quantity, price and discount that multiply to the line's total."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.systems.quiddly.checks import quiddly_problems
from invoice_bridge_core.documents.problems import FixedBy
from sandbox.quiddly.rules import invoice_faults
from tests.builders import line
from tests.systems.quiddly.bodies import all_problems, body_of, problems_of, quiddly_route, swedish

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Line

ONE_PIECE = ("1.00", "333.00", "0", "Conference room, full day (0.333 × 1000)")


def row_of(one: Line) -> dict[str, Any]:
    [row] = body_of(swedish(one))["articleRows"]
    return row


def counted(net: str, quantity: str | None, price: str | None, **changes: Any) -> tuple[str, str, str, str]:
    one = line(
        net, quantity=None if quantity is None else Decimal(quantity),
        unit_price_excl_vat=None if price is None else Decimal(price), **changes,
    )  # fmt: skip
    row = row_of(one)
    return row["quantity"], f"{row['price']:f}", f"{row['totalDiscount'].normalize():f}", row["description"]


@pytest.mark.parametrize(
    ("net", "quantity", "price", "sent"),
    [
        ("8000.00", "2", "4000.00", ("2.00", "4000.00", "0", "Conference room, full day")),
        ("100.00", "3.0", "33.333", ("3.00", "33.333", "0", "Conference room, full day")),
        ("100.00", "3", "33.33", ("3.00", "33.3333", "0", "Conference room, full day")),
        ("333.00", "0.333", "1000.00", ONE_PIECE),
        ("7200.00", "2", "4000.00", ("2.00", "4000.00", "800", "Conference room, full day")),
        ("0.00", "2", "4000.00", ("2.00", "4000.00", "8000", "Conference room, full day")),
        ("9000.00", "2", "4000.00", ("2.00", "4500.0000", "0", "Conference room, full day")),
        ("-2500.00", "1", "2500.00", ("1.00", "-2500.00", "0", "Conference room, full day")),
        ("-2500.00", "-1", "2500.00", ("1.00", "-2500.00", "0", "Conference room, full day")),
        ("100.00", "0", "100.00", ("1.00", "100.00", "0", "Conference room, full day (0 × 100)")),
        ("100.00", None, None, ("1.00", "100.0000", "0", "Conference room, full day")),
        ("100.00", "4", None, ("4.00", "25.0000", "0", "Conference room, full day")),
        ("100.00", "3", "33.3333333333", ("3.00", "33.3333", "0", "Conference room, full day")),
        ("0.01", "700", "0.00001", ("1.00", "0.01", "0", "Conference room, full day (700 × 0.00001)")),
    ],
)  # fmt: skip
def test_quantity_price_and_discount(net: str, quantity: str, price: str, sent: tuple[str, ...]) -> None:
    found = counted(net, quantity, price)
    assert (found[0], Decimal(found[1]), *found[2:]) == (sent[0], Decimal(sent[1]), *sent[2:])


def test_a_quantity_that_cannot_be_said_without_a_price_is_told_in_the_description() -> None:
    sent = counted("333.00", "0.3333", None, unit_price_incl_vat=None)
    assert sent[3] == "Conference room, full day (quantity 0.3333)"


def test_a_line_without_a_description_is_named_after_its_article() -> None:
    assert row_of(line(description=" "))["description"] == "VAT25"
    assert row_of(line(description=None, article=None))["description"] == "-"


@pytest.mark.parametrize(
    ("changes", "split"),
    [
        ({"vat_percentage": None}, ("8000.00", "2000.00", 25)),
        ({"total_excl_vat": None, "vat_amount": None}, ("8000.00", "2000.00", 25)),
        ({"total_excl_vat": None}, ("8000.00", "2000.00", 25)),
        ({"vat_amount": None}, ("8000.00", "2000.00", 25)),
        ({"vat_amount": Decimal("2000.01")}, ("8000.00", "2000.01", 25)),
        ({"vat_percentage": None, "vat_amount": Decimal(0)}, ("8000.00", "0.00", 0)),
        ({"vat_percentage": None, "vat_amount": Decimal("480.00")}, ("8000.00", "480.00", 6)),
        ({"vat_percentage": Decimal("12.00"), "vat_amount": Decimal("960.00")}, ("8000.00", "960.00", 12)),
    ],
)
def test_the_rate_is_the_stated_one_or_told_by_the_amounts(changes: dict[str, Any], split: tuple[Any, ...]) -> None:
    row = row_of(line(**changes))
    assert (f"{row['totalExclVat']:.2f}", f"{row['totalVat']:.2f}", row["vatPercentage"]) == split


def bare(total: str) -> Line:
    names = ("quantity", "unit_price_excl_vat", "unit_price_incl_vat", "vat_percentage", "total_excl_vat", "vat_amount")
    unknown: dict[str, Any] = dict.fromkeys(names)
    return line(article="PASS", total_incl_vat=Decimal(total), **unknown)


def test_a_line_without_vat_is_free_when_the_others_hold_all_of_the_documents() -> None:
    total = {"total_excl_vat": Decimal("9000.00"), "vat_amount": Decimal("2000.00"), "total_incl_vat": Decimal(11000)}
    one = swedish(line(), bare("1000.00"), **total)
    assert problems_of(one) == []
    assert body_of(one)["vats"] == [
        {"percentage": 0, "totalTaxable": Decimal(1000), "totalVat": 0},
        {"percentage": 25, "totalTaxable": Decimal(8000), "totalVat": Decimal(2000)},
    ]


@pytest.mark.parametrize("vat", [Decimal("2200.00"), None])
def test_a_line_whose_vat_nobody_tells_is_a_problem(vat: Decimal | None) -> None:
    one = swedish(line(), bare("1000.00"), total_excl_vat=None, vat_amount=vat, total_incl_vat=Decimal(11000))
    assert problems_of(one) == [
        "VAT rate is missing for article code 'PASS' on line 2, and cannot be worked out from the totals"
    ]  # fmt: skip


def test_rates_that_quiddly_does_not_take_are_named_line_by_line() -> None:
    odd = line("100.00", vat="15", article="VAT15")
    silent = line("100.00", vat="24", article=None, vat_percentage=None)
    assert problems_of(swedish(odd, line(), silent)) == [
        "VAT rate 15% not configured for article code 'VAT15' on line 1: Quiddly takes 0, 6, 12 and 25%",
        "VAT rate 24% not configured for line 3 'Conference room, full day': Quiddly takes 0, 6, 12 and 25%",
    ]


def test_vat_that_is_not_its_rates_is_a_problem() -> None:
    wrong = line("100.00", vat_amount=Decimal("20.00"), total_incl_vat=Decimal("120.00"))
    assert problems_of(swedish(wrong)) == ["VAT 20.00 is not 25% of 100.00 for article code 'VAT25' on line 1"]


@pytest.mark.parametrize("stated", [Decimal(25), None])
def test_whole_kronur_are_rounding_where_there_is_nothing_smaller(stated: Decimal | None) -> None:
    whole = line("1005", vat_percentage=stated, vat_amount=Decimal(251), total_incl_vat=Decimal(1256))
    one, rates = swedish(whole, currency="ISK"), {"ISK": "0.075"}
    assert problems_of(one, exchange_rates=rates) == []
    body = body_of(one, exchange_rates=rates)
    assert invoice_faults(body) == {}
    assert (body["totals"]["totalVat"], body["totals"]["totalToPay"]) == (Decimal(251), Decimal(1256))


@pytest.mark.parametrize(
    ("vat", "tolerance", "fixed_by"),
    [
        ("251.00", "0.01", FixedBy.US),
        ("252.26", "0.01", FixedBy.AUTHOR),
        ("252.26", "5.00", FixedBy.US),
        ("120.60", "0.01", FixedBy.AUTHOR),
    ],
)
def test_what_may_be_rounding_is_never_put_to_the_author(vat: str, tolerance: str, fixed_by: FixedBy) -> None:
    one = swedish(line("1005.00", vat_amount=Decimal(vat), total_incl_vat=Decimal("1005.00") + Decimal(vat)))
    route = quiddly_route()
    policy = route.policy.model_copy(update={"total_tolerance": Decimal(tolerance)})
    [problem] = quiddly_problems(one, route.model_copy(update={"policy": policy}))
    assert (problem.fixed_by, "is not 25% of 1 005.00" in problem.message) == (fixed_by, True)


@pytest.mark.parametrize(("vat", "fixed_by"), [("25.50", FixedBy.US), ("27.00", FixedBy.AUTHOR)])
def test_nor_is_a_sum_that_may_be_rounding(vat: str, fixed_by: FixedBy) -> None:
    gross = line("100.00", total_excl_vat=None, vat_amount=None)
    one = swedish(gross, total_excl_vat=None, vat_amount=Decimal(vat))
    [problem] = quiddly_problems(one, quiddly_route())
    assert (problem.fixed_by, "the rows' sum of VAT is 25.00" in problem.message) == (fixed_by, True)


def test_what_rounding_costs_goes_into_the_round_off() -> None:
    third = line(total_excl_vat=Decimal("33.3333"), vat_amount=Decimal("8.3333"), total_incl_vat=Decimal("41.6666"))
    total = {"total_excl_vat": Decimal(100), "vat_amount": Decimal(25), "total_incl_vat": Decimal(125)}
    totals = body_of(swedish(third, third, third, **total))["totals"]
    assert (totals["total"], totals["totalRoundOff"], totals["totalToPay"]) == (
        Decimal("124.98"), Decimal("0.02"), Decimal(125),
    )  # fmt: skip


def test_more_than_rounding_is_a_problem() -> None:
    assert problems_of(swedish(line("100.00"), total_incl_vat=Decimal("125.50"), vat_amount=None)) == [
        "Totals do not add up: the rows' sum including VAT is 125.00, the document says 125.50 SEK",
        "Totals do not add up: the rows' sum of VAT is 25.00, the document says 25.50 SEK",
    ]


TEXT = line("0.00", vat="0", article=None, quantity=Decimal(0), description="Day 2: dinner at the harbour")


@pytest.mark.parametrize(
    ("lines", "descriptions"),
    [
        ((line(), TEXT), ["Conference room, full day · Day 2: dinner at the harbour"]),
        ((TEXT, line()), ["Day 2: dinner at the harbour · Conference room, full day"]),
        ((line(), TEXT, TEXT.model_copy(update={"description": None}), line(description="Dinner")),
         ["Conference room, full day · Day 2: dinner at the harbour", "Dinner"]),
    ],
)  # fmt: skip
def test_a_line_of_text_stands_in_the_row_before_it(lines: tuple[Line, ...], descriptions: list[str]) -> None:
    one = swedish(*lines)
    assert all_problems(one, quiddly_route()) == []
    body = body_of(one)
    assert [row["description"] for row in body["articleRows"]] == descriptions
    assert invoice_faults(body) == {}


def test_a_document_of_texts_alone_is_held() -> None:
    assert "Q-10023 has only lines of text" in all_problems(swedish(TEXT), quiddly_route())


@pytest.mark.parametrize(
    ("quantity", "price", "said"),
    [("2.9999999999999996", "139.12000000000000001", " (3 × 139.12)"), ("0", "0", ""), ("0", None, "")],
)
def test_no_noise_and_no_nothing_is_printed(quantity: str, price: str | None, said: str) -> None:
    found = counted("417.36", quantity, price, unit_price_incl_vat=None)
    assert found[3] == f"Conference room, full day{said}"
