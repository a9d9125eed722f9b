"""No key, token or secret is left anywhere after all routes have run with faults.

Anywhere: logs, databases, errors, names, reports.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
import yaml

from invoice_bridge_core.ledger.database.tables import documents, payment_statuses
from invoice_bridge_core.routes.loader import routes_folder
from local.airflow import LocalAirflow
from sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1200)]

LONGER_THAN_ANY_TIMEOUT = 33.0
KINDS = ("error", "html", "half_json", "too_many_requests", "unavailable")
TOKENS = "re:(token|authenticate)"
API = "re:^(?!.*(token|authenticate))"
ENOUGH = 8
PAID = 3
MY_OWN = (
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
)
ROUTES = ("qondor_xero", "qondor_quiddly", "ixpole_xero", "ixpole_quiddly")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def airflow(sandbox: Sandbox) -> Iterator[LocalAirflow]:
    """A real Airflow with the four shipped routes, whose schedules are out of the way."""
    connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
    with tempfile.TemporaryDirectory(prefix="invoice-bridge-test-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        routes = work / "routes"
        routes.mkdir()
        for route in ROUTES:
            content = yaml.safe_load((routes_folder() / f"{route}.yaml").read_text())
            content["schedule"] = dict.fromkeys(("transfer", "payments", "daily"), "0 0 1 1 *")
            (routes / f"{route}.yaml").write_text(yaml.safe_dump(content))
        env = {**connections, "INVOICE_BRIDGE_REPORTS_DIR": str(work / "reports")}
        with LocalAirflow(work / "home", routes_dir=routes, sandbox=False, extra_env=env) as airflow:
            airflow.wait_for_dags("invoice_transfer__")
            yield airflow


def make_trouble(sandbox: Sandbox) -> None:
    """Answers of every kind that make code say what it sent or got, one after the other."""
    for system in ("qondor", "ixpole", "xero", "quiddly"):
        for place, kind in enumerate(KINDS):
            wait: dict[str, Any] = {"retry_after": 1} if kind in ("too_many_requests", "unavailable") else {}
            sandbox.fault(kind, system=system, path=API, nth=2 * place + 2, **wait)
        for place, kind in enumerate(("error", "half_json")):
            sandbox.fault(kind, system=system, path=TOKENS, nth=place + 1)
        for method in ("PUT", "POST"):
            sandbox.fault("close", system=system, path=API, method=method, when="after", count=1)
            # No read: the first step of a run reads, and fails for good when one is refused.
            sandbox.fault("unauthorised", system=system, path=API, method=method, nth=4)
    for method in ("PUT", "POST"):
        sandbox.fault("delay", system="xero", path=API, method=method, nth=3, seconds=LONGER_THAN_ANY_TIMEOUT)


def run_everything(airflow: LocalAirflow, prefix: str, first: str, **params: Any) -> None:
    """Run the DAG of all routes; its first step has to have come to its end in each."""
    runs = {}
    for route in ROUTES:
        dag_id = f"{prefix}__{route}"
        runs[dag_id] = airflow.trigger(dag_id, params)
        airflow.unpause(dag_id)
    for dag_id, run_id in runs.items():
        airflow.wait(dag_id, run_id, timeout=600)
        [step] = airflow.task_instances(dag_id, run_id, first)
        if step.state != "success":
            pytest.fail(airflow.task_log(dag_id, run_id, first, try_number=step.try_number))


def by_route(airflow: LocalAirflow, question: sa.Select[Any]) -> dict[str, list[Any]]:
    """The second column of the answer by the first."""
    engine = sa.create_engine(airflow.ledger_url, poolclass=sa.NullPool)
    found: dict[str, list[Any]] = {route: [] for route in ROUTES}
    with engine.connect() as connection:
        for route, value in connection.execute(question):
            found[route].append(value)
    return found


def moved(airflow: LocalAirflow) -> dict[str, list[str]]:
    """Finance ids of what was transferred."""
    question = sa.select(documents.c.route, documents.c.finance_id)
    return by_route(airflow, question.where(documents.c.state == "transferred").order_by(documents.c.id))


def pay_some(airflow: LocalAirflow, sandbox: Sandbox) -> None:
    """Pay a few invoices of every route."""
    for route, finance_ids in moved(airflow).items():
        bookkeeper = getattr(sandbox, route.rpartition("_")[2]).bookkeeper
        open_ones = {one.id for one in bookkeeper.documents() if "pay" in one.verbs}
        for finance_id in [each for each in finance_ids if each in open_ones][:PAID]:
            bookkeeper.pay(finance_id)


def told(airflow: LocalAirflow) -> dict[str, list[dt.date]]:
    """The days of payment that sources were told."""
    question = sa.select(documents.c.route, payment_statuses.c.told_on).join_from(payment_statuses, documents)
    return by_route(airflow, question.where(payment_statuses.c.told_on.is_not(None)))


def dates(airflow: LocalAirflow) -> tuple[dt.date, dt.date]:
    """The first day of the documents, and the one after their last."""
    found = by_route(airflow, sa.select(documents.c.route, documents.c.document_date).where(documents.c.route != ""))
    known = [date for each in found.values() for date in each if date is not None]
    return min(known), max(known) + dt.timedelta(days=1)


def secrets_of(sandbox: Sandbox, airflow: LocalAirflow) -> set[str]:
    """Everything that opens something: Airflow's own, what the connections hold, and every token that was issued."""
    found = {airflow.env[name] for name in MY_OWN}
    for url in (airflow.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], airflow.ledger_url):
        found.add(str(sa.make_url(url).password))
    for connection in sandbox.connections.values():
        found.add(connection["password"])
        if login := connection.get("login"):
            found.add(base64.b64encode(f"{login}:{connection['password']}".encode()).decode())
        found |= {
            str(value) for key, value in connection.get("extra", {}).items() if "token" in key and "url" not in key
        }
    for name in ("xero", "ixpole", "quiddly"):
        identity = getattr(sandbox, name).identity
        for table in vars(identity).values():
            if hasattr(table, "rows"):
                found |= {
                    str(row[key]) for row in table.rows() for key in row if key in ("token", "current", "previous")
                }
    return {secret for secret in found if secret and secret != "None"}


def texts_of_database(url: str, schema: str) -> Iterator[tuple[str, str]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names(schema=schema):
            quoted = engine.dialect.identifier_preparer.quote(table)
            for (text,) in connection.execute(sa.text(f"SELECT row_to_json(t)::text FROM {schema}.{quoted} t")):
                yield f"{schema}.{table}", text


def texts_of_files(folder: Path) -> Iterator[tuple[str, str]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(folder)), file.read_text(errors="replace")


def test_nothing_that_opens_anything_is_left_anywhere(airflow: LocalAirflow, sandbox: Sandbox) -> None:
    make_trouble(sandbox)
    run_everything(airflow, "invoice_transfer", "queue")
    assert all(len(finance_ids) >= ENOUGH for finance_ids in moved(airflow).values()), moved(airflow)
    pay_some(airflow, sandbox)
    make_trouble(sandbox)
    run_everything(airflow, "payment_status", "poll")
    assert all(len(days) >= PAID for days in told(airflow).values()), told(airflow)
    since, until = dates(airflow)
    run_everything(airflow, "daily_close", "reconcile", since=since.isoformat(), until=until.isoformat())
    met = {fault.kind for fault in sandbox.faults.all() if fault.hits}
    assert met == {*KINDS, "close", "delay", "unauthorised"}

    secrets = secrets_of(sandbox, airflow)
    assert len(secrets) >= 16
    looked: Counter[str] = Counter()
    leaks = set()
    reports = Path(airflow.env["INVOICE_BRIDGE_REPORTS_DIR"])
    sources = [
        *((f"logs/{name}", text) for name, text in texts_of_files(airflow.home / "logs")),
        *((f"reports{Path(name).suffix}/{name}", text) for name, text in texts_of_files(reports)),
        *texts_of_database(airflow.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], "public"),
        *texts_of_database(airflow.ledger_url, "invoice_bridge"),
    ]
    for place, text in sources:
        looked[place.partition("/")[0]] += 1
        leaks |= {(place, secret[:6]) for secret in secrets if secret in text}
    assert leaks == set()
    # What was read is what matters: the logs of tasks, their values, names and errors, the ledger's rows, the reports.
    for place in ("logs", "public.xcom", "public.task_instance", "public.rendered_task_instance_fields",
                  "invoice_bridge.documents", "invoice_bridge.history", "invoice_bridge.tokens"):  # fmt: skip
        assert looked[place] > 0, f"nothing was read of {place}: {sorted(looked)}"
    for kind in ("reports.html", "reports.csv"):
        assert looked[kind] >= len(ROUTES), sorted(looked)
