"""Who gets which answer from the desk, and what every answer tells the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge.page_addresses import desk_link
from invoice_bridge_core.documents import DocumentRef
from tests.ledger.rows import claimed

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from tests.pages.desk_world import Desk

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

OURS = DocumentRef(system="qondor", conn_id="qondor_default", source_id="1")
THEIRS = DocumentRef(system="ixpole", conn_id="ixpole_default", source_id="2")


@pytest.fixture
def filled(ledger: Ledger, desk: Desk) -> Desk:
    """One held document of each team's route."""
    for ref, route in ((OURS, "qondor_xero"), (THEIRS, "other")):
        claim = ledger.claim(ref, route=route, claimant="test")
        assert claim is not None
        claim.held("Somebody has to look")
    return desk


@pytest.mark.parametrize(
    ("who", "seen"),
    [("viewer", ["1"]), ("user", ["1"]), ("other", ["2"]), ("admin", ["1", "2"])],
)
def test_everybody_sees_what_is_theirs(filled: Desk, who: str, seen: list[str]) -> None:
    listed = filled.documents(who)
    assert sorted(entry["ref"].rpartition(":")[2] for entry in listed["documents"]) == seen
    assert (listed["count"], listed["states"]) == (len(seen), {"held": len(seen)})
    assert {entry["may_act"] for entry in listed["documents"]} == {who != "viewer"}


def test_nobody_sees_anything_without_a_login(filled: Desk) -> None:
    answer = filled.get("api/documents", "anonymous")
    assert (answer.status, answer.error) == (401, "Log in to Airflow first.")


def test_what_cannot_be_a_filter_is_said_in_a_sentence(filled: Desk) -> None:
    for query, said in (
        ({"state": "hold"}, "'state' is 'hold': it may be seen, working"),
        ({"since": "2026-13-01"}, "'since' is '2026-13-01': it must be a day such as 2026-11-30"),
        ({"size": "201"}, "'size' is '201': it must be a number from 1 to 200"),
        ({"page": "0"}, "'page' is '0'"),
        ({"older_than": "nan"}, "'older_than' is 'nan'"),
        ({"sort": "id; drop table"}, "'sort' is 'id; drop table'"),
        ({"order": "up"}, "'order' is 'up'"),
    ):
        answer = filled.get("api/documents", **query)
        assert answer.status == 400
        assert said in answer.error


@pytest.mark.parametrize("path", ["api/documents", "api/nothing", "static/nothing.js", ""])
def test_every_answer_tells_the_browser_what_it_may_do(desk: Desk, path: str) -> None:
    headers = desk.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "no-store" in headers["cache-control"]


OWN = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [
        {**OWN},
        {"Sec-Fetch-Site": "same-origin"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site", "Origin": "http://airflow.example"},
        {**OWN, "Sec-Fetch-Site": "none"},
        {**OWN, "Origin": "http://airflow.example.evil.example"},
        {**OWN, "Origin": "null"},
        {"Content-Type": "text/plain", "Origin": "http://airflow.example"},
        {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_site_changes_nothing(desk: Desk, headers: dict[str, str], method: str) -> None:
    answer = desk.post("api/documents", {}, headers=headers, method=method)
    assert (answer.status, answer.error) == (403, "Only a page of this Airflow may change something here.")


@pytest.mark.parametrize(
    "headers",
    [
        {**OWN, "Sec-Fetch-Site": "same-origin"},
        {"Content-Type": "application/json; charset=utf-8", "Origin": "http://airflow.example"},
    ],
)
def test_its_own_page_gets_further(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.post("api/documents", {}, headers=headers).status == 405


def test_trouble_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invoice_bridge_core.ledger.desk.listing.list_page", lambda *_: 1 / 0)
    answer = desk.get("api/documents")
    assert (answer.status, answer.error) == (
        500,
        "Something went wrong here. The log of Airflow's API server says what.",
    )
    assert "no-store" in answer.headers["cache-control"]


def test_a_ledger_that_cannot_be_reached_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", "postgresql://nobody:hidden@127.0.0.1:1/none")
    answer = desk.get("api/documents")
    assert answer.status == 503
    assert answer.error.startswith("The ledger at 127.0.0.1/none cannot be reached")
    assert "hidden" not in answer.text


def test_links_to_the_page_hold_its_filter() -> None:
    assert desk_link() == "plugin/invoices"
    assert (
        desk_link(state=["in doubt", "held"], route="qondor_xero", text=None)
        == "plugin/invoices?state=in+doubt&state=held&route=qondor_xero"
    )


def test_a_name_of_the_ledger_is_no_way_to_another_route(ledger: Ledger, desk: Desk) -> None:
    """A document that no route has dealt with belongs to those who see every route of its source."""
    claimed(ledger, ref=OURS).release()
    with ledger.transaction() as connection:
        connection.exec_driver_sql("UPDATE invoice_bridge.documents SET route = NULL")
    assert [desk.documents(who, view="all")["count"] for who in ("viewer", "other", "admin")] == [1, 0, 1]
