"""What a notice or a preflight has counted is what the page shows that it links to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from invoice_bridge.page_addresses import desk_link
from invoice_bridge_core.documents import DocumentRef
from invoice_bridge_core.notices.news import items_of, notice_of
from invoice_bridge_core.preflight.shown import Runs, as_json
from invoice_bridge_core.routes.notify import Notify
from tests.preflight.looks import look
from tests.world import FERNET_KEY, World, customer, line, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.sandbox import Sandbox
    from tests.pages.desk_world import Desk

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(sandbox, ledger_url)
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", FERNET_KEY)
    yield world
    world.close()


@pytest.fixture
def desk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    from tests.pages.desk_world import open_desk

    return open_desk(world.ledger_url, tmp_path, monkeypatch)


def put_aside(world: World, source_id: int) -> None:
    claim = world.ledger.claim(world.ref(source_id), route=world.route.route, claimant="test")
    assert claim is not None
    claim.put_aside("Kari", "she asks the customer")


def muddle(world: World) -> None:
    """Documents that are kept by causes of all kinds, alone and together, and some that are put aside."""
    world.booked_before()
    documents = [
        *(payment(number, lines=[line("A1")]) for number in (1, 2, 3)),
        payment(4, lines=[line("A1"), line("A2")], totalExclVat=16000, vatAmount=4000, totalInclVat=20000),
        payment(5, lines=[line("A2")]),
        payment(6, currency="JPY", currencyCode=392),
        payment(7, lines=[line("A3")], currency="JPY", currencyCode=392),
        payment(8, customer=customer(908, name="")),
        payment(9),
        payment(10, totalInclVat=11000),
        payment(11, lines=[line("A1")]),
    ]
    for document in documents:
        world.sandbox.qondor.add(document)
    world.run()
    for number in (1, 6):
        put_aside(world, 50000 + number)
    doubtful = world.ledger.claim(
        DocumentRef(system="qondor", conn_id="qondor_default", source_id="77"),
        route=world.route.route,
        claimant="test",
        finance_conn="xero_default",
    )
    assert doubtful is not None
    doubtful.intend("T-77", "hash")
    doubtful.in_doubt("It may be booked")


def shown(desk: Desk, query: dict[str, Any], who: str = "admin") -> dict[str, Any]:
    return desk.documents(who, size=200, **query)


def sums(listed: list[dict[str, Any]]) -> dict[str | None, tuple[str, int]]:
    return {one["currency"]: (f"{float(one['total'] or 0):.2f}", one["count"]) for one in listed}


def test_each_finding_shows_the_documents_that_it_counted(desk: Desk, world: World) -> None:
    muddle(world)
    report = as_json(look(world), Runs())
    assert {"article", "currency", "doubt"} <= {one["cause"] for one in report["findings"]}
    for finding in report["findings"]:
        if finding["documents"] == 0:
            assert finding["filter"] is None
            continue
        assert finding["listed"] == finding["documents"]
        page = shown(desk, finding["filter"])
        assert page["count"] == finding["documents"], finding["text"]
        assert sums(page["sums"]) == sums(finding["sums"])
        for part in finding["parts"]:
            assert shown(desk, finding["filter"] | {"reason": part["reason"]})["count"] == part["documents"], part


def test_an_article_that_was_mapped_since_is_neither_counted_nor_shown(desk: Desk, world: World) -> None:
    muddle(world)
    finance = {"account_codes": {**world.route.finance.account_codes, "A1": "200"}}
    world.route = world.route.model_copy(update={"finance": world.route.finance.model_copy(update=finance)})
    [finding] = [one for one in as_json(look(world), Runs())["findings"] if one["cause"] == "article"]
    numbers = {entry["number"] for entry in shown(desk, finding["filter"])["documents"]}
    assert (finding["documents"], numbers) == (3, {"T-4", "T-5", "T-7"})


def test_what_no_run_has_tried_is_counted_and_said_not_to_be_listed(desk: Desk, world: World) -> None:
    muddle(world)
    world.sandbox.qondor.add(payment(20, lines=[line("A2")]))
    [finding] = [one for one in as_json(look(world), Runs())["findings"] if one["cause"] == "article"]
    assert (finding["documents"], finding["listed"]) == (7, 6)
    assert shown(desk, finding["filter"])["count"] == 6


def test_each_group_of_a_notice_links_to_the_documents_that_it_counted(desk: Desk, world: World) -> None:
    muddle(world)
    view = world.ledger.notices.view(world.route.route, [])
    notify = Notify.model_validate({"channels": [{"mail": {"to": ["kari@acme.example"]}}], "digest": None})
    items = [one for one in items_of(world.route, notify, view) if one.document is not None]
    notice = notice_of(world.route, items, lambda **query: f"http://airflow.example/{desk_link(**query)}")
    assert len(notice.groups) > 4
    for group in notice.groups:
        query: dict[str, Any] = {}
        for name, value in parse_qsl(urlsplit(group.link or "").query):
            query.setdefault(name, []).append(value)
        page = shown(desk, query)
        assert page["count"] == group.count, group.reason
        assert {entry["number"] or entry["ref"].rpartition(":")[2] for entry in page["documents"]} >= {
            number for number, _, _ in group.documents
        }
    assert sum(group.count for group in notice.groups) == shown(desk, {"route": world.route.route})["count"]


def test_what_was_put_aside_is_found_by_its_reason_where_that_is_asked_for(desk: Desk, world: World) -> None:
    muddle(world)
    assert {entry["number"] for entry in shown(desk, {"reason": "article", "view": "aside"})["documents"]} == {"T-1"}
    for view in ("open", "all"):
        assert "T-1" not in {one["number"] for one in shown(desk, {"reason": "article", "view": view})["documents"]}


def test_a_reason_shows_nobody_what_is_not_theirs(desk: Desk, world: World) -> None:
    muddle(world)
    assert shown(desk, {"reason": "article"}, "other")["count"] == 0
    assert shown(desk, {"reason": "article", "route": "qondor_xero"}, "other")["count"] == 0


def test_what_names_no_reason_is_said_in_a_sentence(desk: Desk) -> None:
    for value in ("articles", "article.zz", "said.held.1", "x" * 300):
        answer = desk.get("api/documents", reason=value)
        assert answer.status == 400
        assert answer.error.startswith("'reason' is ")


def test_the_page_offers_each_cause_by_its_name(desk: Desk, world: World) -> None:
    offered = {one["value"]: one["label"] for one in desk.documents()["reasons"]}
    assert offered["article"] == "Article is not mapped"
    for value in offered:
        assert desk.documents(reason=value)["count"] == 0
