"""A task that LocalExecutor lost ends with its run, by the run's time-out, and its document moves with the next one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.world import line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.airflow import LocalAirflow
    from sandbox.sandbox import Sandbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

DAG = "invoice_transfer__qondor_xero"
CODES = "invoice_bridge_account_codes__qondor_xero"
MANY = 128

LOSE = """
update task_instance set state = 'queued', queued_dttm = now(), queued_by_job_id = (
    select max(id) from job where job_type = 'SchedulerJob' and state = 'running'
) where dag_id = :dag and run_id = :run and task_id = 'invoices' and state = 'scheduled'
"""
AGE = "update dag_run set start_date = start_date - interval '1 day' where dag_id = :dag and run_id = :run"


def test_a_run_that_lost_a_task_ends_and_the_next_one_moves_its_document(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    added = sandbox.qondor.add(payment(9301, lines=[line("NEW")]))
    lost = airflow.trigger(DAG, {"documents": ["T-9301"]})
    airflow.wait(DAG, lost, timeout=300)
    assert _state(airflow, lost) == "skipped", "held, since nobody has mapped its article"
    airflow.api.call("POST", "variables", json={"key": CODES, "value": '{"NEW": "200"}'})
    _slots(airflow, 0)
    try:
        airflow.clear(DAG, lost, "invoices", 0, downstream=True)
        _until(lambda: _state(airflow, lost) == "scheduled", "the task waits for a slot")
        assert _change(airflow, LOSE, lost) == 1
    finally:
        _slots(airflow, MANY)
    waiting = airflow.trigger(DAG, {"documents": ["T-9301"]})
    time.sleep(10)
    assert _state(airflow, lost) == "queued", "nobody starts it"
    assert airflow.api.run_state(DAG, waiting) == "queued", "one run at a time"

    assert _change(airflow, AGE, lost) == 1
    assert airflow.wait(DAG, lost, timeout=120) == "failed"
    assert _state(airflow, lost) == "skipped"
    assert airflow.wait(DAG, waiting, timeout=300) == "success"
    assert sandbox.qondor.payments[added["id"]]["statusText"] == "Processed"
    assert len([row for row in sandbox.xero.invoices.rows() if row["InvoiceNumber"] == "T-9301"]) == 1
    airflow.api.call("DELETE", f"variables/{CODES}")


def _slots(airflow: LocalAirflow, count: int) -> None:
    airflow.api.call("PATCH", "pools/default_pool", json={"slots": count}, params={"update_mask": "slots"})


def _state(airflow: LocalAirflow, run_id: str) -> str | None:
    mapped = [one for one in airflow.task_instances(DAG, run_id, "invoices") if one.map_index >= 0]
    return mapped[0].state if mapped else None


def _change(airflow: LocalAirflow, statement: str, run_id: str) -> int:
    engine = sa.create_engine(airflow.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], poolclass=sa.NullPool)
    with engine.begin() as connection:
        return connection.execute(sa.text(statement), {"dag": DAG, "run": run_id}).rowcount


def _until(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)
