"""A month closed by backfill through a real Airflow, in parallel runs, and closed again with every behaviour.

The route is in New York, Airflow in UTC. The tests tell one story in the order of the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
import sqlalchemy as sa

from invoice_bridge_core.ledger import Ledger
from invoice_bridge_core.reports.reports_folder import RouteReports
from invoice_bridge_core.routes.loader import routes_folder
from local.airflow import LocalAirflow
from local.ports import free_port
from local.settings import PROJECT
from sandbox.sandbox import Sandbox
from tests.world import card_payment, credit_note, customer, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1500)]

DAG = "daily_close__qondor_xero"
DAYS = 31
FIRST = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=DAYS + 2)
AFTER = FIRST + dt.timedelta(days=DAYS)
ENDED = ("success", "failed")


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number - 1)


def dated(made: dict[str, Any], number: int, **changes: Any) -> dict[str, Any]:
    on = day(number)
    return {
        **made, "invoiceDate": on.isoformat(), "dueDate": (on + dt.timedelta(days=30)).isoformat(), **changes
    }  # fmt: skip


def month() -> tuple[list[dict[str, Any]], dict[str, str]]:
    """One ordinary invoice a day, and what else can become of documents; with what each number has to end as."""
    euros = {"currency": "EUR", "currencyCode": 978}
    documents = [
        dated(payment(100 + number, customer=customer(901 + number % 4)), number, **(euros if number % 7 == 0 else {}))
        for number in range(1, DAYS + 1)
    ]
    expected = {one["invoiceNumber"]: "transferred" for one in documents}
    others = {
        # Late, since a route that has booked nothing yet rejects nothing.
        "rejected": dated(payment(203, customer=None), 27),
        "transferred": dated(card_payment(205), 5),
        "held": dated(card_payment(210, customer=None), 10),
        "in doubt": dated(payment(215), 15),
        "seen": dated(payment(220, officeId=9), 20),
    }
    # Its invoice is dated four days later, so its own day's run comes too early for it.
    note = dated(credit_note(208, documents[11]), 8)
    expected |= {one["invoiceNumber"]: outcome for outcome, one in others.items()} | {"T-208": "transferred"}
    return [*documents, *others.values(), note], expected


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(documents=0, data="plain") as sandbox:
        for one in month()[0]:
            sandbox.qondor.add(one)
        contact = sandbox.xero.add_contact(Name="By hand")["ContactID"]
        sandbox.xero.add_invoice(
            Contact={"ContactID": contact}, InvoiceNumber="T-215", Date=day(15).isoformat(), Status="AUTHORISED",
            DueDate=AFTER.isoformat(), LineItems=[{"Description": "x", "UnitAmount": 10, "AccountCode": "200"}],
        )  # fmt: skip
        yield sandbox


@pytest.fixture(scope="module")
def airflow(sandbox: Sandbox) -> Iterator[LocalAirflow]:
    env = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in sandbox.connections.items()}
    with tempfile.TemporaryDirectory(prefix="invoice-bridge-test-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        routes = work / "routes"
        routes.mkdir()
        text = (routes_folder() / "qondor_xero.yaml").read_text()
        (routes / "qondor_xero.yaml").write_text(text.replace("Europe/Oslo", "America/New_York"))
        env["INVOICE_BRIDGE_REPORTS_DIR"] = str(work / "reports")
        with LocalAirflow(work / "home", routes_dir=routes, sandbox=False, extra_env=env) as airflow:
            airflow.wait_for_dags("daily_close__")
            airflow.unpause(DAG)
            yield airflow


def runs_of(airflow: LocalAirflow) -> dict[dt.date, dict[str, Any]]:
    """The backfill's runs by the day that they close."""
    found = {}
    for run in airflow.api.pages(f"dags/{DAG}/dagRuns", "dag_runs"):
        if run["run_type"] == "backfill":
            found[dt.datetime.fromisoformat(run["logical_date"]).date()] = run
    return found


def backfill(
    airflow: LocalAirflow, first: dt.date = FIRST, after: dt.date = AFTER, behaviour: str | None = None
) -> int:
    """Backfill and wait for the end of all runs; the seconds that it took."""
    started = time.monotonic()
    how = ["--reprocess-behavior", behaviour] if behaviour else []
    done = airflow.command(
        "backfill", "create", "--dag-id", DAG, "--from-date", first.isoformat(), "--to-date", after.isoformat(),
        "--max-active-runs", "4", *how,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    deadline = started + 1200
    while time.monotonic() < deadline:
        airflow.check()
        # Runs that are cleared again are queued first.
        backfills = airflow.api.call("GET", "backfills", params={"dag_id": DAG})["backfills"]
        if all(one["completed_at"] for one in backfills):
            return round(time.monotonic() - started)
        time.sleep(2)
    pytest.fail(f"the backfill did not end: {Counter(run['state'] for run in runs_of(airflow).values())}")


def ended(airflow: LocalAirflow) -> dict[str, str]:
    ledger = Ledger.connect(airflow.ledger_url)
    rows = ledger.outcomes()
    ledger.close()
    return {str(row.number): str(row.state) for row in rows}


def reports(airflow: LocalAirflow) -> RouteReports:
    return RouteReports("qondor_xero", Path(airflow.env["INVOICE_BRIDGE_REPORTS_DIR"]))


def report(airflow: LocalAirflow, name: str) -> list[dict[str, str]]:
    content = reports(airflow).read(f"{name}.csv")
    assert content is not None, name
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def summed(lines: list[dict[str, str]]) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], Decimal]]:
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        key = line["outcome"], line["currency"]
        counts[key] += 1
        sums[key] += Decimal(line["total"])
    return counts, dict(sums)


def writes(sandbox: Sandbox) -> Counter[str]:
    """The calls that change something, by method and template, since the log was reset."""
    return Counter(
        f"{entry.method} {entry.template}"
        for entry in sandbox.traffic.log()
        if entry.method != "GET" and "token" not in entry.path
    )


def failed_days(airflow: LocalAirflow) -> set[dt.date]:
    return {on for on, run in runs_of(airflow).items() if run["state"] == "failed"}


@pytest.fixture(scope="module")
def closed(airflow: LocalAirflow) -> int:
    """The month, closed for the first time; the seconds that it took."""
    return backfill(airflow)


def test_every_document_ends_as_a_fresh_run_would_end_it(airflow: LocalAirflow, sandbox: Sandbox, closed: int) -> None:
    assert ended(airflow) == month()[1]
    booked = Counter(row["InvoiceNumber"] for row in sandbox.xero.invoices.rows())
    assert set(booked.values()) == {1}
    assert len(booked) == DAYS + 1 + 1
    assert [row["CreditNoteNumber"] for row in sandbox.xero.credit_notes.rows()] == ["T-208"]
    done = writes(sandbox)
    assert done["PUT /Invoicing/v1/Invoice/SetAsProcessed"] == DAYS + 2
    assert done["PUT /Invoicing/v1/Invoice/SetAsFailed"] == 1


def test_each_run_closes_the_day_that_it_is_named_after(airflow: LocalAirflow, closed: int) -> None:
    runs = runs_of(airflow)
    assert sorted(runs) == [day(number) for number in range(1, DAYS + 1)]
    for on in runs:
        assert {line["date"] for line in report(airflow, on.isoformat())} == {on.isoformat()}
    # What was rejected, and what is in doubt, needs somebody; what is held says so without an alarm.
    assert failed_days(airflow) == {day(15), day(27)}


def test_the_reports_add_up_to_the_month(airflow: LocalAirflow, closed: int) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for number in range(1, DAYS + 1):
        some, amounts = summed(report(airflow, day(number).isoformat()))
        counts += some
        for key, amount in amounts.items():
            sums[key] += amount
    run_id = airflow.trigger(DAG, {"since": FIRST.isoformat(), "until": AFTER.isoformat()})
    assert airflow.wait(DAG, run_id, timeout=200) == "success"
    whole = report(airflow, f"{FIRST}_{day(DAYS)}")
    final_counts, final_sums = summed(whole)
    # Only the credit note has moved on since its own day was closed.
    early = {("held", "NOK"): 1, ("transferred", "NOK"): -1}
    if report(airflow, day(8).isoformat())[-1]["outcome"] == "held" or counts != final_counts:
        counts.subtract(early)
        sums["held", "NOK"] += 10000
        sums["transferred", "NOK"] -= 10000
    assert +counts == final_counts
    assert {key: amount for key, amount in sums.items() if counts[key]} == final_sums
    assert sum(final_counts.values()) == len(month()[0]) - 1


def test_the_task_links_to_a_page_that_the_api_server_shows(airflow: LocalAirflow, closed: int) -> None:
    run = runs_of(airflow)[day(5)]
    path = f"dags/{DAG}/dagRuns/{quote(run['dag_run_id'], safe='')}/taskInstances/reconcile/links"
    url = airflow.api.call("GET", path, params={"map_index": -1})["extra_links"]["Open reconciliation"]
    assert url == f"{airflow.base_url}/invoice-bridge/reports/{DAG}/{day(5)}.html"
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    assert "T-205" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "T-205" not in requests.get(url.replace(str(day(5)), str(day(6))), timeout=20).text


def test_nobody_reads_it_without_airflows_leave(airflow: LocalAirflow, closed: int, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.json"
    passwords.write_text(json.dumps({"vera": "wera"}))
    port = free_port()
    env = {
        **airflow.env,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "vera:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    command = [sys.executable, "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=env, cwd=PROJECT, stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base)
        url = f"{base}/invoice-bridge/reports/{DAG}/{day(5)}.html"
        assert requests.get(url, timeout=20).status_code == 401
        assert requests.get(f"{base}/invoice-bridge/reports/{DAG}/", timeout=20).status_code == 401
        bad = requests.get(url, headers={"Authorization": "Bearer made-up"}, timeout=20)
        assert bad.status_code in (401, 403)
        user = {"username": "vera", "password": "wera"}
        token = requests.post(f"{base}/auth/token", json=user, timeout=20).json()["access_token"]
        answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert (answer.status_code, "T-205" in answer.text) == (200, True)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_for(base: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{base}/api/v2/monitor/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    pytest.fail("the second API server did not start")


def test_done_days_are_left_alone_when_nothing_is_to_be_reprocessed(
    airflow: LocalAirflow, sandbox: Sandbox, closed: int
) -> None:
    before = {on: run["end_date"] for on, run in runs_of(airflow).items()}
    sandbox.traffic.reset()
    backfill(airflow, behaviour="none")
    assert {on: run["end_date"] for on, run in runs_of(airflow).items()} == before
    assert writes(sandbox) == {}


def test_failed_days_are_made_good_without_a_second_alarm(airflow: LocalAirflow, sandbox: Sandbox, closed: int) -> None:
    sandbox.traffic.reset()
    backfill(airflow, behaviour="failed")
    assert failed_days(airflow) == set()
    assert writes(sandbox) == {}
    assert ended(airflow) == month()[1]


def test_completed_days_tell_the_payments_that_fell_into_them_once(
    airflow: LocalAirflow, sandbox: Sandbox, closed: int
) -> None:
    for number, paid in ((118, 19), (119, 20), (121, 30)):
        sandbox.xero.bookkeeper.pay(f"T-{number}", on=day(paid))
    sandbox.xero.bookkeeper.void("T-120")
    poll_again(airflow)
    sandbox.traffic.reset()
    backfill(airflow, day(18), day(22), behaviour="completed")
    assert writes(sandbox) == {"PUT /Invoicing/v1/Invoice/SetAsPaid": 2}
    paid_on = {row["invoiceNumber"]: row["paidDate"] for row in sandbox.qondor.payments.rows() if row["paidDate"]}
    told = {"T-118": day(19).isoformat(), "T-119": day(20).isoformat()}
    assert {number: paid_on.get(number) for number in ("T-118", "T-119", "T-121")} == {**told, "T-121": None}
    assert ended(airflow) == month()[1]
    # Voided in finance and processed in the source: an alarm in the first run that finds it.
    assert failed_days(airflow) == {day(20)}
    [line] = [line for line in report(airflow, day(20).isoformat()) if line["number"] == "T-120"]
    assert (line["contradictions"], line["weight"]) == ("voided in finance", "look at")
    assert "T-120: voided in finance" in log_of(airflow, day(20), "summary")

    sandbox.traffic.reset()
    backfill(airflow, day(18), day(22), behaviour="completed")
    assert writes(sandbox) == {}
    assert failed_days(airflow) == set()
    assert "voided in finance" in (reports(airflow).read(f"{day(20)}.html") or b"").decode()


def poll_again(airflow: LocalAirflow) -> None:
    """As if the last poll were an hour old."""
    engine = sa.create_engine(airflow.ledger_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE invoice_bridge.cursors SET polled_at = polled_at - interval '1 hour'"))
    engine.dispose()


def log_of(airflow: LocalAirflow, on: dt.date, task_id: str) -> str:
    run_id = runs_of(airflow)[on]["dag_run_id"]
    [instance] = airflow.task_instances(DAG, run_id, task_id)
    return airflow.task_log(DAG, run_id, task_id, try_number=instance.try_number)


def test_a_dry_run_writes_nothing_and_leaves_the_report(airflow: LocalAirflow, sandbox: Sandbox, closed: int) -> None:
    sandbox.qondor.add(dated(payment(301), 25))
    before = reports(airflow).read(f"{day(25)}.html")
    sandbox.traffic.reset()
    params = {"since": day(25).isoformat(), "until": day(26).isoformat(), "dry_run": True}
    run_id = airflow.trigger(DAG, params)
    assert airflow.wait(DAG, run_id, timeout=200) == "success"
    assert writes(sandbox) == {}
    assert reports(airflow).read(f"{day(25)}.html") == before
    dry = {line["number"]: line["outcome"] for line in report(airflow, f"{day(25)}_dry_run")}
    assert dry == {"T-125": "transferred", "T-301": "not in ledger"}
    assert "would be transferred" in airflow.task_log(DAG, run_id, "summary")


def test_a_run_by_hand_closes_yesterday(airflow: LocalAirflow) -> None:
    run_id = airflow.trigger(DAG)
    assert airflow.wait(DAG, run_id, timeout=200) == "success"
    assert "Daily close, " in airflow.task_log(DAG, run_id, "reconcile")
    half = airflow.trigger(DAG, {"since": FIRST.isoformat()})
    assert airflow.wait(DAG, half, timeout=200) == "failed"
    assert "needs both since and until" in airflow.task_log(DAG, half, "queue")
