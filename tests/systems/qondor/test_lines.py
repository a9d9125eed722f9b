from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.systems.qondor.payments import credit_note, line, payment, read

D = Decimal


def negative(values: dict[str, Any]) -> dict[str, Any]:
    names = ("totalExclVat", "vatAmount", "totalInclVat")
    return {key: -value if key in names and value is not None else value for key, value in values.items()}


@pytest.mark.parametrize(
    "as_written",
    [
        line(),
        negative(line()),
        {**negative(line()), "quantity": D("-2.0")},
        {**negative(line()), "unitPriceExclVat": D("-4000.00"), "unitPriceInclVat": D("-5000.00")},
    ],
    ids=["positive", "totals negative", "quantity negative", "prices negative"],
)
def test_a_credit_note_has_positive_amounts_however_it_is_written(as_written: dict[str, Any]) -> None:
    written = credit_note(lines=[as_written])
    found = read(written if as_written["totalInclVat"] > 0 else negative(written))
    plain = read(credit_note())
    assert found.model_copy(update={"payload_hash": ""}) == plain.model_copy(update={"payload_hash": ""})


def test_a_line_against_the_total_keeps_running_against_it() -> None:
    deposit = line(
        quantity=1, unitPriceExclVat=800, unitPriceInclVat=1000, totalExclVat=800, vatAmount=200, totalInclVat=1000
    )
    turned = read(
        credit_note(lines=[negative(line()), deposit], totalExclVat=-7200, vatAmount=-1800, totalInclVat=-9000)
    )
    assert [one.total_incl_vat for one in turned.lines] == [10000, -1000]
    assert [(one.quantity, one.unit_price_excl_vat) for one in turned.lines] == [(2, 4000), (1, -800)]
    assert (turned.total_excl_vat, turned.vat_amount, turned.total_incl_vat) == (7200, 1800, 9000)


def test_an_ordinary_invoice_keeps_its_signs() -> None:
    found = read(payment(lines=[line(), negative(line())], totalInclVat=-5))
    assert [one.total_incl_vat for one in found.lines] == [10000, -10000]
    assert found.total_incl_vat == -5


def test_what_a_line_lacks_is_derived_only_where_it_follows() -> None:
    amounts = {"unitPriceExclVat": None, "quantity": None, "totalExclVat": None, "vatAmount": None}
    pass_through = read(payment(lines=[line(**amounts)])).lines[0]
    assert (pass_through.total_excl_vat, pass_through.vat_amount, pass_through.total_incl_vat) == (None, None, 10000)
    assert read(payment(lines=[line(vatAmount=None)])).lines[0].vat_amount == 2000
    assert read(payment(lines=[line(totalInclVat=None)])).lines[0].total_incl_vat == 10000
    assert read(payment(lines=[line(articleNumber=None, artNo=" VAT0 ")])).lines[0].article_number == "VAT0"
