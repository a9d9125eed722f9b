"""The mapping on the desk: what is open, what a change would free, saving it, undoing it, and who may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.routes.loader import load_route
from tests.pages.airflow_tables import play_airflows_database
from tests.preflight.looks import dump, held_by_systems
from tests.world import FERNET_KEY, World, customer, line, payment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pages.desk_world import Desk

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

URL = "api/mapping/qondor_xero"


@pytest.fixture
def shown(world: World, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk over the world's ledger, whose route is that of the desk's file."""
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    play_airflows_database(tmp_path, monkeypatch)
    route = load_route("qondor_xero")
    assert route is not None
    world.route = route
    return desk


def waiting(world: World) -> list[str]:
    """Seven documents of two articles, one of which also waits for a currency."""
    changes: list[dict[str, Any]] = [{"lines": [line("CONF")]} for _ in range(5)]
    changes += [{"lines": [line("FOOD")]}, {"lines": [line("CONF")], "currency": "DKK", "currencyCode": 208}]
    ids = [
        world.sandbox.qondor.add(payment(number, customer=customer(900 + number), **each))["id"]
        for number, each in enumerate(changes, start=1)
    ]
    world.run()
    assert {world.row(one).state for one in ids} == {DocumentState.HELD}
    return [str(one) for one in ids]


def in_variable() -> dict[str, str]:
    """What Airflow's database holds."""
    from airflow.models.variable import Variable
    from airflow.utils.session import create_session

    with create_session() as session:
        rows = session.query(Variable).all()
        assert [row.key for row in rows] in ([], ["invoice_bridge_account_codes__qondor_xero"])
        return dict(json.loads(rows[0].val)) if rows else {}


def run_with_the_variable(world: World) -> None:
    """The next run, which lays the Variable over the route's file."""
    route = load_route("qondor_xero")
    assert route is not None
    world.route = route.with_account_codes(in_variable())
    world.run()


def test_an_article_is_mapped_and_all_that_waited_for_it_moves_in_the_next_run(world: World, shown: Desk) -> None:
    ids = waiting(world)
    mapping = shown.get(URL).json
    assert [(one["article"], one["documents"]) for one in mapping["unmapped"]] == [("CONF", 6), ("FOOD", 1)]
    assert mapping["unmapped"][0]["proposals"][0]["account_code"] == "200"
    assert mapping["mapping"] == [
        {"article": "VAT25", "account_code": "200", "in": "file", "label": "200 'Sales 25 %'", "why_not": None}
    ]
    change = {"mapping": {"CONF": "200"}, "seen": mapping["seen"]}
    before, held = dump(world), held_by_systems(world)
    preview = shown.post(f"{URL}/preview", change).json
    assert preview["text"] == "5 documents, 50 000.00 NOK would move in the next run"
    assert preview["frees"]["sums"] == [{"currency": "NOK", "total": "50000", "count": 5}]
    [still] = preview["still_held"]
    assert still["text"] == "Currency DKK is not enabled in Xero"
    assert preview["problems"] == []
    assert (dump(world), held_by_systems(world), in_variable()) == (before, held, {})
    saved = shown.post(URL, change)
    assert (saved.status, saved.json["noted_on"]) == (200, 6)
    assert in_variable() == {"CONF": "200"}
    run_with_the_variable(world)
    states = [world.row(one).state for one in ids]
    assert states == [DocumentState.TRANSFERRED] * 5 + [DocumentState.HELD] * 2
    assert {entry["number"] for entry in shown.documents()["documents"]} == {"T-6", "T-7"}
    notes = [(one.actor, one.note) for one in world.ledger.history(world.row(ids[0]))]
    assert ("admin", "the mapping was changed: article 'CONF' to 200, not mapped before") in notes
    assert "CONF" not in [one["article"] for one in shown.get(URL).json["unmapped"]]


def test_all_of_many_move_in_one_run_and_not_a_few_per_reason(world: World, shown: Desk) -> None:
    for number in range(1, 31):
        world.sandbox.qondor.add(payment(number, lines=[line("CONF")]))
    world.run()
    assert world.run() == {}
    mapping = shown.get(URL).json
    preview = shown.post(f"{URL}/preview", {"mapping": {"CONF": "200"}}).json
    assert (preview["frees"]["documents"], preview["tried"], preview["not_known"]["documents"]) == (30, 10, 0)
    shown.post(URL, {"mapping": {"CONF": "200"}, "seen": mapping["seen"]})
    run_with_the_variable(world)
    assert world.ledger.count(states=[DocumentState.TRANSFERRED]) == 30
    assert shown.documents()["count"] == 0


def test_a_change_is_undone_and_done_again_and_keeps_all_other_entries(world: World, shown: Desk) -> None:
    first = shown.post(URL, {"mapping": {"A": "200", "B": "200"}, "seen": shown.get(URL).json["seen"]}).json
    second = shown.post(URL, {"mapping": {"B": "205", "VAT25": "205"}, "seen": first["seen"]}).json
    assert in_variable() == {"A": "200", "B": "205", "VAT25": "205"}
    told = shown.get(URL).json["last_change"]
    assert told["by"] == "admin"
    assert [(one["article"], one["from"], one["to"]) for one in told["changes"]] == [
        ("B", "200", "205"), ("VAT25", "200", "205"),
    ]  # fmt: skip
    undone = shown.post(URL, {"restore": True, "seen": second["seen"]})
    assert undone.status == 200, undone.text
    assert in_variable() == {"A": "200", "B": "200"}
    shown.post(URL, {"restore": True, "seen": undone.json["seen"]})
    assert in_variable() == {"A": "200", "B": "205", "VAT25": "205"}


def test_airflows_audit_log_says_who_changed_what(world: World, shown: Desk) -> None:
    from airflow.models.log import Log
    from airflow.utils.session import create_session

    shown.post(URL, {"mapping": {"A": "200"}, "seen": shown.get(URL).json["seen"]})
    with create_session() as session:
        [entry] = session.query(Log).all()
        assert (entry.event, entry.dag_id, entry.owner) == (
            "invoice_bridge.mapping", "invoice_transfer__qondor_xero", "admin",
        )  # fmt: skip
        assert json.loads(entry.extra or "")["changes"][0]["to"] == "200"


def test_a_change_over_somebody_elses_is_refused(world: World, shown: Desk) -> None:
    seen = shown.get(URL).json["seen"]
    shown.post(URL, {"mapping": {"A": "200"}, "seen": seen})
    for path in (URL, f"{URL}/preview"):
        late = shown.post(path, {"mapping": {"B": "200"}, "seen": seen})
        assert (late.status, late.error.startswith("Somebody else has changed the mapping")) == (409, True)
    assert in_variable() == {"A": "200"}


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"mapping": {"A": "999"}}, 400, "Account code '999' for article 'A' is not there in Xero."),
    ({"mapping": {"A": "299"}}, 400, "Account 299 'Sales, old' for article 'A' is archived."),
    ({"mapping": {"A": "090"}}, 400, "Account 090 'Card settlements' for article 'A' is a bank account."),
    ({"mapping": {"A": ""}}, 400, "The account code of article 'A' is empty"),
    ({"mapping": {" ": "200"}}, 400, "is empty, too long"),
    ({"mapping": {"A\u202e": "200"}}, 400, "holds signs that nobody sees"),
    ({"mapping": {"VAT25": None}}, 400, "Nothing would change"),
    ({"mapping": {}}, 400, "Nothing was given"),
    ({"restore": True}, 400, "There is no change to undo"),
    ({"mapping": {"A": 200}}, 422, "cannot be read"),
    ({"mapping": {"A": "200"}, "other": 1}, 422, "cannot be read"),
]


def test_what_cannot_be_saved_is_said_and_nothing_is(world: World, shown: Desk) -> None:
    seen = shown.get(URL).json["seen"]
    for change, status, said in REFUSED:
        answer = shown.post(URL, {**change, "seen": seen})
        assert (answer.status, said in answer.error) == (status, True), (change, answer.text)
    assert in_variable() == {}


def test_a_mapping_that_airflow_finds_elsewhere_is_not_saved_here(
    world: World, shown: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_INVOICE_BRIDGE_ACCOUNT_CODES__QONDOR_XERO", '{"A": "200"}')
    mapping = shown.get(URL).json
    assert (mapping["may_save"], mapping["file"]) == (False, f"{mapping['file'].split('/')[0]}/qondor_xero.json")
    assert mapping["why_not"].startswith("The mapping is kept in the environment variable AIRFLOW_VAR_")
    answer = shown.post(URL, {"mapping": {"B": "200"}, "seen": mapping["seen"]})
    assert (answer.status, answer.error) == (403, mapping["why_not"])


def test_where_finance_cannot_be_asked_nothing_is_saved(
    world: World, shown: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(world)
    seen = shown.get(URL).json["seen"]
    world.ledger.connections.close("xero_default", "Xero", "Xero's day limit is used up", None)
    answer = shown.post(URL, {"mapping": {"CONF": "200"}, "seen": seen})
    assert (answer.status, "nothing was saved" in answer.error, in_variable()) == (502, True, {})


SEE = {"anonymous": 401, "viewer": 200, "user": 200, "other": 404, "admin": 200}
ACT = {"anonymous": 401, "viewer": 403, "user": 200, "other": 404, "admin": 200}
SAVE = {"anonymous": 401, "viewer": 403, "user": 403, "other": 404, "admin": 200}


def test_who_may_what(world: World, shown: Desk) -> None:
    change = {"mapping": {"A": "200"}, "seen": shown.get(URL).json["seen"]}
    for who in SEE:
        assert in_variable() == {}
        assert shown.get(URL, who).status == SEE[who]
        assert shown.get("api/preflight/qondor_xero", who).status == SEE[who]
        assert shown.post(f"{URL}/preview", change, who).status == ACT[who]
        assert shown.post(URL, change, who).status == SAVE[who]
    assert in_variable() == {"A": "200"}


def test_no_other_site_saves_a_mapping(world: World, shown: Desk) -> None:
    change = {"mapping": {"A": "200"}, "seen": shown.get(URL).json["seen"]}
    headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert shown.post(URL, change, headers=headers).status == 403
    assert in_variable() == {}


def test_the_page_shows_what_keeps_documents(world: World, shown: Desk) -> None:
    waiting(world)
    told = shown.get("api/preflight/qondor_xero").json
    [articles] = [one for one in told["findings"] if one["cause"] == "article"]
    assert articles["text"].startswith(
        "2 articles are not mapped (CONF, FOOD): 7 documents, 10 000.00 DKK and 60 000.00"
    )
    assert shown.documents(**articles["filter"])["count"] == 7
    assert (told["last_good_run"], told["next_run"]) == (None, None)
    assert shown.get("api/preflight/no_such_route").status == 404
