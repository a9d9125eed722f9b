"""The buttons of a document's task, found when somebody looks at the task and not left behind by it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge.operators.links import names_of_buttons, names_of_links
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.pages import task_buttons
from invoice_bridge.pages.task_buttons import TaskButton
from invoice_bridge_core.documents import DocumentRef
from tests.builders import route
from tests.operators.airflow_run import Run
from tests.world import line, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world import World

LINK = "https://qondor.example/invoice/{id}?no={number}"
QUEUE = SimpleNamespace(task_id="queue")


@pytest.fixture
def world_of_buttons(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose route and ledger Airflow's API server finds."""
    world.route = route(source={"document_link": LINK})
    path = tmp_path / f"{world.route.route}.json"
    path.write_text(json.dumps(world.route.model_dump(mode="json", exclude_unset=True)), "utf-8")
    monkeypatch.setenv("INVOICE_BRIDGE_ROUTES_DIR", str(tmp_path))
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", world.ledger_url)
    task_buttons._addresses.cache_clear()
    yield world
    task_buttons._addresses.cache_clear()


def buttons(world: World, left: dict[tuple[str, str], Any], index: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What Airflow's page gets for each name; `left` is what tasks left as XComs, by task and key."""
    monkeypatch.setattr(task_buttons, "_left", lambda ti_key, task_id, key, map_index: left.get((task_id, key)))
    ti_key = SimpleNamespace(
        dag_id=f"invoice_transfer__{world.route.route}", run_id="r", task_id="invoices", map_index=index
    )
    operator = SimpleNamespace(
        expand_input=SimpleNamespace(iter_references=lambda: iter([(QUEUE, "return_value")])),
        operator_extra_links=[
            SimpleNamespace(name=name, xcom_key=key) for name, key in names_of_links(world.route).items()
        ],
    )
    return {
        name: TaskButton(name, [TransferDocumentOperator], names_of_links).get_link(operator, ti_key=ti_key)  # type: ignore[arg-type]
        for name in names_of_buttons()
    }


def shown(found: dict[str, str]) -> dict[str, str]:
    return {name: link for name, link in found.items() if link}


@pytest.mark.parametrize("code", ["VAT25", "not mapped"])
def test_buttons_are_found_however_the_task_ended(
    world_of_buttons: World, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of_buttons
    world.sandbox.qondor.add(payment(1))
    world.sandbox.qondor.add(payment(2, lines=[line(code)]))
    run = Run(world.route)
    entries = run.queue()
    for entry in entries:
        run.move(entry)
    index = next(number for number, entry in enumerate(entries) if entry["source_id"] == "50002")
    found = shown(buttons(world, {("queue", "return_value"): entries}, index, monkeypatch))
    row = world.ledger.row(DocumentRef.parse("qondor:qondor_default:50002"))
    assert row is not None
    assert found["In Qondor"] == "https://qondor.example/invoice/50002?no=T-2"
    assert found["On the desk"].endswith(
        f"/plugin/invoices?view=all&text=qondor%3Aqondor_default%3A50002&document={row.id}"
    )
    if code == "VAT25":
        assert row.booking is not None
        assert found.pop("In Xero") == row.booking.link
    assert set(found) == {"In Qondor", "On the desk"}


def test_before_the_document_is_met_its_task_leads_to_the_desk(
    world_of_buttons: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [{"source_id": "777", "label": "Q-777"}]
    found = shown(buttons(world_of_buttons, {("queue", "return_value"): entries}, 0, monkeypatch))
    assert set(found) == {"On the desk"}
    assert found["On the desk"].endswith("?view=all&text=qondor%3Aqondor_default%3A777")


def test_a_ledger_out_of_reach_takes_no_page_with_it(world_of_buttons: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_INVOICE_BRIDGE_LEDGER", "postgresql://nobody@127.0.0.1:1/nothing")
    entries = [{"source_id": "777", "label": "Q-777"}]
    found = shown(buttons(world_of_buttons, {("queue", "return_value"): entries}, 0, monkeypatch))
    assert set(found) == {"On the desk"}


@pytest.mark.parametrize("entries", [None, [], "s3://bucket/key", [{"nothing": "known"}]])
def test_what_the_task_left_itself_is_shown_where_its_entry_cannot_be_read(
    world_of_buttons: World, entries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = {("queue", "return_value"): entries, ("invoices", "desk_url"): "http://here/plugin/invoices?document=7"}
    found = shown(buttons(world_of_buttons, left, 0, monkeypatch))
    assert found == {"On the desk": "http://here/plugin/invoices?document=7"}


def test_a_task_leaves_no_address_behind(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    run = Run(world.route)
    [entry] = run.queue()
    assert run.move(entry) == "success"
    assert tuple(run.tasks["50001"].operator_extra_links) == ()


def test_a_task_of_another_package_leaves_its_addresses_behind(world: World) -> None:
    class OtherTransferOperator(TransferDocumentOperator):
        """A kind of task that the plugin does not know."""

    world.sandbox.qondor.add(payment(1))
    run = Run(world.route)
    [entry] = run.queue()
    task = OtherTransferOperator(task_id="invoices", route=world.route, document=entry)
    task.execute(run.context("invoices", 0))
    assert [link.get_link(task, ti_key=None) != "" for link in task.operator_extra_links] == [True, False, True]  # type: ignore[arg-type]
