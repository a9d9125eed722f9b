"""The reports as Airflow's API server shows them: to whom, and what else cannot be had there."""

from __future__ import annotations

import http.client
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI, HTTPException, Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from invoice_bridge.page_addresses import REPORTS_PREFIX
from invoice_bridge.pages.lazy_app import LazyApp
from invoice_bridge_core.reports.reconciliation_files import write_reconciliation
from invoice_bridge_core.reports.reports_folder import RouteReports
from local.settings import PROJECT
from sandbox.server import Server
from tests.reports.rows import report, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning:airflow")

DAG = "daily_close__qondor_xero"
URL = f"{REPORTS_PREFIX}/{DAG}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """Asks for paths as they are written; a client that tidies them would hide what a server makes of them."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str, may_read: str = DAG, method: str = "GET") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request(method, path, headers={"may-read": may_read})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read().decode())
        finally:
            connection.close()


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """The application as Airflow mounts it; a user may read the logs of the DAGs in the header `may-read`."""

    def requires(**_: object) -> object:
        def check(request: Request) -> None:
            if request.path_params["dag_id"] not in request.headers.get("may-read", "").split():
                raise HTTPException(403)

        return check

    monkeypatch.setattr("invoice_bridge.pages.access.requires_access_dag", requires)
    monkeypatch.setenv("INVOICE_BRIDGE_REPORTS_DIR", str(tmp_path / "reports"))
    (tmp_path / "secret.html").write_text("secret")
    write_reconciliation(report(row(1)), RouteReports("qondor_xero"))
    write_reconciliation(report(row(2), route="other"), RouteReports("other"))
    airflow = FastAPI()
    airflow.mount(REPORTS_PREFIX, LazyApp("invoice_bridge.pages.reports:reports_app"))
    server = Server(airflow, H11Protocol)
    server.start()
    yield Browser(server.port)
    server.stop()


def test_a_report_runs_no_script_but_our_own(client: Browser) -> None:
    answer = client.get(f"{URL}/2026-11-10.html")
    assert answer.status == 200
    assert "Q-1" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; img-src data:;")
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]


def test_the_table_is_downloaded(client: Browser) -> None:
    answer = client.get(f"{URL}/2026-11-10.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="2026-11-10.csv"'
    assert answer.headers["content-type"].startswith("text/csv")


def test_all_days_are_listed(client: Browser) -> None:
    assert 'href="2026-11-10.html"' in client.get(f"{URL}/").text


def test_whoever_may_not_read_the_dag_reads_nothing(client: Browser) -> None:
    other = f"{REPORTS_PREFIX}/daily_close__other/2026-11-10.html"
    assert client.get(other).status == 403
    assert client.get(other, "daily_close__other").status == 200
    for path in (f"{URL}/2026-11-10.html", f"{URL}/2026-11-10.csv", f"{URL}/", f"{URL}/nothing.html"):
        assert client.get(path, "").status == 403


@pytest.mark.parametrize(
    "path",
    [
        "2026-11-11.html",
        "2026-11-10.txt",
        "..%2f..%2fsecret.html",
        "%2e%2e/%2e%2e/secret.html",
        "..%2fother%2f2026-11-10.html",
        "....//secret.html",
        "2026-11-10.html%00",
        "2026-11-10.html%0a",
    ],
)
def test_nothing_else_can_be_had(client: Browser, path: str) -> None:
    answer = client.get(f"{URL}/{path}")
    assert answer.status in (403, 404)
    assert "secret" not in answer.text


@pytest.mark.parametrize("dag", ["invoice_transfer__qondor_xero", "daily_close__..", "daily_close__", "x"])
def test_other_dags_have_no_reports(client: Browser, dag: str) -> None:
    for path in ("", "2026-11-10.html"):
        assert client.get(f"{REPORTS_PREFIX}/{dag}/{path}", dag).status == 404


def test_nothing_but_reading_is_possible(client: Browser) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.get(f"{URL}/2026-11-10.html", method=method).status == 405
    for path in ("docs", "openapi.json", "redoc"):
        assert client.get(f"{REPORTS_PREFIX}/{path}").status != 200


def test_no_task_pays_for_the_page() -> None:
    watched = ("matplotlib", "pandas", "invoice_bridge.pages.reports", "airflow.api_fastapi.core_api.security")
    search_path = [str(PROJECT), str(PROJECT / "plugins")]
    code = (
        f"import sys; sys.path[:0] = {search_path}; import invoice_bridge_plugin; "
        f"print([name for name in {watched} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
