"""A look leaves no trace: not in the ledger, and not in any system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.read_only import ReadOnlyLedger
from invoice_bridge_core.preflight.causes import Cause
from sandbox.faults import Fault
from tests.preflight.looks import dump, held_by_systems, look, of
from tests.transfer.test_waking import archived_contact, number_taken
from tests.world import card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from tests.world import World

READS = {"GET", "HEAD"}


def everything(world: World) -> None:
    """Documents held for this and that, booked ones, and some that were never tried."""
    qondor = world.sandbox.qondor
    archived_contact(world, pytest.MonkeyPatch())
    number_taken(world, pytest.MonkeyPatch())
    qondor.add(payment(2, lines=[line("NEW")], customer=customer(902)))
    qondor.add(payment(3, currency="DKK", currencyCode=208, customer=customer(903)))
    world.run()
    invoice = qondor.add(payment(4, customer=customer(904)))
    qondor.add(card_payment(5, customer=customer(905)))
    qondor.add(credit_note(6, invoice))
    qondor.add(payment(7, lines=[line("NEWER")], customer=customer(906)))


def test_a_look_writes_nothing_anywhere(world: World) -> None:
    everything(world)
    before, held = dump(world), held_by_systems(world)
    world.sandbox.traffic.reset()
    report = look(world)
    assert report.free == 3
    assert report.documents == 4
    assert dump(world) == before
    assert held_by_systems(world) == held
    sent = [entry for system in ("qondor", "xero") for entry in world.calls(system)]
    assert sent
    assert {entry.method for entry in sent} <= READS


def test_a_second_look_says_the_same_and_the_run_after_it_moves_what_was_free(world: World) -> None:
    everything(world)
    first, second = look(world), look(world)
    assert [finding.text for finding in first.findings] == [finding.text for finding in second.findings]
    ended = world.run()
    assert sum(one.outcome == "transferred" for one in ended.values()) == first.free


@pytest.mark.parametrize("kind", ["unauthorised", "too_many_requests", "unavailable", "html", "close"])
@pytest.mark.parametrize("system", ["qondor", "xero"])
def test_whatever_a_system_answers_is_a_finding_and_nothing_is_noted(world: World, system: str, kind: str) -> None:
    everything(world)
    before = dump(world)
    # Longer than anybody waits for, so that the connection counts as closed.
    world.sandbox.faults.add(Fault.model_validate({"kind": kind, "system": system, "retry_after": 3600}))
    report = look(world)
    assert report.keeps_any
    if kind == "unauthorised":
        assert of(report, Cause.CREDENTIALS)
    assert dump(world) == before


def test_a_write_that_nobody_thought_of_fails_loudly(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    looked = ReadOnlyLedger(world.ledger)
    with pytest.raises(LedgerError, match="read-only"):
        looked.claim(world.ref(waiting["id"]), route="test", claimant="nobody")


def test_few_calls_are_made_where_the_ledger_knows(world: World) -> None:
    for number in range(1, 9):
        world.sandbox.qondor.add(payment(number, lines=[line("NEW")]))
    world.run()
    world.sandbox.traffic.reset()
    assert look(world).documents == 8
    # The list, and one document for the words of its article; a run has read the chart of accounts a moment ago.
    assert len(world.calls("qondor")) == 2
    assert world.calls("xero") == []
