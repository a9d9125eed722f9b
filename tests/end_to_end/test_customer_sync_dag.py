"""Qondor's customers, through a real Airflow, in step in Xero: one story in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.scheduled import scheduled_run

if TYPE_CHECKING:
    from local.airflow import LocalAirflow
    from local.rest_api import TaskInstance
    from sandbox.sandbox import Sandbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

DAG = "customer_sync__qondor_xero"
A_FEW, NEW_MAIL = 3, "ny.faktura@customer.example"


@pytest.fixture(scope="module")
def few(sandbox: Sandbox, first_run: str) -> list[dict[str, Any]]:
    """A few customers with contact persons, some without an address; all others are put away in Qondor."""
    customers, people = sandbox.qondor.customers, sandbox.qondor.contact_persons
    active = [row for row in customers.all() if row["isActive"] and people.of(row["id"])]
    unaddressed = [row for row in active if not all(person["email"] for person in people.of(row["id"]))]
    kept = [*unaddressed[:A_FEW], *(row for row in active if row not in unaddressed)][: 2 * A_FEW]
    assert unaddressed
    for row in customers.all():
        if row not in kept:
            customers.update({"id": row["id"], "isActive": False})
    return kept


@pytest.fixture(scope="module")
def first_sync(airflow: LocalAirflow, few: list[dict[str, Any]]) -> str:
    """The scheduled run that Airflow makes when the sync is unpaused."""
    return scheduled_run(airflow, DAG)


def run(airflow: LocalAirflow, **params: Any) -> tuple[str, str]:
    run_id = airflow.trigger(DAG, params)
    return run_id, airflow.wait(DAG, run_id, timeout=300)


def tasks(airflow: LocalAirflow, run_id: str) -> list[TaskInstance]:
    """The mapped tasks of a run, one for each customer with news."""
    return [one for one in airflow.task_instances(DAG, run_id, "customers") if one.map_index >= 0]


def label(customer: dict[str, Any]) -> str:
    return f"{customer['name']} ({customer['customerNumber']})"


def test_the_first_sync_has_a_task_for_each_customer(
    airflow: LocalAirflow, sandbox: Sandbox, few: list[dict[str, Any]], first_sync: str
) -> None:
    assert airflow.api.run_state(DAG, first_sync) == "success"
    named = {str(one.rendered_map_index) for one in tasks(airflow, first_sync)}
    assert named <= {label(customer) for customer in few}
    assert len(named) > A_FEW
    contacts = {row.get("AccountNumber"): row for row in sandbox.xero.contacts.rows()}
    for customer in few:
        if label(customer) in named:
            people = sandbox.qondor.contact_persons.of(customer["id"])
            there = contacts[customer["customerNumber"]]["ContactPersons"]
            assert [one.get("FirstName") for one in there] == [person["firstName"] for person in people]
    assert "customers of Qondor are in step" in airflow.task_log(DAG, first_sync, "summary")


def test_a_second_sync_writes_nothing(airflow: LocalAirflow, sandbox: Sandbox, first_sync: str) -> None:
    sandbox.traffic.reset()
    run_id, state = run(airflow)
    assert (state, tasks(airflow, run_id)) == ("success", [])
    assert {system: calls["writes"] for system, calls in sandbox.calls().items() if calls["writes"]} == {}


def test_one_change_is_one_line_of_a_dry_run_then_one_task(
    airflow: LocalAirflow, sandbox: Sandbox, few: list[dict[str, Any]], first_sync: str
) -> None:
    customer = few[0]
    sandbox.qondor.customers.update({"id": customer["id"], "invoiceEmail": NEW_MAIL})
    sandbox.traffic.reset()
    rehearsal, state = run(airflow, dry_run=True)
    assert (state, tasks(airflow, rehearsal), sandbox.calls()["xero"]["writes"]) == ("success", [], 0)
    told = airflow.task_log(DAG, rehearsal, "plan")
    assert f"{label(customer)} · email · {customer['invoiceEmail']} · {NEW_MAIL}" in told
    assert told.count(" · email · ") == 1
    run_id, state = run(airflow)
    assert state == "success"
    assert [one.rendered_map_index for one in tasks(airflow, run_id)] == [label(customer)]
    changed = [row for row in sandbox.xero.contacts.rows() if row.get("EmailAddress") == NEW_MAIL]
    assert [row["AccountNumber"] for row in changed] == [customer["customerNumber"]]
    assert sandbox.calls()["xero"]["writes"] == 1


def test_clearing_the_task_sends_nothing_again(airflow: LocalAirflow, sandbox: Sandbox, first_sync: str) -> None:
    run_id = airflow.api.newest_run(DAG)
    assert run_id is not None
    sandbox.traffic.reset()
    airflow.clear(DAG, run_id, "customers", 0)
    assert airflow.wait(DAG, run_id, timeout=120) == "success"
    assert sandbox.calls()["xero"]["writes"] == 0
