"""One document on the desk: what the ledger knows of it, and what both systems hold now."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.errors import BridgeError
from tests.world import FERNET_KEY, World, customer, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.sandbox import Sandbox
    from tests.pages.desk_world import Desk

# Airflow's own imports.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with", "ignore::DeprecationWarning")

PATHS = ("api/documents/{id}", "api/documents/{id}/sides")
LISTS = ("api/documents", "api/changed", "api/strip")


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


@pytest.fixture
def transferred(world: World, desk: Desk) -> str:
    """Payment 1, transferred by a task of Airflow; its id on the desk."""
    world.sandbox.qondor.add(payment(1))
    world.select()
    world.transfer(50001, claimant="invoice_transfer__qondor_xero/scheduled__2026-11-30T02:50:00+00:00/invoices/3")
    return str(world.row(50001).id)


def sides(answer: dict[str, Any]) -> dict[str, tuple[str | None, str | None, bool]]:
    return {each["field"]: (each["sent"], each["held"], each["differs"]) for each in answer["sides"]}


def test_a_document_is_told_from_the_ledger_alone(desk: Desk, world: World, transferred: str) -> None:
    world.sandbox.traffic.reset()
    told = desk.get(f"api/documents/{transferred}").json
    assert (told["number"], told["state"], told["words"]) == (
        "T-1",
        "transferred",
        "transferred: booked and reported to its source",
    )
    assert sides(told)["Total"] == ("10 000.00", "10 000.00", False)
    assert not any(differs for _, _, differs in sides(told).values())
    newest = told["history"][0]
    assert (newest["to"], newest["note"]) == ("transferred", "reported to its source")
    task = (
        "dags/invoice_transfer__qondor_xero/runs/scheduled__2026-11-30T02%3A50%3A00%2B00%3A00/tasks/invoices/mapped/3"
    )
    assert (newest["task"], told["links"]["task"]) == (task, task)
    assert [paper["label"] for paper in told["papers"]][-1] == "The document in its source"
    assert world.calls("xero") + world.calls("qondor") == []


def test_both_systems_are_asked_and_nothing_is_written(desk: Desk, world: World, transferred: str) -> None:
    world.sandbox.xero.bookkeeper.changes.total("T-1", Decimal(9000))
    world.sandbox.traffic.reset()
    answer = desk.get(f"api/documents/{transferred}/sides")
    assert answer.status == 200, answer.text
    told = answer.json
    assert sides(told)["Total"] == ("10 000.00", "9 000.00", True)
    assert [name for name, (_, _, differs) in sides(told).items() if differs] == ["Total"]
    assert told["lines"][0]["article"] == "VAT25"
    assert told["problems"] == []
    for system in ("xero", "qondor"):
        calls = world.calls(system)
        assert {each.method for each in calls} == {"GET"}
        assert len(calls) <= 2


def test_the_lines_of_both_sides_are_told(desk: Desk, world: World, transferred: str) -> None:
    told = desk.get(f"api/documents/{transferred}/sides").json
    [sent], [held] = told["lines"], told["held_lines"]
    assert (sent["quantity"], sent["total"]) == ("1", "10 000.00")
    assert (held["description"], held["account"]) == (sent["description"], "200")
    assert Decimal(held["total"].replace(" ", "")) in (Decimal(8000), Decimal(10000))


def test_a_document_in_doubt_shows_the_lines_that_finance_has_under_its_number(desk: Desk, world: World) -> None:
    """It is found by its number, in a list that names no lines; one more call shows them."""
    world.sandbox.qondor.add(payment(1))
    world.select()
    world.sandbox.fault("close", system="xero", method="PUT", path="*Invoices", when="after", nth=1)
    with suppress(BridgeError):
        world.transfer(50001)
    row = world.row(50001)
    assert row.booking is None
    world.sandbox.faults.clear()
    world.sandbox.traffic.reset()
    told = desk.get(f"api/documents/{row.id}/sides").json
    assert sides(told)["Total"] == ("10 000.00", "10 000.00", False)
    assert [line["account"] for line in told["held_lines"]] == ["200"]
    assert len(world.calls("xero")) <= 2


def test_another_contact_is_told_by_its_name(desk: Desk, world: World, transferred: str) -> None:
    """By the live answer; without one, where the ledger knows the contact of another document."""
    other = payment(2, customer=customer(902, name="Bergen Events AS", legalName="Bergen Events AS"))
    world.sandbox.qondor.add(other)
    world.select()
    world.transfer(50002)
    contact_id = world.booking(50002).contact_id
    world.run_payments()
    world.sandbox.xero.bookkeeper.changes.contact("T-1", contact_id)
    told = desk.get(f"api/documents/{transferred}/sides").json
    sent, held, differs = sides(told)["Contact"]
    assert (sent != held, held, differs) == (True, "Bergen Events AS", True)
    world.run_payments()
    [changed] = desk.get("api/changed").json
    [difference] = changed["differences"]
    assert (difference["field"], difference["held"]) == ("Contact", "Bergen Events AS")
    assert desk.get(f"api/documents/{transferred}").json["changed_in_finance"][0]["held"] == "Bergen Events AS"


def test_a_closed_connection_is_not_asked_and_the_other_one_is(desk: Desk, world: World, transferred: str) -> None:
    world.ledger.connections.close("xero_default", "Xero", "Xero's day limit is used up", None)
    world.sandbox.traffic.reset()
    told = desk.get(f"api/documents/{transferred}/sides").json
    [said] = told["problems"]
    assert said.startswith("Xero is not asked now: the document waits until ")
    assert said.endswith(": Xero's day limit is used up.")
    assert (world.calls("xero"), told["held_lines"], told["lines"] != []) == ([], [], True)
    assert len(world.calls("qondor")) == 1


def test_a_system_that_cannot_be_asked_is_a_sentence(
    desk: Desk, transferred: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", '{"conn_type": "xero", "host": "http://127.0.0.1:1"}')
    answer = desk.get(f"api/documents/{transferred}/sides")
    said = answer.json["problems"] if answer.status == 200 else [answer.error]
    assert len(said) == 1
    assert "Xero" in said[0] or "xero_default" in said[0]


def test_what_was_changed_in_finance_is_listed(desk: Desk, world: World, transferred: str) -> None:
    world.run_payments()
    world.sandbox.xero.bookkeeper.void("T-1")
    world.run_payments()
    [line] = desk.get("api/changed").json
    assert line["number"] == "T-1"
    assert [(each["field"], each["sent"], each["held"]) for each in line["differences"]] == [
        ("Status", "AUTHORISED", "VOIDED")
    ]


@pytest.mark.parametrize("who", ["anonymous", "viewer", "user", "other", "admin"])
def test_who_gets_which_answer(desk: Desk, transferred: str, who: str) -> None:
    """Everything that is read, by everybody; what is not theirs is not there."""
    expected = {"anonymous": 401, "viewer": 200, "user": 200, "other": 404, "admin": 200}[who]
    for path in PATHS:
        assert desk.get(path.format(id=transferred), who).status == expected
    for path in LISTS:
        answer = desk.get(path, who, view="all")
        assert answer.status == (401 if who == "anonymous" else 200)
        assert ("T-1" in answer.text) == (expected == 200 and path == LISTS[0])
    nothing = 401 if who == "anonymous" else 404
    assert [desk.get(f"api/documents/{one}", who).status for one in (0, 999999, 2**63)] == [nothing] * 3
    if expected == 404:
        unknown = desk.get("api/documents/999999", who)
        assert desk.get(f"api/documents/{transferred}", who).text == unknown.text
