"""What Xero has sent, through a real Airflow, as sales in Qondor: one story in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.airflow import LocalAirflow
    from sandbox.sandbox import Sandbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

DAG = "sales_sync__qondor_xero"


def run(airflow: LocalAirflow) -> tuple[str, str]:
    run_id = airflow.trigger(DAG)
    airflow.unpause(DAG)
    return run_id, airflow.wait(DAG, run_id, timeout=300)


def working_run(airflow: LocalAirflow) -> str:
    """The run that had sales to show: the one that unpausing makes may have come before ours."""
    runs = [one["dag_run_id"] for one in airflow.api.call("GET", f"dags/{DAG}/dagRuns")["dag_runs"]]
    return next(one for one in runs if airflow.task_instances(DAG, one, "sales")[0].map_index >= 0)


def test_credit_notes_become_sales_with_a_task_each(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    _, state = run(airflow)
    assert state == "success"
    sales = sandbox.qondor.sales.all()
    booked = {row["CreditNoteID"]: row for row in sandbox.xero.credit_notes.rows() if row["Status"] != "DRAFT"}
    assert sales
    for sale in sales:
        note = booked[sale["externalReference"].removeprefix("xero_default:")]
        assert (sale["invoiceNumber"], sale["amountInclVat"]) == (note["CreditNoteNumber"], -note["Total"])
    run_id = working_run(airflow)
    named = {str(one.rendered_map_index).split(" · ")[0] for one in airflow.task_instances(DAG, run_id, "sales")}
    assert named == {sale["invoiceNumber"] for sale in sales}
    assert "shown, not paid" in airflow.task_log(DAG, run_id, "summary") or all(sale["isPaid"] for sale in sales)


def test_clearing_one_task_and_another_run_send_nothing(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    run_id = working_run(airflow)
    sandbox.traffic.reset()
    airflow.clear(DAG, run_id, "sales", 0)
    airflow.wait(DAG, run_id, timeout=120)
    _, state = run(airflow)
    assert (state, sandbox.calls()["qondor"]["writes"]) == ("success", 0)
