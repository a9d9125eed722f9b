"""The task of a run does not read again what its queue step has read; what the source says wins all the same."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.ledger.database.tables import queue_reads
from invoice_bridge_core.ledger.queue_reads import KEPT
from invoice_bridge_core.transfer.kept_read import LISTED_AGAIN
from tests.builders import route
from tests.world import World, card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.qondor.administrator import QondorAdministrator
    from sandbox.sandbox import Sandbox

CHANGED: dict[str, Any] = {
    "lines": [line(quantity=2, totalExclVat=16000, vatAmount=4000, totalInclVat=20000)],
    "totalExclVat": 16000,
    "vatAmount": 4000,
    "totalInclVat": 20000,
}
ONE = 50001
WHOLE_ENTRY = 50003
"""The sandbox lists this payment with all its fields, so that its entry shows a change."""


def calls(world: World) -> dict[str, int]:
    """How many calls of each kind arrived at Qondor since the log was reset."""
    counted: dict[str, int] = {}
    for entry in world.calls("qondor"):
        name = entry.path.rsplit("/", 1)[-1]
        name = "read" if name.isdigit() else name
        counted[name] = counted.get(name, 0) + 1
    return counted


def kept(world: World) -> list[str]:
    with world.ledger.transaction() as connection:
        return sorted(connection.scalars(sa.select(queue_reads.c.source_id)))


def let_age(world: World, age: dt.timedelta) -> None:
    with world.ledger.transaction() as connection:
        connection.execute(sa.update(queue_reads).values(read_at=queue_reads.c.read_at - age))


def booked_total(world: World) -> list[str]:
    return [f"{invoice['Total']:.2f}" for invoice in world.sandbox.xero.invoices.rows()]


@pytest.fixture
def person(sandbox: Sandbox) -> QondorAdministrator:
    return sandbox.qondor.administrator


@pytest.mark.parametrize("queue_of", ["mixed", "ids", "texts"])
def test_what_has_not_changed_costs_two_calls_beside_the_list(world: World, queue_of: Any) -> None:
    world.sandbox.qondor.rules.queue_of = queue_of
    invoices = [world.sandbox.qondor.add(payment(number)) for number in (1, 2, 3)]
    world.sandbox.qondor.add(card_payment(4))
    assert {one.outcome for one in world.run().values()} == {Outcome.TRANSFERRED}
    assert calls(world) == {"GetAllUnprocessedInvoices": 1, "read": 4, "SetAsProcessed": 4}
    assert kept(world) == []
    world.sandbox.qondor.add(credit_note(5, invoices[0]))
    world.sandbox.traffic.reset()
    assert world.run()["50005"].outcome is Outcome.TRANSFERRED
    assert calls(world) == {"GetAllUnprocessedInvoices": 1, "read": 2, "SetAsProcessed": 1}


def test_held_before_and_changed_since_costs_two_calls_too(world: World, person: QondorAdministrator) -> None:
    world.sandbox.qondor.add(payment(3, lines=[line("NO-SUCH")]))
    assert world.run()[str(WHOLE_ENTRY)].outcome is Outcome.HELD
    person.change(WHOLE_ENTRY, lines=[line()])
    world.sandbox.traffic.reset()
    assert world.run()[str(WHOLE_ENTRY)].outcome is Outcome.TRANSFERRED
    assert calls(world) == {"GetAllUnprocessedInvoices": 1, "read": 1, "SetAsProcessed": 1}


def test_what_was_asked_for_by_hand_is_read_by_its_task(world: World, person: QondorAdministrator) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select(only=["T-1"])
    assert kept(world) == []
    person.change(ONE, **CHANGED)
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert booked_total(world) == ["20000.00"]


@pytest.mark.parametrize("early", [dt.timedelta(seconds=30), dt.timedelta(0)])
def test_after_five_minutes_the_task_reads_for_itself(
    world: World, person: QondorAdministrator, early: dt.timedelta
) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    let_age(world, KEPT - early)
    person.change(ONE, **CHANGED)
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert booked_total(world) == ["10000.00" if early else "20000.00"]
    assert kept(world) == []


def test_another_run_and_a_second_attempt_read_for_themselves(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.qondor.add(payment(2, customer=customer(902)))
    world.select()
    first_run = world.run_key
    world.new_run()
    world.sandbox.traffic.reset()
    world.transfer(ONE)
    assert calls(world)["read"] == 1
    world.run_key = first_run
    world.sandbox.fault("unavailable", system="xero", method="GET", path="*Contacts*", count=9)
    with pytest.raises(TransientError):
        world.transfer(50002)
    world.sandbox.faults.clear()
    world.sandbox.traffic.reset()
    assert world.transfer(50002).outcome is Outcome.TRANSFERRED
    assert calls(world) == {"read": 1, "SetAsProcessed": 1}


def test_an_attempt_that_found_its_document_busy_has_used_up_the_read(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    claim = world.ledger.claim(world.ref(ONE), route="another", claimant="another task")
    assert claim is not None
    assert world.transfer(ONE).outcome is Outcome.BUSY
    claim.release()
    world.sandbox.traffic.reset()
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert calls(world)["read"] == 1


def test_what_another_runs_queue_has_seen_changed_is_read_again(world: World, person: QondorAdministrator) -> None:
    world.sandbox.qondor.add(payment(3))
    world.select()
    first_run = world.run_key
    person.change(WHOLE_ENTRY, **CHANGED)
    world.select()
    world.run_key = first_run
    assert world.transfer(WHOLE_ENTRY).outcome is Outcome.TRANSFERRED
    assert booked_total(world) == ["20000.00"]


def test_lines_corrected_in_between_are_booked_as_the_queue_read_them(
    world: World, person: QondorAdministrator
) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    person.change(ONE, **CHANGED)
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert booked_total(world) == ["10000.00"]
    assert f"{world.row(ONE).facts.total:.2f}" == "10000.00"


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (lambda person: person.set_failed(ONE), "Qondor refuses the report. It says failed"),
        (lambda person: person.remove(ONE), "Qondor no longer knows it"),
    ],
    ids=["failed by hand", "deleted"],
)
def test_a_report_that_is_refused_holds_it_with_both_named(
    world: World, person: QondorAdministrator, meanwhile: Callable[[QondorAdministrator], object], said: str
) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    meanwhile(person)
    result = world.transfer(ONE)
    assert result.outcome is Outcome.HELD
    assert said in result.message
    assert "T-1 is booked in finance as T-1" in result.message
    assert world.transfer(ONE).outcome is Outcome.HELD
    assert booked_total(world) == ["10000.00"]


def test_processed_by_hand_within_half_a_minute_it_has_our_reference_in_the_end(
    world: World, person: QondorAdministrator
) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    person.set_processed(ONE, "BY-HAND-1")
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert world.sandbox.qondor.payments[str(ONE)]["externalReference"] == world.booking(ONE).finance_id
    assert booked_total(world) == ["10000.00"]


def test_what_would_be_rejected_is_judged_as_its_author_has_mended_it(
    sandbox: Sandbox, ledger_url: str, person: QondorAdministrator
) -> None:
    world = World(sandbox, ledger_url, route(policy={"unmapped_article": "reject"}))
    world.booked_before()
    for number in (1, 2):
        sandbox.qondor.add(payment(number, lines=[line("ROOM-DLX")]))
    world.select()
    person.change(ONE, lines=[line()])
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert world.transfer(50002).outcome is Outcome.REJECTED
    assert calls(world) == {"GetAllUnprocessedInvoices": 1, "read": 4, "SetAsProcessed": 1, "SetAsFailed": 1}
    world.close()


def test_what_would_be_held_is_judged_as_its_author_has_mended_it(world: World, person: QondorAdministrator) -> None:
    first = world.sandbox.qondor.add(payment(7))
    for number in (1, 2):
        world.sandbox.qondor.add(payment(number, lines=[line("NO-SUCH")]))
    world.sandbox.qondor.add(credit_note(8, first))
    world.select()
    person.change(ONE, lines=[line()])
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    held = world.transfer(50002)
    assert held.outcome is Outcome.HELD
    waits = world.transfer(50008)
    assert waits.outcome is Outcome.HELD
    assert calls(world)["read"] == 4 + 3


def test_only_what_gets_a_task_is_kept_and_for_minutes(sandbox: Sandbox, ledger_url: str) -> None:
    world = World(sandbox, ledger_url, route(source={"offices": [7]}))
    for number in (2, 3, 5, 6, 8):
        sandbox.qondor.add(payment(number, invoiceDate=f"2026-11-0{number}"))
    sandbox.qondor.add(payment(9, officeId=8))
    assert len(world.select(limit=3).invoices) == 3
    assert kept(world) == ["50002", "50003", "50005"]
    let_age(world, KEPT)
    assert world.transfer(50006).outcome is Outcome.TRANSFERRED
    assert kept(world) == []
    world.close()


def test_of_two_routes_that_share_a_queue_each_uses_what_its_own_run_has_read(
    sandbox: Sandbox, ledger_url: str
) -> None:
    oslo = World(sandbox, ledger_url, route(source={"offices": [7]}))
    bergen = World(sandbox, ledger_url, route(route="bergen", source={"offices": [8]}))
    sandbox.qondor.add(payment(2))
    sandbox.qondor.add(payment(3, officeId=8))
    oslo.select()
    bergen.select()
    assert oslo.transfer(50002).outcome is Outcome.TRANSFERRED
    assert calls(oslo) == {"GetAllUnprocessedInvoices": 2, "read": 2, "SetAsProcessed": 1}
    assert bergen.transfer(50003).outcome is Outcome.TRANSFERRED
    # Its office's payment was read by the other route's queue step, which keeps nothing for others.
    assert calls(oslo) == {"GetAllUnprocessedInvoices": 2, "read": 3, "SetAsProcessed": 2}
    oslo.close()
    bergen.close()


def test_what_may_have_moved_to_another_office_unseen_is_read_by_its_task(
    sandbox: Sandbox, ledger_url: str, person: QondorAdministrator
) -> None:
    world = World(sandbox, ledger_url, route(source={"offices": [7]}))
    sandbox.qondor.rules.queue_of = "ids"
    sandbox.qondor.add(payment(1))
    world.select()
    assert kept(world) == []
    person.change(ONE, officeId=9)
    assert world.transfer(ONE).outcome is Outcome.HELD
    assert booked_total(world) == []
    world.close()


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tasks of the test fall into the same half minute."""
    monkeypatch.setattr("invoice_bridge_core.transfer.kept_read.time", SimpleNamespace(time=lambda: 1_000_000.0))


def test_after_half_a_minute_one_list_tells_all_tasks_what_still_waits(
    world: World, person: QondorAdministrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried(monkeypatch)
    for number in (1, 2, 3, 4, 6):
        world.sandbox.qondor.add(payment(number))
    world.select()
    let_age(world, LISTED_AGAIN)
    person.set_processed(ONE, "BY-HAND-1")
    person.set_failed(50004)
    person.remove(50002)
    person.change(WHOLE_ENTRY, **CHANGED)
    world.sandbox.traffic.reset()
    for number in (1, 2, 4):
        assert world.transfer(50000 + number).outcome is Outcome.HELD
    assert booked_total(world) == []
    assert world.transfer(WHOLE_ENTRY).outcome is Outcome.TRANSFERRED
    assert booked_total(world) == ["20000.00"]
    assert world.transfer(50006).outcome is Outcome.TRANSFERRED
    assert calls(world) == {"GetAllUnprocessedInvoices": 1, "read": 4, "SetAsProcessed": 2}
    assert world.sandbox.qondor.payments[str(ONE)]["externalReference"] == "BY-HAND-1"


def test_where_the_list_is_not_to_be_had_the_task_reads(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select()
    let_age(world, LISTED_AGAIN)
    world.sandbox.fault("forbidden", system="qondor", path="*GetAllUnprocessedInvoices", count=9)
    world.sandbox.traffic.reset()
    assert world.transfer(ONE).outcome is Outcome.TRANSFERRED
    assert calls(world)["read"] == 1


def test_a_dry_run_keeps_nothing_and_takes_nothing(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.select(dry_run=True)
    assert kept(world) == []
    world.select()
    world.rehearse(ONE)
    assert kept(world) == [str(ONE)]
