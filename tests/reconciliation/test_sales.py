"""The daily close compares what the source shows as sales, where the route shows any."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.reconciliation.kinds import Severity
from invoice_bridge_core.reports.reconciliation_page import page_of
from invoice_bridge_core.reports.reconciliation_table import COLUMNS, csv_text, read_earlier, table_of
from tests.reconciliation.closing import close
from tests.reports.rows import report
from tests.sales.shop import shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox
    from tests.sales.shop import Shop


@pytest.fixture(params=["xero", "quiddly"])
def sold(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[Shop]:
    """One document that is shown as a sale."""
    made = shop(sandbox, ledger_url, request.param)
    made.book(1)
    made.sync()
    yield made
    made.world.close()


def word(shop: Shop) -> tuple[str | None, list[tuple[str, Severity]]]:
    [row] = close(shop.world)
    return row.sale, [(str(one.kind), one.severity) for one in row.differences]


def test_a_sale_that_agrees_is_the_same(sold: Shop) -> None:
    assert word(sold) == ("same", [])


def test_what_no_sales_run_has_met_is_left_to_the_next_one(sold: Shop) -> None:
    sold.bookkeeper.pay(sold.name_of(1))
    sold.world.run_payments()
    assert word(sold) == ("differs: payment", [("sale differs", Severity.PASSING)])
    sold.sync()
    assert word(sold) == ("same", [])


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"invoiceNumber": "X"}, "number"),
        ({"amountInclVat": Decimal(1)}, "amount"),
        ({"dueDate": "2027-01-01"}, "due date"),
        ({"isPaid": True, "paidDate": "2026-11-20"}, "payment"),
    ],
)
def test_what_somebody_changed_in_qondor_is_to_be_looked_at(sold: Shop, changed: dict[str, object], what: str) -> None:
    sold.sandbox.qondor.sales.put({**sold.sale(1), **changed})
    assert word(sold) == (f"differs: {what}", [("sale differs", Severity.CONTRADICTION)])


def test_a_deleted_sale_is_missing_and_a_double_is_twice(sold: Shop) -> None:
    kept = sold.sale(1)
    sold.sandbox.qondor.sales.put({**kept, "id": 77})
    assert word(sold) == ("twice", [("sale twice", Severity.CONTRADICTION)])
    sold.sandbox.qondor.sales.clear()
    assert word(sold) == ("missing", [("sale missing", Severity.CONTRADICTION)])


def test_a_refused_sale_says_why(sold: Shop) -> None:
    sold.sandbox.qondor.sales.closed_projects.add(5501)
    sold.bookkeeper.pay(sold.name_of(1))
    sold.sync()
    [row] = close(sold.world)
    [difference] = row.differences
    assert (difference.severity, "no open project" in difference.text) == (Severity.OPEN, True)


def test_sales_that_cannot_be_asked_leave_the_rest_compared(sold: Shop) -> None:
    content = sold.world.route.model_dump(mode="json")
    content["source"]["sale_path"] = "/Sales/v9/Sale"
    sold.world.route = type(sold.world.route).model_validate(content)
    assert word(sold) == ("", [])


def test_the_column_is_there_only_where_the_route_shows_sales(sold: Shop) -> None:
    rows = close(sold.world)
    text = csv_text(table_of(rows, {}, "run"))
    assert text.splitlines()[0].removeprefix("\ufeff").split(",") == [*COLUMNS, "sale"]
    assert text.splitlines()[1].endswith(",same")
    assert read_earlier(text) == {}
    assert ">Sale<" in page_of(report(*rows), csv_name=None)
    sold.change_route(enabled=False)
    rows = close(sold.world)
    assert csv_text(table_of(rows, {}, "run")).splitlines()[0].split(",") == list(COLUMNS)
    assert ">Sale<" not in page_of(report(*rows), csv_name=None)
