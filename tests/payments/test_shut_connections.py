"""Payment runs while a connection may not be called, or while transfers need what is left of its day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.payments.findings import Finding
from tests.connections.connection_rows import change
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

ON = dt.date(2026, 11, 20)
CURSOR = "payments of qondor_xero"


def two_booked(world: World) -> None:
    for number in (1, 2):
        world.sandbox.qondor.add(payment(number))
    world.run()
    world.run_payments()
    world.sandbox.traffic.reset()


def poll(world: World) -> str | None:
    return world.payment_poll().poll(world.now())


def paid_in_qondor(world: World) -> list[str]:
    return [row["invoiceNumber"] for row in world.sandbox.qondor.payments.rows() if row["statusText"] == "Paid"]


def test_a_poll_gives_way_to_transfers_in_the_last_fifth_of_the_day(world: World) -> None:
    two_booked(world)
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    change(world, day_left=200, day_size=1000)
    before = world.ledger.payments.cursor(CURSOR)
    assert poll(world) == "Xero is not asked now: the last fifth of the day's calls is kept for the transfers"
    assert (world.calls("xero"), world.ledger.payments.cursor(CURSOR)) == ([], before)
    change(world, day_left=201, day_size=1000)
    assert poll(world) is None
    assert world.found()["50001"] is Finding.TO_REPORT


def test_what_is_known_to_be_paid_is_told_while_finance_may_not_be_asked(world: World) -> None:
    two_booked(world)
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    assert poll(world) is None
    world.sandbox.traffic.reset()
    world.sandbox.fault("too_many_requests", system="xero", path="*api.xro*", limit="day", retry_after=7200, count=1)
    reason = poll(world)
    assert reason is not None
    assert reason.endswith(": Xero's day limit is used up")
    again = poll(world)
    assert again is not None
    assert again.startswith("Xero is not asked until ")
    assert len(world.calls("xero")) == 1
    assert [result.outcome for result in world.run_payments().values()] == [Outcome.REPORTED_PAID]
    assert paid_in_qondor(world) == ["T-1"]


def test_payments_wait_while_the_source_wants_no_calls(world: World) -> None:
    two_booked(world)
    for number in ("T-1", "T-2"):
        world.sandbox.xero.bookkeeper.pay(number, on=ON)
    world.sandbox.fault("too_many_requests", system="qondor", method="PUT", retry_after=7200)
    ended = world.run_payments()
    assert {result.outcome for result in ended.values()} == {Outcome.WAITS}
    assert len(world.calls("qondor")) == 1
    world.sandbox.faults.clear()
    change(world, "qondor_default", closed_until=None, closed_reason=None)
    assert {result.outcome for result in world.run_payments().values()} == {Outcome.REPORTED_PAID}
    assert sorted(paid_in_qondor(world)) == ["T-1", "T-2"]


def test_a_lost_report_does_not_merely_wait(world: World) -> None:
    two_booked(world)
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.sandbox.fault("close", system="qondor", method="PUT", when="after", count=1)
    world.run_payments()
    world.sandbox.fault("too_many_requests", system="qondor", retry_after=7200, count=1)
    [ended] = world.run_payments().values()
    assert ended.outcome is Outcome.FAILED
    assert "an answer was lost" in ended.message
    change(world, "qondor_default", closed_until=None, closed_reason=None)
    world.sandbox.traffic.reset()
    world.run_payments()
    assert world.calls("qondor", "PUT") == []
    assert (paid_in_qondor(world), world.found()) == (["T-1"], {"50002": Finding.OPEN})


def test_refused_credentials_are_met_once_and_tried_once_by_each_later_run(world: World) -> None:
    two_booked(world)
    world.sandbox.fault("unauthorised", system="xero", path="*")
    assert poll(world) == "Xero is not asked: credentials of connection xero_default are refused"
    world.sandbox.faults.clear()
    world.new_run()
    assert poll(world) is None
