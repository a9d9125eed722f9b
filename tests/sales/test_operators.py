"""The tasks of a sales run: where their buttons lead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.operators.sales.show import ShowSaleOperator
from tests.operators.airflow_run import Run
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from tests.sales.shop import Shop

LINK = "https://qondor.example/invoice/{id}"


@pytest.fixture(autouse=True)
def _ledger(xero: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    route = xero.world.route
    source = route.source.model_copy(update={"document_link": LINK})
    xero.world.route = route.model_copy(update={"source": source})
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", xero.world.ledger_url)
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    codes = json.dumps(dict(route.finance.account_codes))
    monkeypatch.setenv(f"AIRFLOW_VAR_{route.account_codes_variable.upper()}", codes)


def shown(shop: Shop, sale: Any) -> ShowSaleOperator:
    """The task of a sale, once it has ended."""
    entry = {"finance_id": sale.key.finance_id, "label": sale.label}
    task = ShowSaleOperator(task_id="sales", route=shop.world.route, sale=entry)
    task.execute(Run(shop.world.route).context("sales", 0))
    return task


def test_the_task_of_a_sale_leads_to_its_document_everywhere(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    [sale] = xero.rows()
    task = shown(xero, sale)
    row = xero.world.row(50001)
    assert task.desk_url.endswith(f"/plugin/invoices?view=all&text=qondor%3Aqondor_default%3A50001&document={row.id}")
    assert task.finance_url == xero.world.booking(50001).link
    assert task.source_url == "https://qondor.example/invoice/50001"
