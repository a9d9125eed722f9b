"""A fault at any call leaves a state from which the next attempts finish, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from tests.transfer.write_faults import WRITE_FAULTS
from tests.transfer.xero_world import everything, everything_once
from tests.world import card_payment, credit_note, payment

if TYPE_CHECKING:
    from tests.world import World

WRITES = [
    ("xero", "PUT", "*Contacts*"),
    ("xero", "PUT", "*Invoices*"),
    ("xero", "PUT", "*CreditNotes"),
    ("xero", "PUT", "*Allocations*"),
    ("xero", "PUT", "*Payments*"),
    ("qondor", "PUT", "*SetAsProcessed*"),
]
READS = [
    ("xero", "GET", "*Contacts*"),
    ("xero", "GET", "*Accounts*"),
    ("qondor", "GET", "*Invoice/5*"),
    ("qondor", "GET", "*GetAllUnprocessedInvoices*"),
]


@pytest.fixture
def waiting(world: World) -> World:
    for one in everything():
        world.sandbox.qondor.add(one)
    return world


def until_done(world: World) -> None:
    """Runs as the scheduler makes them, some of which fail at the queue already."""
    for _ in range(8):
        try:
            if not world.run():
                return
        except BridgeError:
            continue


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("fault", WRITE_FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
@pytest.mark.parametrize(("system", "method", "path"), WRITES, ids=lambda part: str(part).strip("*"))
def test_a_fault_at_a_write_books_nothing_twice_and_loses_nothing(
    waiting: World, system: str, method: str, path: str, fault: dict[str, Any], nth: int
) -> None:
    waiting.sandbox.fault(system=system, method=method, path=path, nth=nth, **fault)
    until_done(waiting)
    everything_once(waiting)


@pytest.mark.parametrize("kind", ["close", "error", "html", "half_json", "empty", "wrong_type", "unavailable"])
@pytest.mark.parametrize(("system", "method", "path"), READS, ids=lambda part: str(part).strip("*"))
def test_a_failed_look_up_is_not_taken_for_not_found(
    waiting: World, system: str, method: str, path: str, kind: str
) -> None:
    waiting.sandbox.fault(kind, system=system, method=method, path=path, count=4)
    until_done(waiting)
    everything_once(waiting)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("*Invoices", payment(1)),
        ("*CreditNotes", credit_note(2, payment(1))),
        ("*Payments", card_payment(3)),
        ("*Contacts", payment(1)),
    ],
    ids=["invoice", "credit note", "payment", "contact"],
)
def test_a_lost_answer_is_looked_for_and_nothing_is_sent_again(world: World, path: str, body: dict[str, Any]) -> None:
    if body["isCreditNote"]:
        world.sandbox.qondor.add(payment(1))
        world.run()
    waiting = world.sandbox.qondor.add(body)
    fault = world.sandbox.fault("close", when="after", system="xero", method="PUT", path=path, nth=1)
    until_done(world)
    assert fault.hits == 1
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED
    name = path.strip("*")
    sent = [entry for entry in world.calls("xero", "PUT") if entry.path.endswith(name)]
    assert len([entry for entry in sent if not body["isCreditNote"] or name in entry.path]) == 1
