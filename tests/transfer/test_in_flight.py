"""A write that arrives after its sender has given it up, and after somebody has looked for it in vain."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError, TransientError
from invoice_bridge_core.ledger.documents.in_flight import IN_FLIGHT
from invoice_bridge_core.transfer.resolution import Resolution
from tests.systems.quiddly.bodies import quiddly_route
from tests.transfer import quiddly_world, xero_world
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

IN_XERO = ["*/Invoices", "*/CreditNotes", "*/Allocations", "*/Payments"]
IN_QUIDDLY = ["*/invoices", "*/activate*"]


class SlowWire:
    """Keeps back the first write to a path, whose sender loses its connection meanwhile."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.kept: requests.PreparedRequest | None = None

    def send(self, adapter: HTTPAdapter, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        if self.kept is None and request.method != "GET" and fnmatch(str(request.url).partition("?")[0], self.path):
            self.kept = request
            raise requests.ConnectionError("Connection aborted.")
        return SEND(adapter, request, **settings)

    def let_it_arrive(self) -> None:
        assert self.kept is not None
        answer = requests.Session().send(self.kept, timeout=30)
        assert answer.ok, answer.text


SEND = HTTPAdapter.send


def xero(world: World) -> Callable[[World], None]:
    for one in xero_world.everything():
        world.sandbox.qondor.add(one)
    return xero_world.everything_once


def quiddly(world: World) -> Callable[[World], None]:
    world.route = quiddly_route()
    for one in quiddly_world.everything():
        world.sandbox.qondor.add(one)
    return quiddly_world.everything_once


@pytest.mark.parametrize(
    ("plant", "path"), [*((xero, path) for path in IN_XERO), *((quiddly, path) for path in IN_QUIDDLY)]
)
def test_what_is_not_there_yet_is_not_sent_again(
    world: World, plant: Callable[[World], Callable[[World], None]], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_once = plant(world)
    wire = SlowWire(path)
    monkeypatch.setattr(HTTPAdapter, "send", lambda *request, **settings: wire.send(*request, **settings))
    with monkeypatch.context() as at_once:
        at_once.setattr(world, "let_arrive", lambda: None)
        [source_id] = [key for key, result in world.run().items() if isinstance(result.error, TransientError)]
        before = writes(world, path)
        with pytest.raises(TransientError, match="may still arrive") as waits:
            world.transfer(source_id)
        assert waits.value.retry_after is not None
        assert waits.value.retry_after <= IN_FLIGHT
        assert writes(world, path) == before
        wire.let_it_arrive()
        world.transfer(source_id)
        assert writes(world, path) == before + 1
    assert world.row(source_id).state is DocumentState.TRANSFERRED
    world.run_until_quiet()
    all_once(world)


def test_a_person_is_not_believed_before_it_can_have_arrived(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    wire = SlowWire("*/Invoices")
    monkeypatch.setattr(HTTPAdapter, "send", lambda *request, **settings: wire.send(*request, **settings))
    with pytest.raises(TransientError):
        world.transfer(waiting["id"])
    row = world.row(waiting["id"])
    resolution = Resolution(route=world.route, finance=world.systems()[1], ledger=world.ledger, by="anna")
    for i_looked in (False, True):
        with pytest.raises(NotResolvedError, match="look for it again 30 seconds after it was sent"):
            resolution.not_booked(row, i_looked=i_looked)
    assert world.row(waiting["id"]).intent_token == row.intent_token
    wire.let_it_arrive()
    with pytest.raises(NotResolvedError, match="if it is this document, say --booked-as"):
        resolution.not_booked(row)
    world.run_until_quiet()
    [booked] = world.sandbox.xero.invoices.find("InvoiceNumber", "T-1")
    assert world.sandbox.qondor.payments[waiting["id"]]["externalReference"] == booked["InvoiceID"]
    assert writes(world, "*/Invoices") == 1


def writes(world: World, path: str) -> int:
    """How many arrived."""
    return len(
        [entry for entry in world.sandbox.traffic.log() if entry.method != "GET" and fnmatch(f"/{entry.path}", path)]
    )
