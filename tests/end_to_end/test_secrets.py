"""No key, token or secret is left anywhere after all routes have run with faults: logs, databases, errors, names."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
import yaml

from include.routes.loader import routes_folder
from include.sandbox.sandbox import Sandbox
from local.airflow import LocalAirflow

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1200)]

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
        with LocalAirflow(work / "home", routes_dir=routes, sandbox=False, extra_env=connections) as airflow:
            airflow.wait_for_dags("invoice_transfer__")
            yield airflow


def make_trouble(sandbox: Sandbox) -> None:
    """Answers of every kind that make code say what it sent or got."""
    for system in ("qondor", "ixpole", "xero", "quiddly"):
        for kind in ("error", "html", "half_json", "unauthorised"):
            sandbox.fault(kind, system=system, count=1)
        for method in ("PUT", "POST"):
            sandbox.fault("close", system=system, method=method, when="after", count=1)


def run_everything(airflow: LocalAirflow, prefix: str) -> None:
    runs = {}
    for route in ROUTES:
        dag_id = f"{prefix}__{route}"
        runs[dag_id] = airflow.trigger(dag_id)
        airflow.unpause(dag_id)
    for dag_id, run_id in runs.items():
        airflow.wait(dag_id, run_id, timeout=600)


def secrets_of(sandbox: Sandbox, fernet_key: str) -> set[str]:
    """Everything that opens something: what the connections hold, and every token that was issued."""
    found = {fernet_key}
    for connection in sandbox.connections.values():
        found.add(connection["password"])
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
    run_everything(airflow, "invoice_transfer")
    for invoice in [one for one in sandbox.xero.bookkeeper.documents() if "pay" in one.verbs][:5]:
        sandbox.xero.bookkeeper.pay(invoice.id)
    for invoice in [one for one in sandbox.quiddly.bookkeeper.documents() if "pay" in one.verbs][:5]:
        sandbox.quiddly.bookkeeper.pay(invoice.id)
    make_trouble(sandbox)
    run_everything(airflow, "payment_status")
    assert sum(fault.hits for fault in sandbox.faults.all()) >= 10

    secrets = secrets_of(sandbox, airflow.env["AIRFLOW__CORE__FERNET_KEY"])
    assert len(secrets) >= 8
    looked: dict[str, int] = {}
    leaks = set()
    sources = [
        *((f"logs/{name}", text) for name, text in texts_of_files(airflow.home / "logs")),
        *texts_of_database(airflow.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], "public"),
        *texts_of_database(airflow.ledger_url, "invoice_bridge"),
    ]
    for place, text in sources:
        looked[place.partition("/")[0]] = looked.get(place.partition("/")[0], 0) + 1
        leaks |= {(place, secret[:6]) for secret in secrets if secret in text}
    assert leaks == set()
    # What was read is what matters: the logs of tasks, their values, names and errors, and the ledger's rows.
    for place in ("logs", "public.xcom", "public.task_instance", "public.rendered_task_instance_fields",
                  "invoice_bridge.documents", "invoice_bridge.history", "invoice_bridge.tokens"):  # fmt: skip
        assert looked.get(place, 0) > 0, f"nothing was read of {place}: {sorted(looked)}"
