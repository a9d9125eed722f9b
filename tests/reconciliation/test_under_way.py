"""What a reconciliation says of documents that tasks move while it reads."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.reconciliation.kinds import Severity
from invoice_bridge_core.reconciliation.reading import ThreeSides
from invoice_bridge_core.reconciliation.rows import reconcile
from tests.reconciliation.closing import DAY, NEXT, close, in_xero
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from tests.world import World

PAID_ON = dt.date(2026, 11, 20)


def close_while(
    world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], call: str, *, after: bool
) -> list[ReconciledDocument]:
    """Close the day while something happens right before or after one of its calls, the first time it is made."""
    world.new_run()
    session = world.session()
    system: Any = session.source if hasattr(session.source, call) else session.finance.dated_bookings
    ask = getattr(system, call)
    acts = [act]

    def ask_and_act(*given: Any) -> Any:
        answer = ask(*given) if after else None
        if acts:
            acts.pop()()
        return answer if after else ask(*given)

    monkeypatch.setattr(system, call, ask_and_act)
    sides = ThreeSides(session)
    return reconcile(sides.read(DAY, NEXT), sides.systems)


@pytest.mark.parametrize("is_met", [True, False])
@pytest.mark.parametrize(
    ("call", "after"), [("waiting", False), ("waiting", True), ("dated", False), ("dated", True), ("read", True)]
)
def test_a_transfer_in_between_is_passing(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str, after: bool, is_met: bool
) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.qondor.add(payment(2))
    if is_met:
        world.select()
    rows = close_while(world, monkeypatch, lambda: world.transfer(50001), call, after=after)
    assert not [row.contradictions for row in rows if row.contradictions]
    assert {row.number: row.severity for row in rows}.get("T-2") is Severity.PASSING
    if (call, after) != ("waiting", False) or is_met:
        assert sorted(row.number for row in rows) == ["T-1", "T-2"]
    [row] = [row for row in close(world) if row.number == "T-1"]
    assert row.severity is Severity.NONE


def test_what_a_task_is_at_is_passing(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    in_xero(world, "T-1", Status="VOIDED")
    claim = world.ledger.claim(world.ref(50001), route=world.route.route, claimant="another run")
    assert claim is not None
    [row] = close(world)
    assert (row.severity, [str(one.kind) for one in row.differences]) == (Severity.PASSING, ["voided in finance"])
    assert "a task was working on it while the sides were read" in row.differences[0].text
    assert row.next_step == "Close the day again to see whether it stays"
    claim.release()
    [row] = close(world)
    assert row.contradictions == ("voided in finance",)


def test_a_lease_that_is_over_hides_nothing(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    in_xero(world, "T-1", Status="VOIDED")
    world.ledger.claim(world.ref(50001), route=world.route.route, claimant="a task that died")
    with world.ledger.transaction() as connection:
        connection.execute(sa.text("UPDATE invoice_bridge.documents SET lease_until = now() - interval '1 minute'"))
    [row] = close(world)
    assert row.contradictions == ("voided in finance",)


def test_a_payment_that_is_told_in_between_is_passing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()

    def pay() -> None:
        world.sandbox.xero.bookkeeper.pay("T-1", on=PAID_ON)
        world.run_payments()

    [row] = close_while(world, monkeypatch, pay, "dated", after=True)
    assert ([str(one.kind) for one in row.differences], row.severity) == (["paid in source only"], Severity.PASSING)
    [row] = close(world)
    assert row.severity is Severity.NONE


def test_another_document_beside_a_moving_one_is_judged_as_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    in_xero(world, "T-1", Status="VOIDED")
    world.sandbox.qondor.add(payment(2))
    rows = close_while(world, monkeypatch, lambda: world.transfer(50002), "dated", after=True)
    assert {row.number: row.severity for row in rows} == {"T-1": Severity.CONTRADICTION, "T-2": Severity.PASSING}
