"""The lists of reports, by whoever asks for them."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI

from invoice_bridge.page_addresses import REPORTS_PREFIX
from invoice_bridge_core.reports.reconciliation_files import write_reconciliation
from invoice_bridge_core.reports.reports_folder import RouteReports
from tests.reports.rows import DAY, HELD, WRONG_TOTAL, report, row

if TYPE_CHECKING:
    from pathlib import Path

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

TEAMS = {"qondor_xero": "oslo", "other": "bergen"}
"""By route, as the desk's players have them."""


def team_of(dag_id: str) -> str | None:
    return TEAMS.get(dag_id.partition("__")[2])


class Reader:
    def __init__(self) -> None:
        from starlette.testclient import TestClient

        from invoice_bridge.pages.reports import reports_app
        from tests.pages.desk_world import HOST, PLAYERS

        app = FastAPI()
        app.mount(REPORTS_PREFIX, reports_app())
        self._clients = {
            who: TestClient(app, base_url=HOST, cookies={} if who == "anonymous" else {"_token": who})
            for who in PLAYERS
        }

    def get(self, path: str, who: str = "admin") -> tuple[int, str]:
        answer = self._clients[who].get(f"{REPORTS_PREFIX}/{path}")
        return answer.status_code, answer.text


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    from tests.pages.desk_world import PlayedLogins

    monkeypatch.setenv("INVOICE_BRIDGE_REPORTS_DIR", str(tmp_path))
    logins = PlayedLogins()  # type: ignore[no-untyped-call]
    monkeypatch.setattr("airflow.api_fastapi.app._AuthManagerState.instance", logins)
    monkeypatch.setattr("invoice_bridge.pages.access.teams_of", lambda ids: {one: team_of(one) for one in ids})
    monkeypatch.setattr("airflow.models.dag.DagModel.get_team_name", lambda dag_id, **_: team_of(dag_id))
    close("qondor_xero", 0)
    close("other", 0)
    RouteReports("qondor_xero").write("customers.html", b"<title>Customers</title>")
    (tmp_path / "no route").mkdir()
    return Reader()


def close(route: str, days_ago: int) -> None:
    since = DAY - dt.timedelta(days=days_ago)
    rows = (row(1, WRONG_TOTAL), row(2, HELD), row(3, HELD), row(4))
    write_reconciliation(
        report(*rows, route=route, since=since, until=since + dt.timedelta(days=1)), RouteReports(route)
    )


def cells(page: str, name: str) -> list[str]:
    """The line of a list that begins with this name."""
    [line] = [one for one in re.findall(r"<tr>(.*?)</tr>", page, re.S) if f">{name}</a>" in one]
    return [re.sub("<[^>]+>", "", one).strip() for one in re.findall(r"<td.*?</td>", line, re.S)]


@pytest.mark.parametrize(
    ("who", "status", "seen"),
    [
        ("anonymous", 401, set()),
        ("viewer", 200, {"daily_close__qondor_xero/", "customer_sync__qondor_xero/"}),
        ("user", 200, {"daily_close__qondor_xero/", "customer_sync__qondor_xero/"}),
        ("other", 200, {"daily_close__other/"}),
        ("admin", 200, {"daily_close__qondor_xero/", "customer_sync__qondor_xero/", "daily_close__other/"}),
    ],
)
def test_the_list_of_all_routes_shows_what_one_may_read(reader: Reader, who: str, status: int, seen: set[str]) -> None:
    answered, page = reader.get("", who)
    assert answered == status
    assert set(re.findall(r'href="([a-z_]+__\w+/)"', page)) == seen
    for address in seen:
        assert reader.get(address, who)[0] == 200


def test_a_list_counts_what_needs_somebody(reader: Reader) -> None:
    page = reader.get("daily_close__qondor_xero/")[1]
    assert cells(page, "2026-11-10") == ["4", "1", "2", "0", "1"]
    assert '<a href="../">All routes</a>' in page
    assert '<a href="../../../plugin/invoices?route=qondor_xero" data-airflow>' in page
    assert cells(reader.get("")[1], "Daily close, qondor_xero, last 2026-11-10") == ["4", "1", "2", "0", "1"]


def test_a_report_leads_back_to_its_list(reader: Reader) -> None:
    page = reader.get("daily_close__qondor_xero/2026-11-10.html")[1]
    assert '<a href="./">' in page
    assert '<a href="../">' in page


def test_a_table_that_somebody_spoilt_is_a_report_without_counts(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "qondor_xero" / "2026-11-10.csv").write_bytes(b"\xff\xfe not a table")
    assert cells(reader.get("daily_close__qondor_xero/")[1], "2026-11-10") == ["", "", "", "", ""]


def test_many_days_come_in_pages(reader: Reader) -> None:
    for days_ago in range(1, 40):
        close("qondor_xero", days_ago)
    first, second = (reader.get(f"daily_close__qondor_xero/{query}")[1] for query in ("", "?page=2"))
    assert (first.count(".html"), second.count(".html")) == (31, 9)
    assert '<a href="./?page=2">Older</a>' in first
    assert '<a href="./?page=1">Newer</a>' in second
    assert reader.get("daily_close__qondor_xero/?page=0")[0] == 422


@pytest.mark.parametrize("path", ["", "daily_close__qondor_xero/", "daily_close__qondor_xero/2026-11-10.html"])
def test_pages_follow_the_theme_by_our_own_script_alone(reader: Reader, path: str) -> None:
    page = reader.get(path)[1]
    assert len(re.findall("<script", page)) == 1
    [script] = re.findall(r'<script src="((?:\.\./)?page\.js)" defer></script>', page)
    status, text = reader.get("page.js", "anonymous")
    assert (status, "dataset.theme" in text, script.endswith("page.js")) == (200, True, True)
    assert "prefers-color-scheme: dark" in page
    assert page.count("<th") == page.count("<th scope=") + page.count("<thead")
