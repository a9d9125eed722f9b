"""Products as Items of Xero (contract xero.md, items)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents import Product
from invoice_bridge_core.errors import HeldError, RefusedError, TransientError
from tests.builders import document, line

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.finance import XeroFinance
    from invoice_bridge_core.ports import Item, ReferenceData
    from tests.systems.xero.conftest import Xero

D = Decimal


def product(**changes: Any) -> Product:
    values: dict[str, Any] = {
        "product_id": "5",
        "code": "VIP-SEAT",
        "name": "VIP seat",
        "description": "Seat in the VIP area",
        "unit_price": D("150.00"),
        "ledger_account": "207",
    }
    return Product(**values | changes)


def sold(finance: XeroFinance, **changes: Any) -> Item:
    [item] = finance.items.of(document(line(article="VAT25", product=product(**changes))))
    return item


def test_every_product_is_one_item_and_an_article_without_a_product_too(xero: Xero) -> None:
    finance = xero.finance(items="ensure", use_product_ledger_account=True)
    items = finance.items.of(
        document(
            line(article=None, product=product()),
            line(article=None, product=product(code="vip-seat")),
            line(article="VAT25"),
            line(article=None),
        )
    )
    assert [item.body for item in items] == [
        {
            "Code": "VIP-SEAT",
            "Name": "VIP seat",
            "Description": "Seat in the VIP area",
            "SalesDetails": {"UnitPrice": D("150.00"), "AccountCode": "207"},
            "IsSold": True,
        },
        {"Code": "VAT25", "Name": "VAT25", "SalesDetails": {"AccountCode": "200"}, "IsSold": True},
    ]
    assert [item.key for item in items] == ["item:vip-seat", "item:vat25"]
    assert xero.finance().items.of(document(line(product=product()))) == []


def test_the_account_comes_from_the_routes_list_before_the_products_own(xero: Xero) -> None:
    finance = xero.finance(items="ensure", use_product_ledger_account=True)
    assert sold(finance).body["SalesDetails"]["AccountCode"] == "200"


@pytest.mark.parametrize("changes", [{"name": "New"}, {"description": None}, {"unit_price": D(1)}], ids=str)
def test_the_fingerprint_follows_the_products_data(xero: Xero, changes: dict[str, Any]) -> None:
    finance = xero.finance(items="ensure")
    assert sold(finance).fingerprint == sold(finance).fingerprint != sold(finance, **changes).fingerprint
    assert sold(finance).key == sold(finance, **changes).key


def test_an_item_is_made_then_left_alone_then_changed(xero: Xero) -> None:
    finance = xero.finance(items="ensure")
    made = finance.items.ensure(sold(finance))
    assert xero.calls() == ["GET /Items", "PUT /Items"]
    assert finance.items.ensure(sold(finance)) == made
    assert xero.calls() == ["GET /Items"]
    assert finance.items.ensure(sold(finance, unit_price=D("175.1234"))) == made
    assert xero.calls() == ["GET /Items", "POST /Items/{item_id}"]
    [row] = xero.books.items.rows()
    assert (row["ItemID"], row["SalesDetails"]["UnitPrice"]) == (made, D("175.1234"))


def test_a_long_name_is_cut_to_what_xero_takes(xero: Xero) -> None:
    finance = xero.finance(items="ensure")
    finance.items.ensure(sold(finance, name="Hospitality 🏟 " * 20, description="x" * 5000))
    [row] = xero.books.items.rows()
    assert (len(row["Name"]), row["Name"][-1], len(row["Description"])) == (50, "…", 4000)


def test_an_item_whose_answer_was_lost_is_found_by_its_code(xero: Xero) -> None:
    finance = xero.finance(items="ensure")
    xero.sandbox.fault("close", "xero", "PUT", "*/Items", when="after", count=1)
    with pytest.raises(TransientError):
        finance.items.ensure(sold(finance))
    assert finance.items.ensure(sold(finance)) == xero.books.items.rows()[0]["ItemID"]
    assert len(xero.books.items.rows()) == 1


def test_an_item_that_somebody_made_a_moment_ago_is_taken(xero: Xero) -> None:
    finance = xero.finance(items="ensure")
    find, item = finance.items._find, sold(finance)
    answers = [None]

    def found_too_late(wanted: Item) -> object:
        if answers:
            xero.books.accounting.items.create({"Code": "VIP-SEAT", "Name": "By hand"}, 4)
            return answers.pop()
        return find(wanted)

    finance.items._find = found_too_late  # type: ignore[method-assign, assignment]
    finance.items.ensure(item)
    assert [row["Name"] for row in xero.books.items.rows()] == ["VIP seat"]


def test_an_account_that_xero_does_not_take_is_a_refusal(xero: Xero) -> None:
    finance = xero.finance(items="ensure", account_codes={"VAT25": "299"})
    with pytest.raises(RefusedError, match="299"):
        finance.items.ensure(sold(finance))
    assert xero.books.items.rows() == []


@pytest.mark.parametrize(("tax_type", "is_refused"), [("OUTPUT15", True), ("OUTPUT25", False), (None, False)])
def test_an_item_whose_tax_would_win_over_the_accounts_is_named(
    xero: Xero, reference: ReferenceData, tax_type: str | None, is_refused: bool
) -> None:
    finance = xero.finance(items="ensure")
    finance.bookings.problems(document(), reference)
    sales = {"UnitPrice": D("150.00"), "AccountCode": "200"} | ({"TaxType": tax_type} if tax_type else {})
    xero.books.accounting.items.create({"Code": "VIP-SEAT", "Name": "By hand", "SalesDetails": sales}, 4)
    if is_refused:
        with pytest.raises(HeldError, match=r"'VIP-SEAT' in Xero has the tax rate 'OUTPUT15' .* 200 .* 'OUTPUT25'"):
            finance.items.ensure(sold(finance))
        assert [row["Name"] for row in xero.books.items.rows()] == ["By hand"]
    else:
        finance.items.ensure(sold(finance))
        assert [row["Name"] for row in xero.books.items.rows()] == ["VIP seat"]
