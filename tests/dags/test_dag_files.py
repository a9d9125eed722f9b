"""The DAG files as Airflow's DAG processor reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from local.settings import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

READ = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag("dags", bundle_name="tests")
print(json.dumps({
    "errors": bag.import_errors,
    "dags": {
        dag.dag_id: {
            "tasks": {task.task_id: task.retries for task in dag.tasks},
            "params": sorted(dag.params),
            "max_active_runs": dag.max_active_runs,
            "catchup": dag.catchup,
            "timetable": type(dag.timetable).__name__,
            "tags": sorted(dag.tags),
            "ends_after": dag.dagrun_timeout and dag.dagrun_timeout.total_seconds(),
            "deadlines": [alert.interval.total_seconds() for alert in dag.deadline or ()],
            "name": dag.dag_display_name,
            "page": dag.doc_md,
            "owners": sorted({task.owner for task in dag.tasks}),
            "buttons": {
                task.task_id: [link.name for link in task.operator_extra_links]
                for task in dag.tasks
                if task.operator_extra_links
            },
        }
        for dag in bag.dags.values()
    },
}))
"""
GOOD = """
route: {name}
source: {{system: qondor, offices: [{office}]}}
finance: {{system: xero, account_codes: {{VAT25: '200'}}}}
"""


def read_dags(routes: Path, home: Path) -> dict[str, Any]:
    env = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "INVOICE_BRIDGE_ROUTES_DIR": str(routes),
        "PYTHONPATH": f"{PROJECT / 'include'}{os.pathsep}{PROJECT / 'plugins'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return read


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    folder = tmp_path / "routes"
    folder.mkdir()
    for office in (1, 2):
        (folder / f"route_{office}.yaml").write_text(GOOD.format(name=f"route_{office}", office=office))
    return folder


def dags(read: dict[str, Any], prefix: str) -> list[str]:
    return sorted(dag_id for dag_id in read["dags"] if dag_id.startswith(prefix))


def test_each_route_has_its_three_dags(routes: Path, tmp_path: Path) -> None:
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    assert sorted(read["dags"]) == [
        f"{kind}__route_{number}" for kind in ("daily_close", "invoice_transfer", "payment_status") for number in (1, 2)
    ]
    for dag in read["dags"].values():
        assert dag["catchup"] is False
        assert dag["timetable"] == "CronDataIntervalTimetable"
        assert dag["tags"] == ["invoice-bridge", "qondor", "xero"]
        assert all(dag["tasks"].values()), "every task is retried when trouble passes"
    transfer, daily = (read["dags"][f"{kind}__route_1"] for kind in ("invoice_transfer", "daily_close"))
    moving = ["credit_notes", "invoices", "queue", "summary", "waiting_credit_notes"]
    assert sorted(transfer["tasks"]) == sorted([*moving, "book_ahead"])
    assert sorted(daily["tasks"]) == sorted([*moving, "poll", "payments", "reconcile"])
    assert transfer["params"] == daily["params"] == ["documents", "dry_run", "since", "until"]
    assert transfer["max_active_runs"] == read["dags"]["payment_status__route_1"]["max_active_runs"] == 1
    assert daily["max_active_runs"] > 1, "days of a backfill run side by side"


def test_a_route_that_asks_for_sales_has_a_dag_for_them(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write('sales: {enabled: true, schedule: "0 * * * *"}\n')
    read = read_dags(routes, tmp_path)
    assert dags(read, "sales_sync__") == ["sales_sync__route_2"]
    dag = read["dags"]["sales_sync__route_2"]
    assert sorted(dag["tasks"]) == ["poll", "sales", "summary"]
    assert (dag["catchup"], dag["max_active_runs"], all(dag["tasks"].values())) == (False, 1, True)


def test_only_a_route_that_books_in_batches_has_a_task_for_that(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_1.yaml").open("a") as file:
        file.write("limits: {batch: 0}\n")
    (routes / "route_3.yaml").write_text(
        "route: route_3\nsource: {system: qondor, offices: [3]}\nfinance: {system: quiddly}\n"
    )
    read = read_dags(routes, tmp_path)
    with_it = {dag for dag in dags(read, "invoice_transfer__") if "book_ahead" in read["dags"][dag]["tasks"]}
    assert with_it == {"invoice_transfer__route_2"}


def test_a_wrong_route_file_stops_its_own_route_alone(routes: Path, tmp_path: Path) -> None:
    (routes / "route_2.yaml").write_text(GOOD.format(name="route_2", office=2).replace("offices", "ofices"))
    read = read_dags(routes, tmp_path)
    assert dags(read, "invoice_transfer__") == ["invoice_transfer__route_1"]
    assert dags(read, "daily_close__") == ["daily_close__route_1"]
    [(file, error)] = read["errors"].items()
    assert file.endswith("route_errors.py")
    assert "route_2.yaml" in error
    assert "source.ofices: unknown key; did you mean 'offices'?" in error


def test_a_disabled_route_has_no_dag(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write("enabled: false\n")
    assert dags(read_dags(routes, tmp_path), "invoice_transfer__") == ["invoice_transfer__route_1"]


def test_people_are_asked_only_where_a_route_says_so(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write("decisions: {enabled: true}\n")
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    assert dags(read, "decisions__") == ["decisions__route_2"]
    dag = read["dags"]["decisions__route_2"]
    assert sorted(dag["tasks"]) == ["decision.ask", "decision.carry_out", "find"]
    assert (dag["max_active_runs"], dag["catchup"]) == (1, False), "an open question is not asked twice"


def test_a_route_that_keeps_customers_in_step_has_a_dag_for_it(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write("customers: {master: source, schedule: '0 * * * *'}\n")
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    assert dags(read, "customer_sync__") == ["customer_sync__route_2"]
    dag = read["dags"]["customer_sync__route_2"]
    assert sorted(dag["tasks"]) == ["customers", "plan", "summary", "write_ahead"]
    assert (dag["params"], dag["max_active_runs"], dag["catchup"]) == (["dry_run"], 1, False)


def test_people_are_told_only_where_a_route_says_so(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write("notify: {channels: [{webhook: {}}]}\n")
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    assert dags(read, "notices__") == ["notices__route_2"]
    dag = read["dags"]["notices__route_2"]
    assert dag["name"] == "Notices · Qondor, Xero (route_2)"
    assert (dag["tasks"], dag["max_active_runs"], dag["catchup"]) == ({"tell": 0}, 1, False)
    deadlines = {name: found["deadlines"] for name, found in read["dags"].items() if found["deadlines"]}
    assert deadlines == {
        "invoice_transfer__route_2": [1800, 15660],
        "payment_status__route_2": [21660],
        "daily_close__route_2": [37260],
        "notices__route_2": [1140],
    }


def test_a_run_that_lost_a_task_ends(routes: Path, tmp_path: Path) -> None:
    """`LocalExecutor` takes no lost task back, and one active run at a time would stop the route for ever."""
    with (routes / "route_2.yaml").open("a") as file:
        file.write("limits: {documents_per_run: 50}\ndecisions: {enabled: true}\n")
    hours = {name: found["ends_after"] / 3600 for name, found in read_dags(routes, tmp_path)["dags"].items()}
    assert hours["invoice_transfer__route_1"] == pytest.approx(1 + 1000 * 12 / 3600)
    assert hours["invoice_transfer__route_2"] == pytest.approx(1 + 50 * 12 / 3600)
    assert hours["daily_close__route_1"] > hours["invoice_transfer__route_1"]
    assert hours["decisions__route_2"] > 20, "a question waits so long"
    assert all(hours.values())


def test_every_dag_has_a_name_and_a_page_for_people(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write("customers: {master: finance, schedule: '0 * * * *'}\n")
        file.write("decisions: {enabled: true}\nsales: {enabled: true}\n")
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    assert len(dags(read, "")) == 9
    names = {dag_id: dag["name"] for dag_id, dag in read["dags"].items()}
    assert len(set(names.values())) == 9
    assert names["invoice_transfer__route_1"] == "Invoices · Qondor → Xero (route_1)"
    assert names["payment_status__route_1"] == "Payments · Xero → Qondor (route_1)"
    assert names["customer_sync__route_2"] == "Customers · Xero → Qondor (route_2)"
    for dag_id, dag in read["dags"].items():
        assert dag["owners"] == ["invoice-bridge"]
        page, route = dag["page"], dag_id.partition("__")[2]
        assert "| red (failed) |" in page
        assert "take *Downstream* out" in page
        assert "$" not in page, "every word is filled in"
        assert f"(plugin/invoices?route={route})" in page or "customer_sync" in dag_id
    assert "(invoice-bridge/reports/daily_close__route_1/)" in read["dags"]["daily_close__route_1"]["page"]


def test_the_buttons_of_a_document_bear_the_names_of_its_systems(routes: Path, tmp_path: Path) -> None:
    (routes / "route_2.yaml").write_text("route: route_2\nsource: {system: ixpole}\nfinance: {system: quiddly}\n")
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    named = {"route_1": ["In Xero", "In Qondor", "On the desk"], "route_2": ["In Quiddly", "In iXpole", "On the desk"]}
    for route, buttons in named.items():
        own = {"summary": ["On the desk"]}
        found = {kind: read["dags"][f"{kind}__{route}"]["buttons"] for kind in ("invoice_transfer", "payment_status")}
        assert found["invoice_transfer"] == {"invoices": buttons, "credit_notes": buttons, **own}
        assert found["payment_status"] == {"documents": buttons, **own}


def test_sales_customers_and_questions_have_their_buttons_too(routes: Path, tmp_path: Path) -> None:
    with (routes / "route_2.yaml").open("a") as file:
        file.write('sales: {enabled: true, schedule: "0 * * * *"}\ndecisions: {enabled: true}\n')
        file.write("customers: {master: source, schedule: '0 * * * *'}\n")
    read = read_dags(routes, tmp_path)
    assert read["errors"] == {}
    both = ["In Xero", "In Qondor", "On the desk"]
    wanted = {
        "sales_sync": {"sales": both, "summary": ["On the desk"]},
        "customer_sync": {"customers": ["On the desk"], "summary": ["On the desk"]},
        "decisions": {"find": ["On the desk"], "decision.ask": both, "decision.carry_out": both},
        "invoice_transfer": {"summary": ["On the desk"]},
        "payment_status": {"summary": ["On the desk"]},
    }
    for kind, buttons in wanted.items():
        found = read["dags"][f"{kind}__route_2"]["buttons"]
        assert {task: found[task] for task in buttons} == buttons
