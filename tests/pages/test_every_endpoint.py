"""Every address of the desk × every role, one row for each that the application has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.desk.acts.registry import ACTS
from invoice_bridge_core.desk.acts.seen import seen_mark
from tests.pages.airflow_tables import play_airflows_database
from tests.pages.auth_managers import MANAGERS, play
from tests.transfer.test_resolution import in_doubt, made_by_hand
from tests.world import FERNET_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from invoice_bridge_core.ledger import DocumentRow
    from tests.pages.desk_world import Answer, Desk
    from tests.world import World

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Using `httpx` with", "ignore::DeprecationWarning", "ignore:starlette.middleware"
)

ROLES = ("anonymous", "viewer", "user", "other", "op", "admin")
"""`other` is a user of another team, or of another DAG alone."""

LISTS = (401, 200, 200, 200, 200, 200)
"""What all may ask who are logged in; what is not theirs is not in it."""
SEES = (401, 200, 200, 404, 200, 200)
ACTS_ON = (401, 403, 200, 404, 200, 200)
SAVES = (401, 403, 403, 404, 200, 200)
"""Airflow asks for Op where a Variable is changed."""
FILES = (200, 200, 200, 200, 200, 200)


@dataclass(frozen=True)
class Row:
    """One address.

    :param answers: the status of each role's answer, in their order.
    :param body: what is sent; `None` asks with GET.
    """

    address: str
    answers: tuple[int, ...]
    body: dict[str, Any] | None = None
    shows: bool = False


def rows(document: DocumentRow) -> dict[tuple[str, str], list[Row]]:
    """By method and path, as the application has them."""
    acted = {"documents": [document.id], "inputs": {}, "seen": {str(document.id): seen_mark(document)}}
    mapped: dict[str, Any] = {"mapping": {}}
    of_document, of_mapping = f"api/documents/{document.id}", "api/mapping/qondor_xero"
    return {
        ("GET", "/api/documents"): [
            Row("api/documents?view=all", LISTS, shows=True),
            Row("api/documents?view=all&reason=doubt", LISTS, shows=True),
        ],
        ("GET", "/api/documents/{document_id}"): [Row(of_document, SEES, shows=True)],
        ("GET", "/api/documents/{document_id}/sides"): [Row(f"{of_document}/sides", SEES, shows=True)],
        ("GET", "/api/documents/{document_id}/contacts"): [Row(f"{of_document}/contacts", ACTS_ON)],
        ("GET", "/api/changed"): [Row("api/changed", LISTS)],
        ("GET", "/api/strip"): [Row("api/strip", LISTS)],
        ("GET", "/api/preflight/{route}"): [Row("api/preflight/qondor_xero", SEES)],
        ("GET", "/api/mapping/{route}"): [Row(of_mapping, SEES)],
        ("POST", "/api/mapping/{route}/preview"): [Row(f"{of_mapping}/preview", ACTS_ON, mapped)],
        ("POST", "/api/mapping/{route}"): [Row(of_mapping, SAVES, mapped)],
        ("POST", "/api/acts/{name}"): [Row(f"api/acts/{act.name}", ACTS_ON, acted) for act in ACTS],
        ("GET", "/static"): [Row("static/invoices.js", FILES), Row("static/icon.svg", FILES)],
    }


def addresses(desk: Desk) -> set[tuple[str, str]]:
    """Everything that the application answers."""
    found = set()
    for route in desk.own_app.routes:
        for method in getattr(route, "methods", None) or {"GET"}:
            if method not in ("HEAD", "OPTIONS"):
                found.add((method, str(getattr(route, "path", ""))))
    return found


@dataclass
class Started:
    """Stands for Airflow where runs are started."""

    runs: list[str] = field(default_factory=list)

    def by(self, user_name: str) -> Any:
        def start(dag_id: str, *_: Any, **__: Any) -> str:
            self.runs.append(f"{user_name} {dag_id}")
            return "run"

        return start


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    monkeypatch.setattr("invoice_bridge.pages.desk.acting.RunStarter", started.by)
    return started


@pytest.fixture(params=MANAGERS)
def managed(
    request: pytest.FixtureRequest, world: World, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """The desk in an Airflow with each of the auth managers that can be had."""
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    play_airflows_database(tmp_path, monkeypatch)
    play(request.param, monkeypatch)
    return desk


def ask(desk: Desk, row: Row, who: str) -> Answer:
    if row.body is None:
        return desk.get(row.address, who)
    if "mapping" not in row.body:
        return desk.post(row.address, row.body, who)
    # What somebody has saved before is seen.
    seen = desk.get("api/mapping/qondor_xero").json["seen"]
    return desk.post(row.address, {"mapping": {f"article of {who}": "200"}, "seen": seen}, who)


def test_every_address_by_every_role(managed: Desk, world: World, started: Started) -> None:
    made_by_hand(world)
    document = in_doubt(world)
    table = rows(document)
    assert set(table) == addresses(managed), "each address has its row"
    wrong = []
    for row in (row for listed in table.values() for row in listed):
        for who, status in zip(ROLES, row.answers, strict=True):
            told = len(world.ledger.history(document))
            answer = ask(managed, row, who)
            if answer.status != status:
                wrong.append(f"{row.address} by {who}: {answer.status}, not {status}: {answer.text[:200]}")
            if status >= 400:
                assert "T-1" not in answer.text, (row, who)
                assert answer.error
                assert len(world.ledger.history(document)) == told
            elif row.shows:
                assert ("T-1" in answer.text) == (who != "other"), (row, who)
    assert not wrong, "\n".join(wrong)
    assert {run.split()[1] for run in started.runs} == {"invoice_transfer__qondor_xero"}
    assert {run.split()[0] for run in started.runs} <= {"user", "op", "admin"}


def test_what_another_team_has_is_answered_as_what_is_not_there(managed: Desk, world: World) -> None:
    made_by_hand(world)
    document = in_doubt(world)
    for theirs, nobodys in (
        (f"api/documents/{document.id}", "api/documents/999999"),
        (f"api/documents/{document.id}/sides", "api/documents/999999/sides"),
        ("api/preflight/qondor_xero", "api/preflight/no_such_route"),
        ("api/mapping/qondor_xero", "api/mapping/no_such_route"),
    ):
        mine, nothing = managed.get(theirs, "other"), managed.get(nobodys, "other")
        assert (mine.status, mine.text) == (nothing.status, nothing.text) == (404, nothing.text)
