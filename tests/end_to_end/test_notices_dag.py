"""A real Airflow tells people what is new, and ends a run that lost a task, so that its route goes on."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from local.airflow import LocalAirflow
from tests.end_to_end.scheduled import scheduled_run
from tests.notices.receivers import serving, webhook_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.sandbox import Sandbox
    from tests.notices.receivers import Receiver

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

TRANSFER, NOTICES = "invoice_transfer__told", "notices__told"
ROUTE: dict[str, Any] = {
    "route": "told",
    "source": {"system": "qondor"},
    "finance": {"system": "xero", "account_codes": {"VAT25": "200"}},
    "schedule": {name: "0 0 1 * *" for name in ("transfer", "payments", "daily")},
    "limits": {"documents_per_run": 2},
    "notify": {
        "channels": [{"webhook": {"conn_id": "told_hook", "endpoint": "/told"}}],
        "schedule": "0 0 1 * *",
        "digest": None,
        "close_by": None,
    },
}


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    with serving(webhook_server()) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def told_airflow(sandbox: Sandbox, hook: Receiver) -> Iterator[LocalAirflow]:
    """An Airflow with one route that tells a receiver on localhost."""
    connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
    connections["AIRFLOW_CONN_TOLD_HOOK"] = json.dumps({"conn_type": "http", "host": f"http://127.0.0.1:{hook.port}"})
    with tempfile.TemporaryDirectory(prefix="invoice-bridge-test-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        (work / "routes").mkdir()
        (work / "routes" / "told.json").write_text(json.dumps(ROUTE))
        with LocalAirflow(work / "home", routes_dir=work / "routes", sandbox=False, extra_env=connections) as airflow:
            airflow.wait_for_dags("invoice_transfer__", timeout=300)
            yield airflow


def until(what: str, found: Callable[[], Any], seconds: float = 240) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.5)
    pytest.fail(f"{what}: not within {seconds} seconds")


def test_it_tells_what_is_new_and_ends_a_run_that_lost_its_task(told_airflow: LocalAirflow, hook: Receiver) -> None:
    airflow = told_airflow
    metadata = sa.create_engine(airflow.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    scheduled_run(airflow, TRANSFER, timeout=600)
    airflow.unpause(NOTICES)
    until("a run of the notices", lambda: airflow.api.newest_run(NOTICES))
    news = until("the notice", hook.taken)
    [(path, _, post)] = news
    assert (path, post["kind"]) == ("/told", "news")
    assert post["link"].startswith(f"{airflow.base_url}/plugin/invoices?route=told")

    # As LocalExecutor leaves it: the task is queued, and no process will ever take it.
    lost = airflow.trigger(TRANSFER)
    until("a task", lambda: airflow.task_instances(TRANSFER, lost, "queue"))
    with metadata.begin() as connection:
        connection.execute(
            sa.text("UPDATE task_instance SET state = 'queued', queued_dttm = now() WHERE run_id = :run"), {"run": lost}
        )
    blocked = airflow.trigger(TRANSFER)
    time.sleep(10)
    assert airflow.api.run_state(TRANSFER, blocked) == "queued", "one run at a time is active"
    with metadata.begin() as connection:
        connection.execute(
            sa.text("UPDATE dag_run SET start_date = start_date - interval '5 hours' WHERE run_id = :run"),
            {"run": lost},
        )
    until("the end by force", lambda: airflow.api.run_state(TRANSFER, lost) == "failed")
    states = {one.task_id: one.state for one in airflow.task_instances(TRANSFER, lost)}
    # The queue's process may have been at work, and have said so before.
    assert set(states.values()) <= {"skipped", "success"}
    assert states["summary"] == "skipped"
    airflow.wait(TRANSFER, blocked, timeout=400)

    # The deadline after the time-out, as if it were now.
    with metadata.begin() as connection:
        moved = connection.execute(
            sa.text(
                "UPDATE deadline SET deadline_time = now() FROM dag_run WHERE dag_run.id = deadline.dagrun_id"
                " AND dag_run.run_id = :run AND NOT missed"
            ),
            {"run": lost},
        )
    assert moved.rowcount == 2, "a deadline is kept when its run fails"
    [(_, _, late)] = until("the callback of the deadline", hook.taken)
    assert "late" in late["counts"]
    assert [one["text"] for one in late["sentences"] if lost in one["text"] and "ended by force" in one["text"]]
