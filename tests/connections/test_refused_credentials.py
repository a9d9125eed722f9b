"""Refused credentials: said once, no call after the first answer, and on by itself when they work again."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from invoice_bridge_core.connections.guard import refusals
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.connections.fingerprints import is_hash_of, salted_hash
from tests.connections.connection_rows import change, hours_ago, record
from tests.systems.quiddly.bodies import quiddly_route
from tests.transfer.quiddly_world import swedish
from tests.world import payment

if TYPE_CHECKING:
    import pytest

    from tests.world import World

BOTH = ["qondor_default", "xero_default"]


def three(world: World) -> list[str]:
    return [str(world.sandbox.qondor.add(payment(number))["id"]) for number in (1, 2, 3)]


def announcing(world: World) -> dict[str, str]:
    """Connection → the run that has to say that it is refused."""
    return {stop.conn_id: stop.run for stop in refusals(world.ledger, BOTH)}


def test_the_first_refusal_stops_the_run_and_is_announced_by_it_alone(world: World) -> None:
    first, second, third = three(world)
    world.select()
    assert world.transfer(first).outcome is Outcome.TRANSFERRED
    world.sandbox.fault("unauthorised", system="xero", path="*api.xro*")
    stopped = [world.transfer(second)]
    run = world.run_key
    world.sandbox.traffic.reset()
    stopped.append(world.transfer(third))
    assert world.calls("xero") == world.calls("qondor") == []
    assert [one.end for one in stopped] == ["held: credentials of connection xero_default are refused"] * 2
    for source_id in (second, third):
        row = world.row(source_id)
        assert (row.state, row.lease_owner, row.intent_token) == (DocumentState.SEEN, None, None)
        assert row.announced_at is None
    assert announcing(world) == {"xero_default": run}

    for _ in range(2):
        world.sandbox.traffic.reset()
        selection = world.select()
        assert not selection.is_any
        assert selection.left == {"documents are held: credentials of connection xero_default are refused": 2}
        assert len({entry.path for entry in world.calls("xero")}) == 1
        assert announcing(world) == {"xero_default": run}
        assert world.run_key != run


def test_it_goes_on_by_itself_when_they_work_again(world: World) -> None:
    ids = three(world)
    fault = world.sandbox.fault("unauthorised", system="xero", path="*api.xro*")
    assert not world.select().is_any
    assert fault.hits == 2, "the call, and the same with a new token"
    world.sandbox.faults.clear()
    assert {ended.outcome for ended in world.run().values()} == {"transferred"}
    assert announcing(world) == {}
    assert len(world.sandbox.xero.invoices.rows()) == len(ids)


def test_a_source_that_refuses_its_key_is_asked_once_per_run(world: World) -> None:
    three(world)
    world.select()
    fault = world.sandbox.fault("unauthorised", system="qondor")
    for hits in (1, 2):
        selection = world.select()
        assert selection.left == {"documents are held: credentials of connection qondor_default are refused": 3}
        assert fault.hits == hits
    world.sandbox.faults.clear()
    assert [ended.outcome for ended in world.run().values()] == ["transferred"] * 3


def test_a_refusal_of_one_document_holds_that_document_alone(world: World) -> None:
    first, second, third = three(world)
    world.select()
    world.sandbox.fault("unauthorised", system="xero", method="PUT", path="*Invoices", count=2)
    held = world.transfer(first)
    assert held.outcome is Outcome.HELD
    assert "check the credentials in connection xero_default" in held.message
    assert world.row(first).state is DocumentState.HELD
    assert [world.transfer(one).outcome for one in (second, third)] == ["transferred"] * 2
    assert announcing(world) == {}


def test_changed_credentials_are_tried_within_the_same_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, _ = three(world)
    world.select()
    right = os.environ["AIRFLOW_CONN_XERO_DEFAULT"]
    wrong = json.dumps({**json.loads(right), "password": "wrong"})
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", wrong)
    assert world.transfer(first).end == "held: credentials of connection xero_default are refused"
    world.sandbox.traffic.reset()
    assert world.transfer(second).is_paused
    assert world.sandbox.traffic.log(system="xero") == []
    monkeypatch.setenv("AIRFLOW_CONN_XERO_DEFAULT", right)
    assert world.transfer(second).outcome is Outcome.TRANSFERRED
    assert announcing(world) == {}


def test_credentials_that_come_and_go_are_announced_once_a_day(world: World) -> None:
    three(world)
    world.sandbox.fault("unauthorised", system="qondor", nth=1)
    world.select()
    run = world.run_key
    world.select(dry_run=True)
    assert announcing(world) == {}
    world.sandbox.fault("unauthorised", system="qondor", nth=1)
    world.select()
    assert announcing(world) == {"qondor_default": run}
    world.select(dry_run=True)
    change(world, "qondor_default", refused_announced_at=hours_ago(25))
    world.sandbox.fault("unauthorised", system="qondor", nth=1)
    world.select()
    assert announcing(world) == {"qondor_default": world.run_key}


def test_what_is_kept_of_credentials_reveals_nothing_and_recognises_them(world: World) -> None:
    three(world)
    world.sandbox.fault("unauthorised", system="qondor")
    world.select()
    text = os.environ["AIRFLOW_CONN_QONDOR_DEFAULT"]
    kept = record(world, "qondor_default").refused_credentials
    assert kept is not None
    assert json.loads(text)["password"] not in kept
    assert is_hash_of(kept, text)
    assert not is_hash_of(kept, text + " ")
    assert salted_hash(text) != salted_hash(text)
    assert not is_hash_of(None, "")


def test_a_finance_system_without_reference_data_is_probed_before_documents_travel(
    world: World,
) -> None:
    world.route = quiddly_route()
    world.sandbox.qondor.add(swedish(1))
    world.select()
    world.sandbox.fault("unauthorised", system="quiddly", path="*invoices*", method="POST")
    world.sandbox.fault("unauthorised", system="quiddly", path="*invoices*", method="GET")
    world.sandbox.fault("unauthorised", system="quiddly", path="*vouchers*")
    assert world.transfer(50001).is_paused
    world.sandbox.traffic.reset()
    selection = world.select()
    assert selection.left == {"documents are held: credentials of connection quiddly_default are refused": 1}
    assert len({entry.path for entry in world.calls("quiddly") if "authenticate" not in entry.path}) == 1
    world.sandbox.faults.clear()
    assert [ended.outcome for ended in world.run().values()] == ["transferred"]
