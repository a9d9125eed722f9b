"""Acting on the desk: who may, from where, and what is answered; each document by its own route."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from airflow.models.crypto import get_fernet

from invoice_bridge_core.desk.acts.registry import ACTS
from invoice_bridge_core.desk.acts.seen import seen_mark
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from tests.transfer.test_resolution import in_doubt, made_by_hand
from tests.world import FERNET_KEY, payment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from tests.pages.desk_world import Desk
    from tests.world import World

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning:airflow")

HOST = "http://airflow.example"
MAY_POST = {"anonymous": 401, "viewer": 403, "user": 200, "other": 404, "admin": 200}
"""What each answers to an act on a document of `qondor_xero`."""
OWN = {"Origin": HOST, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}


class Runs:
    """Stands for Airflow where runs are started."""

    def __init__(self) -> None:
        self.started: list[tuple[str, str, list[str]]] = []
        self.trouble: str | None = None

    def by(self, user_name: str) -> Any:
        def start(dag_id: str, source_ids: Sequence[str], note: str) -> str:
            if self.trouble is not None:
                raise NotResolvedError(self.trouble)
            self.started.append((user_name, dag_id, list(source_ids)))
            return "run"

        return start


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    monkeypatch.setattr("invoice_bridge.pages.desk.acting.RunStarter", runs.by)
    return runs


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Xero's token is kept under Airflow's own cipher."""
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    get_fernet.cache_clear()


@pytest.fixture
def doubtful(world: World) -> DocumentRow:
    """Payment 1, in doubt because a bookkeeper's invoice has its number."""
    made_by_hand(world)
    return in_doubt(world)


def body(*rows: DocumentRow, **inputs: Any) -> dict[str, Any]:
    return {
        "documents": [row.id for row in rows],
        "inputs": inputs,
        "seen": {str(row.id): seen_mark(row) for row in rows},
    }


@pytest.mark.parametrize("who", MAY_POST)
def test_every_act_by_every_role(desk: Desk, doubtful: DocumentRow, runs: Runs, world: World, who: str) -> None:
    """All acts in one test for each role: what differs is who asks."""
    before = [(change.actor, change.note) for change in world.ledger.history(doubtful)]
    for act in ACTS:
        answer = desk.post(f"api/acts/{act.name}", body(doubtful), who)
        assert answer.status == MAY_POST[who], (act.name, answer.text)
        if answer.status != 200:
            assert "T-1" not in answer.text
            assert answer.error
        else:
            [result] = answer.json["results"]
            assert result["id"] == doubtful.id
            assert set(result) == {"id", "done", "text"}
    if MAY_POST[who] != 200:
        assert runs.started == []
        assert [(change.actor, change.note) for change in world.ledger.history(doubtful)] == before
    contacts = desk.get(f"api/documents/{doubtful.id}/contacts", who)
    assert contacts.status == MAY_POST[who]
    assert "T-1" not in contacts.text


def test_an_act_is_done_and_told_with_the_users_name(desk: Desk, doubtful: DocumentRow, world: World) -> None:
    answer = desk.post("api/acts/booked_as", body(doubtful, booking="T-1", despite_missing_mark=True), "user")
    [result] = answer.json["results"]
    assert result["done"] is True, result
    assert world.row(50001).state is DocumentState.BOOKED
    assert "user, on the desk" in {change.actor for change in world.ledger.history(world.row(50001))}
    [again] = desk.post("api/acts/booked_as", body(doubtful, booking="T-1"), "admin").json["results"]
    assert again["done"] is False
    assert "user: said to be booked as T-1" in again["text"]


def test_the_list_says_how_each_was_seen(desk: Desk, doubtful: DocumentRow, runs: Runs) -> None:
    [entry] = desk.documents()["documents"]
    assert entry["seen"] == seen_mark(doubtful)
    sent = {"documents": [entry["id"]], "seen": {str(entry["id"]): entry["seen"]}}
    [result] = desk.post("api/acts/retry", sent).json["results"]
    assert result["done"] is True
    assert runs.started == [("admin", "invoice_transfer__qondor_xero", ["50001"])]
    [unseen] = desk.post("api/acts/retry", {"documents": [entry["id"]]}).json["results"]
    assert unseen["done"] is False


def test_of_many_each_by_its_own_route(desk: Desk, doubtful: DocumentRow, runs: Runs, world: World) -> None:
    world.route = world.route.model_copy(update={"route": "other"})
    world.sandbox.fault("refuse", system="xero", method="PUT", path="*Invoices")
    world.sandbox.qondor.add(payment(2))
    world.transfer(50002)
    other = world.row(50002)
    results = desk.post("api/acts/retry", body(doubtful, other), "user").json["results"]
    assert [(one["id"], one["done"]) for one in results] == [(doubtful.id, True), (other.id, False)]
    assert "T-2" not in results[1]["text"]
    assert [run[1:] for run in runs.started] == [("invoice_transfer__qondor_xero", ["50001"])]
    results = desk.post("api/acts/retry", body(other, world.row(50001)), "other").json["results"]
    assert [one["done"] for one in results] == [True, False]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
        {**OWN, "Sec-Fetch-Site": "none"},
        {**OWN, "Content-Type": "text/plain"},
        {**OWN, "Content-Type": "application/x-www-form-urlencoded"},
        {**OWN, "Content-Type": "multipart/form-data; boundary=x"},
        {"Origin": "http://evil.example", "Content-Type": "application/json"},
        {"Origin": "null", "Content-Type": "application/json"},
        {"Origin": f"{HOST}.evil.example", "Content-Type": "application/json"},
    ],
)
def test_nobody_acts_from_another_site(desk: Desk, headers: dict[str, str]) -> None:
    answer = desk.post("api/acts/retry", {"documents": [1]}, "admin", headers)
    assert answer.status == 403
    assert answer.error


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{",
        "[]",
        "null",
        {},
        {"documents": []},
        {"documents": ["1"]},
        {"documents": [True]},
        {"documents": [1.5]},
        {"documents": list(range(201))},
        {"documents": [1], "inputs": {"reason": 7}},
        {"documents": [1], "inputs": {"reason": {"a": 1}}},
        {"documents": [1], "seen": {"1": None}},
        {"documents": [1], "more": 1},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_one_sentence(desk: Desk, sent: Any) -> None:
    answer = desk.post("api/acts/retry", sent if isinstance(sent, str) else json.dumps(sent))
    assert answer.status == 422
    assert "Traceback" not in answer.error


@pytest.mark.parametrize("document_id", [0, -1, 7, 2**63, 10**30])
def test_what_is_not_there_is_not_there(desk: Desk, world: World, document_id: int) -> None:
    answer = desk.post("api/acts/retry", {"documents": [document_id]})
    assert answer.status == 404
    assert answer.error


@pytest.mark.parametrize("name", ["dance", "retry/../x", "%00", "Retry"])
def test_there_are_no_other_acts(desk: Desk, world: World, name: str) -> None:
    assert desk.post(f"api/acts/{name}", {"documents": [1]}).status in (404, 405)


def test_nothing_is_done_by_looking(desk: Desk, doubtful: DocumentRow, runs: Runs) -> None:
    for act in ACTS:
        assert desk.get(f"api/acts/{act.name}", documents=doubtful.id).status == 405
    assert runs.started == []


def test_trouble_is_told_without_a_trace(
    desk: Desk, doubtful: DocumentRow, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("postgresql://user:secret@host")

    monkeypatch.setattr("invoice_bridge_core.desk.acts.retrying.Retry.carry_out", broken)
    [result] = desk.post("api/acts/retry", body(doubtful)).json["results"]
    assert result["done"] is False
    assert "secret" not in result["text"]
    assert "went wrong" in result["text"]


def test_a_document_shows_its_acts_to_those_who_may_act(desk: Desk, doubtful: DocumentRow) -> None:
    acts = {who: desk.get(f"api/documents/{doubtful.id}", who).json["acts"] for who in ("viewer", "user")}
    assert acts["viewer"] == []
    assert [act["name"] for act in acts["user"]] == ["retry", "booked_as", "not_booked", "put_aside"]
