"""The demonstration's documents through a real Airflow: what people see, and what both sides hold afterwards.

The tests tell one story in the order of the file: a first run moves everything, the later ones find little to do.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.ledger import Ledger
from sandbox.faults import Fault
from tests.world import payment

if TYPE_CHECKING:
    from local.airflow import LocalAirflow
    from local.rest_api import TaskInstance
    from sandbox.sandbox import Sandbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

DAG = "invoice_transfer__qondor_xero"


def run(airflow: LocalAirflow, **params: Any) -> tuple[str, str]:
    """Trigger by hand; the run's id and its end."""
    run_id = airflow.trigger(DAG, params)
    return run_id, airflow.wait(DAG, run_id, timeout=300)


def task(airflow: LocalAirflow, run_id: str, number: str) -> TaskInstance:
    """The mapped task that is named after a document."""
    found = [
        one for one in airflow.task_instances(DAG, run_id) if (one.rendered_map_index or "").startswith(f"{number} ")
    ]
    assert len(found) == 1, [one.rendered_map_index for one in airflow.task_instances(DAG, run_id)]
    return found[0]


def expectations(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What the data of this route's documents calls for."""
    return [one for one in sandbox.expectations if DAG.endswith(f"__{one['route']}")]


def test_every_document_ends_as_its_data_calls_for(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    ledger = Ledger.connect(airflow.ledger_url)
    ended = {row.ref.source_id: str(row.state) for row in ledger.outcomes()}
    ledger.close()
    expected = {str(one["source_id"]): one["outcome"] for one in expectations(sandbox)}
    differing = {
        source_id: (outcome, ended.get(source_id))
        for source_id, outcome in expected.items()
        if ended.get(source_id, "left alone").replace("seen", "left alone") != outcome
    }
    assert differing == {}
    assert len(expected) >= 120


def test_the_tasks_tell_people_what_happened(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    states = {"transferred": "success", "rejected": "failed", "in doubt": "failed", "held": "skipped"}
    tasks = {
        (one.rendered_map_index or "").split(" · ")[0]: one
        for one in airflow.task_instances(DAG, first_run)
        if one.map_index >= 0
    }
    for expected in expectations(sandbox):
        if expected["outcome"] == "left alone":
            assert expected["number"] not in tasks
        elif expected["number"] in tasks:
            named = tasks[expected["number"]]
            assert named.state == states[expected["outcome"]], named
            assert (f" · {expected['outcome']}: " in str(named.rendered_map_index)) == (
                expected["outcome"] != "transferred" or ": " in str(named.rendered_map_index)
            )
    assert airflow.api.run_state(DAG, first_run) == "failed"
    summary = airflow.task_log(DAG, first_run, "summary")
    assert "Somebody has to look at:" in summary
    assert "transferred" in summary


def test_most_documents_were_booked_many_in_a_call(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    ahead = airflow.task_instances(DAG, first_run, "book_ahead")
    assert [one.state for one in ahead] == ["success"]
    assert " documents booked in " in airflow.task_log(DAG, first_run, "book_ahead")
    ledger = Ledger.connect(airflow.ledger_url)
    booked = [row for row in ledger.outcomes() if row.booking is not None and row.finance_conn == "xero_default"]
    notes = [" ".join(change.note for change in ledger.history(row)) for row in booked]
    ledger.close()
    assert sum(", in batch " in note for note in notes) > len(notes) / 2


def test_a_task_links_to_its_document_in_xero(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    moved = next(one for one in airflow.task_instances(DAG, first_run, "invoices") if one.state == "success")
    number = str(moved.rendered_map_index).split(" · ")[0]
    [invoice] = [row for row in sandbox.xero.invoices.rows() if row["InvoiceNumber"] == number]
    links = airflow.api.call(
        "GET",
        f"dags/{DAG}/dagRuns/{first_run}/taskInstances/invoices/links",
        params={"map_index": moved.map_index},
    )["extra_links"]
    assert invoice["InvoiceID"] in links["In Xero"]
    assert "/plugin/invoices?view=all&text=qondor" in links["On the desk"]


def test_a_task_that_moved_nothing_links_to_the_desk(airflow: LocalAirflow, first_run: str) -> None:
    ended = [one for one in airflow.task_instances(DAG, first_run, "invoices") if one.state in ("skipped", "failed")]
    assert ended
    for one in ended[:3]:
        links = airflow.api.call(
            "GET",
            f"dags/{DAG}/dagRuns/{first_run}/taskInstances/invoices/links",
            params={"map_index": one.map_index},
        )["extra_links"]
        assert "/plugin/invoices?view=all&text=qondor" in links["On the desk"]


def test_a_second_run_changes_nothing_and_makes_no_write_call(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    sandbox.traffic.reset()
    run_id, state = run(airflow)
    assert state == "success"
    # Whether an archived contact was restored shows only when its document is tried.
    [again] = [one for one in airflow.task_instances(DAG, run_id) if one.map_index >= 0]
    assert again.state == "skipped"
    # The name is short; the log has the whole reason.
    assert "held: Contact" in str(again.rendered_map_index)
    log = airflow.task_log(DAG, run_id, again.task_id, map_index=again.map_index)
    assert "is archived in Xero: restore it there" in log
    assert {system: counts["writes"] for system, counts in sandbox.calls().items()} == dict.fromkeys(sandbox.calls(), 0)
    assert "nothing changed" in airflow.task_log(DAG, run_id, "summary")


def test_clearing_one_task_repeats_that_document_alone(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    held = next(
        one
        for one in expectations(sandbox)
        if one["outcome"] == "held" and "archived" in one["why"].lower() and "account" in one["why"].lower()
    )
    before = task(airflow, first_run, held["number"])
    airflow.api.call(
        "POST",
        "variables",
        json={"key": "invoice_bridge_account_codes__qondor_xero", "value": '{"OLD": "200"}'},
    )
    sandbox.traffic.reset()
    airflow.clear(DAG, first_run, before.task_id, before.map_index)
    airflow.wait(DAG, first_run, timeout=300)
    assert task(airflow, first_run, held["number"]).state == "success"
    created = [
        entry for entry in sandbox.traffic.log(system="xero") if entry.method == "PUT" and "Invoices" in entry.path
    ]
    assert len(created) == 1
    airflow.api.call("DELETE", "variables/invoice_bridge_account_codes__qondor_xero")


def test_a_dry_run_shows_the_body_and_writes_nothing(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    from tests.world import customer, payment

    added = sandbox.qondor.add(payment(9001, customer=customer(9001, name='{{ 1/0 }} & Søn\'s "Fest" 🎉')))
    sandbox.traffic.reset()
    run_id, state = run(airflow, dry_run=True, documents=["T-9001"])
    assert state == "success"
    rehearsed = task(airflow, run_id, "T-9001")
    assert "{{ 1/0 }}" in str(rehearsed.rendered_map_index)
    assert "would be transferred" in str(rehearsed.rendered_map_index) or rehearsed.state == "success"
    log = airflow.task_log(DAG, run_id, rehearsed.task_id, rehearsed.map_index)
    assert "InvoiceNumber" in log
    assert all(counts["writes"] == 0 for counts in sandbox.calls().values())
    assert sandbox.qondor.payments[added["id"]]["statusText"] == "Unprocessed"

    run_id, state = run(airflow, documents=["T-9001"])
    assert state == "success"
    assert sandbox.qondor.payments[added["id"]]["statusText"] == "Processed"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"documents": ["NO-SUCH"]}, "Documents: NO-SUCH does not wait in Qondor, and the ledger does not know it"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "The window is the wrong way round"),
    ],
)
def test_a_run_that_makes_no_sense_says_so(
    airflow: LocalAirflow, first_run: str, params: dict[str, Any], sentence: str
) -> None:
    run_id, state = run(airflow, **params)
    assert state == "failed"
    assert sentence in airflow.task_log(DAG, run_id, "queue")
    assert airflow.task_instances(DAG, run_id, "queue")[0].try_number == 1


def test_a_wrong_route_stops_itself_alone_and_says_what_is_wrong(airflow: LocalAirflow) -> None:
    [(file, error)] = airflow.import_errors().items()
    assert file.endswith("route_errors.py")
    assert "broken.yaml" in error
    assert "ofices" in error
    assert airflow.dag_ids("invoice_transfer__") == [DAG]


def test_a_backfill_is_about_the_dates_of_its_interval_alone(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    inside = sandbox.qondor.add(payment(9101, invoiceDate="2026-03-15", dueDate="2026-04-15"))
    outside = sandbox.qondor.add(payment(9102))
    created = airflow.command(
        "backfill", "create", "--dag-id", DAG, "--from-date", "2026-02-28", "--to-date", "2026-03-02"
    )  # fmt: skip
    assert created.returncode == 0, created.stderr[-3000:]
    [run_id] = [
        run["dag_run_id"]
        for run in airflow.api.pages(f"dags/{DAG}/dagRuns", "dag_runs")
        if run["run_type"] == "backfill"
    ]
    airflow.wait(DAG, run_id, timeout=300)
    assert [entry["source_id"] for entry in airflow.xcom(DAG, run_id, "queue")] == [str(inside["id"])]
    assert sandbox.qondor.payments[outside["id"]]["statusText"] == "Unprocessed"


def test_a_task_that_takes_its_time_is_named_while_it_runs(
    airflow: LocalAirflow, sandbox: Sandbox, first_run: str
) -> None:
    sandbox.qondor.add(payment(9201))
    sandbox.faults.add(Fault(kind="delay", system="qondor", path="*SetAsProcessed*", seconds=8))
    try:
        run_id = airflow.trigger(DAG, {"documents": ["T-9201"]})
        named: set[str] = set()
        deadline = time.monotonic() + 120
        while not any(name.startswith("T-9201 · ") for name in named) and time.monotonic() < deadline:
            running = [one for one in airflow.task_instances(DAG, run_id, "invoices") if one.state == "running"]
            named |= {str(one.rendered_map_index) for one in running}
            time.sleep(0.3)
    finally:
        sandbox.faults.clear()
    assert any(name.startswith("T-9201 · ") for name in named), named
    assert airflow.wait(DAG, run_id, timeout=300) == "success"


def test_no_secret_is_in_any_log_or_xcom(airflow: LocalAirflow, sandbox: Sandbox, first_run: str) -> None:
    secrets = [
        str(connection[key])
        for connection in sandbox.connections.values()
        for key in ("password",)
        if connection.get(key)
    ]
    assert secrets
    logs = [path for path in airflow.home.rglob("*.log") if path.is_file()]
    assert len(logs) > 100
    for path in logs:
        text = path.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], path
