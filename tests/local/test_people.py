"""Who logs in where `make up` runs, and which connections its page shows."""

from __future__ import annotations

import datetime as dt
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.documents.facts import DocumentFacts
from local.closing_round import fullest_days
from local.connections import ShownConnections, connections_file, take_connections
from local.errors import LocalError
from local.people import PASSWORDS, login_settings, make_people, people_of
from local.rest_api import RestApi
from local.state_folder import StateFolder

if TYPE_CHECKING:
    from pathlib import Path


def test_passwords_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    assert people_of(tmp_path) == {}
    people = make_people(tmp_path)
    assert set(people) == {"bookkeeper", "admin"}
    assert people["bookkeeper"].password != people["admin"].password
    assert make_people(tmp_path) == people_of(tmp_path) == people
    assert stat.S_IMODE((tmp_path / PASSWORDS).stat().st_mode) == 0o600


def test_a_bookkeeper_is_no_admin(tmp_path: Path) -> None:
    settings = login_settings(tmp_path)
    assert settings["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert settings["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "bookkeeper:user,admin:admin"
    assert settings["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] == str(tmp_path / PASSWORDS)


def test_connections_move_from_the_environment_to_the_page() -> None:
    xero = {"conn_type": "xero", "host": "http://127.0.0.1:1", "password": "x", "extra": {"tenant_id": "t"}}
    env = {
        "AIRFLOW_CONN_XERO_DEFAULT": json.dumps(xero),
        "AIRFLOW_CONN_MINE": json.dumps(xero),
        "AIRFLOW_CONN_LEDGER": "postgresql://me@here/ledger",
        "PATH": "/bin",
    }
    taken = take_connections(env, {"AIRFLOW_CONN_MINE"})
    assert sorted(env) == ["AIRFLOW_CONN_LEDGER", "AIRFLOW_CONN_MINE", "PATH"]
    assert json.loads(connections_file(taken)) == {"xero_default": {**xero, "extra": json.dumps(xero["extra"])}}


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    with sa.create_engine(f"sqlite:///{tmp_path}/airflow.db").begin() as database:
        database.execute(sa.text("create table connection (conn_id text)"))
    return StateFolder(tmp_path)


def ids(state: StateFolder, *added: str) -> set[str]:
    """The connections in Airflow's database, after these were added."""
    with sa.create_engine(f"sqlite:///{state.path}/airflow.db").begin() as database:
        for conn_id in added:
            database.execute(sa.text("insert into connection values (:id)"), {"id": conn_id})
        return set(database.scalars(sa.text("select conn_id from connection")))


def test_what_an_earlier_start_has_shown_makes_room(state: StateFolder) -> None:
    shown = ShownConnections(state, f"sqlite:///{state.path}/airflow.db")
    shown.make_room_for({"xero_default", "qondor_default"})
    assert ids(state, "xero_default", "qondor_default", "of_a_person") >= {"xero_default"}
    shown.make_room_for({"xero_default"})
    assert ids(state, "xero_default") == {"xero_default", "of_a_person"}
    shown.make_room_for(())
    assert ids(state) == {"of_a_person"}


def test_what_a_person_made_is_never_replaced_by_the_sandbox(state: StateFolder) -> None:
    ids(state, "xero_default")
    shown = ShownConnections(state, f"sqlite:///{state.path}/airflow.db")
    for _ in range(2):
        with pytest.raises(LocalError, match=r"xero_default, made by hand.* SANDBOX=0"):
            shown.make_room_for({"xero_default", "qondor_default"})
        assert ids(state) == {"xero_default"}


@pytest.mark.parametrize(
    ("login", "asked"),
    [
        (None, ("GET", None)),
        (("admin", "secret"), ("POST", {"username": "admin", "password": "secret"})),
    ],
)
def test_a_token_is_had_with_a_login_or_without(
    login: tuple[str, str] | None, asked: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, calls = RestApi("http://here", login), []

    class Answer:
        status_code, ok, content = 200, True, b"{}"

        def raise_for_status(self) -> None:
            pass

        def json(self) -> dict[str, Any]:
            return {"access_token": "t", "dag_runs": []}

    def answered(method: str, url: str, **options: Any) -> Answer:
        calls.append((method, url, options.get("json")))
        return Answer()

    monkeypatch.setattr(api._session, "request", answered)
    monkeypatch.setattr(api._session, "get", lambda url, **options: answered("GET", url, **options))
    monkeypatch.setattr(api._session, "post", lambda url, **options: answered("POST", url, **options))
    assert api.newest_run("one") is None
    method, body = asked
    assert calls[0] == (method, "http://here/auth/token", body)
    assert api._session.headers["Authorization"] == "Bearer t"


def test_the_fullest_day_of_each_route_is_closed() -> None:
    class Row:
        def __init__(self, route: str, day: int | None) -> None:
            date = None if day is None else dt.date(2026, 11, day)
            self.route = route
            self.facts = DocumentFacts(ref=DocumentRef(system="qondor", conn_id="c", source_id="1"), document_date=date)

    rows: list[Any] = [Row("a", 1), Row("a", 2), Row("a", 2), Row("a", 3), Row("a", 3), Row("a", None), Row("x", 1)]
    assert fullest_days(rows, ["a", "b"]) == {"a": dt.date(2026, 11, 3)}
