"""The tasks of a customer run, one after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from invoice_bridge.operators.customers.customer import SyncCustomerOperator
from invoice_bridge.operators.customers.plan import CUSTOMERS_LEFT_KEY, PlanCustomersOperator
from invoice_bridge.operators.customers.summary import CustomerSummaryOperator
from invoice_bridge.operators.customers.write_ahead import WriteAheadOperator
from tests.operators.airflow_run import Run
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.customers.customer_world import CustomerWorld


@pytest.fixture(autouse=True)
def _ledger_and_reports(kept: CustomerWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", kept.ledger_url)
    monkeypatch.setenv("INVOICE_BRIDGE_REPORTS_DIR", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    codes = json.dumps(dict(kept.route.finance.account_codes))
    monkeypatch.setenv(f"AIRFLOW_VAR_{kept.route.account_codes_variable.upper()}", codes)


def play(kept: CustomerWorld, number: int = 1, **params: Any) -> tuple[Run, list[SyncCustomerOperator], list[str]]:
    """A whole run; how the mapped tasks ended is told by their names."""
    run = Run(kept.route, number=number, params=params)
    entries = PlanCustomersOperator(task_id="plan", route=kept.route).execute(run.context("plan"))
    run.values["plan", "return_value"] = [entries]
    WriteAheadOperator(task_id="write_ahead", route=kept.route, plan_task_id="plan").execute(run.context("write_ahead"))
    tasks = []
    for index, entry in enumerate(entries):
        task = SyncCustomerOperator(task_id="customers", route=kept.route, customer=entry)
        tasks.append(task)
        try:
            task.execute(run.context("customers", index))
        except (AirflowSkipException, AirflowFailException):
            continue
    said: list[str] = []
    summary = CustomerSummaryOperator(
        task_id="summary", route=kept.route, plan_task_id="plan", customers_task_id="customers"
    )
    with patch.object(summary.log, "info", side_effect=lambda text, *values: said.append(text % values)):
        summary.execute(run.context("summary"))
    return run, tasks, said


def test_a_run_names_its_tasks_after_customers_and_counts_them(kept: CustomerWorld, tmp_path: Path) -> None:
    kept.add(901)
    kept.add(902)
    kept.put_contact("c-1", Name="Nordlys Møter 902 AS", ContactStatus="ARCHIVED", TaxNumber="NO900333749MVA")
    _, tasks, said = play(kept)
    assert [task.label for task in tasks] == ["Nordlys Møter 901 AS (C-901)"]
    assert tasks[0].desk_url.endswith("/plugin/invoices?view=all&route=qondor_xero&text=Nordlys+M%C3%B8ter+901+AS")
    assert any(line.endswith("/plugin/invoices?route=qondor_xero") for line in said)
    assert "1 of 2 customers of Qondor are in step" in said[0]
    assert any("restore it there" in line for line in said)
    page = (tmp_path / "qondor_xero" / "customers.html").read_text()
    table = (tmp_path / "qondor_xero" / "customers.csv").read_text("utf-8-sig")
    assert "Only in Qondor" in page
    assert table.splitlines()[0] == "finding,customer,source_key,finance_id,field,old,new,reason"
    assert "Held,Nordlys Møter 902 AS (C-902),902" in table


def test_a_dry_run_has_no_tasks_and_a_page_of_its_own(kept: CustomerWorld, tmp_path: Path) -> None:
    kept.add(901)
    _, tasks, _ = play(kept, dry_run=True)
    assert tasks == []
    assert kept.contacts() == []
    assert kept.customer_rows() == []
    assert "Nothing was written" in (tmp_path / "qondor_xero" / "customers_dry_run.html").read_text()
    assert not (tmp_path / "qondor_xero" / "customers.html").exists()


def test_more_than_a_run_may_take_is_said(kept: CustomerWorld) -> None:
    for number in (901, 902, 903):
        kept.add(number)
    limits = kept.route.limits.model_copy(update={"documents_per_run": 2})
    kept.route = kept.route.model_copy(update={"limits": limits})
    run, tasks, _ = play(kept)
    assert len(tasks) == 2
    assert run.values["plan", CUSTOMERS_LEFT_KEY] == [["1 customer waits for the next run: documents_per_run reached"]]
    assert len(play(kept, 2)[1]) == 1


def test_a_route_whose_source_takes_the_code_alone_says_so(kept: CustomerWorld) -> None:
    source = kept.route.source.model_copy()
    kept.route = kept.route.model_copy(update={"source": source})
    type(source).customers_note = "only the code"
    try:
        run, tasks, said = play(kept)
    finally:
        type(source).customers_note = ""
    assert tasks == []
    assert any("only the code" in line for line in said)
    assert run.values["plan", CUSTOMERS_LEFT_KEY] == [["only the code"]]
