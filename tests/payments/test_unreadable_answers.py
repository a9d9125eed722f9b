"""A source that shows something unreadable when asked whether it was told of a payment: held, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.payments.findings import Finding
from tests.payments.backflow import ON
from tests.payments.test_qondor_xero import booked, people_read, qondor
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

REASON = "Qondor may have been told that T-1 was paid, but what it shows cannot be read: "


def lost_and_unreadable(world: World) -> None:
    """Qondor was told of a payment, its answer was lost, and its document cannot be read any more."""
    booked(world, payment(1))
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.sandbox.fault("close", system="qondor", method="PUT", when="after", count=1)
    world.run_payments()
    world.sandbox.qondor.payments.change("50001", lines=None)
    world.sandbox.traffic.reset()


def mended(world: World) -> None:
    world.sandbox.qondor.payments.change("50001", lines=payment(1)["lines"])


def test_it_is_said_once_and_tried_again_a_day_later(world: World) -> None:
    lost_and_unreadable(world)
    [result] = world.run_payments().values()
    assert result.outcome is Outcome.HELD
    assert result.message.startswith(REASON)
    assert people_read(world) == [result.message]
    assert world.run_payments() == {}
    mended(world)
    world.sandbox.clock.advance(25 * 3600)
    assert [result.outcome for result in world.run_payments().values()] == [Outcome.REPORTED_PAID]
    assert (qondor(world), people_read(world), world.calls("qondor", "PUT")) == (("Paid", "2026-11-20"), [], [])


def test_the_same_holds_where_the_payment_was_taken_back(world: World) -> None:
    lost_and_unreadable(world)
    world.sandbox.xero.bookkeeper.unpay("T-1")
    [result] = world.run_payments().values()
    assert result.outcome is Outcome.HELD
    assert result.message.startswith(REASON)
    assert (world.run_payments(), people_read(world)) == ({}, [result.message])
    mended(world)
    world.sandbox.clock.advance(25 * 3600)
    world.run_payments()
    assert world.found() == {"50001": Finding.REMOVED}
    [text] = people_read(world)
    assert text.startswith("Qondor was told that T-1 was paid on 2026-11-20. Since then a payment was removed")
