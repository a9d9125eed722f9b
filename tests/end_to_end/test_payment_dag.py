"""Payments in finance, through a real Airflow, back to the source: one story in the order of the file."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.airflow import LocalAirflow
    from sandbox.sandbox import Sandbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

DAG = "payment_status__qondor_xero"


def run(airflow: LocalAirflow) -> tuple[str, str]:
    run_id = airflow.trigger(DAG)
    airflow.unpause(DAG)
    return run_id, airflow.wait(DAG, run_id, timeout=300)


def open_invoices(sandbox: Sandbox) -> list[str]:
    """Numbers of invoices that were transferred and have nothing paid on them, in Xero and in Qondor alike."""
    processed = {row["invoiceNumber"] for row in sandbox.qondor.payments.rows() if row["statusText"] == "Processed"}
    return sorted(
        row["InvoiceNumber"]
        for row in sandbox.xero.invoices.rows()
        if row["InvoiceNumber"] in processed and row["Status"] == "AUTHORISED"
    )


def test_paid_invoices_arrive_as_tasks_of_their_own(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    run(airflow)
    first, second, third, *_ = open_invoices(sandbox)
    sandbox.xero.bookkeeper.pay(first)
    sandbox.xero.bookkeeper.pay(second)
    sandbox.xero.bookkeeper.pay(third, Decimal(1))
    sandbox.traffic.reset()
    run_id, state = run(airflow)
    assert state == "success"
    named = {str(one.rendered_map_index).split(" · ")[0] for one in airflow.task_instances(DAG, run_id, "documents")}
    assert named == {first, second}
    paid = {row["invoiceNumber"] for row in sandbox.qondor.payments.rows() if row["statusText"] == "Paid"}
    assert {first, second} <= paid
    assert third not in paid
    calls = sandbox.calls()
    assert (calls["xero"]["reads"], calls["xero"]["writes"], calls["qondor"]["writes"]) == (1, 0, 2)
    summary = airflow.task_log(DAG, run_id, "summary")
    assert "reported as paid" in summary
    assert "Paid in part, so nothing was told:" in summary
    assert f"{third} · " in summary


def test_clearing_one_task_tells_nothing_twice(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    run_id = airflow.api.newest_run(DAG)
    assert run_id is not None
    sandbox.traffic.reset()
    airflow.clear(DAG, run_id, "documents", 0)
    airflow.wait(DAG, run_id, timeout=120)
    assert sandbox.calls()["qondor"]["writes"] == 0


def test_a_void_is_listed_once(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    number = open_invoices(sandbox)[-1]
    sandbox.xero.bookkeeper.void(number)
    first, _ = run(airflow)
    second, state = run(airflow)
    assert f"{number} was voided or deleted in finance" in airflow.task_log(DAG, first, "summary")
    later = airflow.task_log(DAG, second, "summary")
    assert f"{number} was voided" not in later
    assert "listed in earlier runs and still wait for somebody" in later
    assert state == "success"
