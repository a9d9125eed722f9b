"""What an attempt leaves behind when it cannot come to look, or could not ask."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from tests.connections.connection_rows import change
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World


def test_what_may_be_booked_is_in_doubt_when_its_source_shows_it_no_more(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.select()
    world.sandbox.fault("close", system="xero", method="PUT", path="*Invoices", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    world.sandbox.qondor.payments.remove(waiting["id"])
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert result.message.startswith("It may be booked as T-1 in Xero. It stopped because: ")
    row = world.row(waiting["id"])
    assert (row.state, row.intent_number, row.lease_owner) == (DocumentState.IN_DOUBT, "T-1", None)
    assert len(world.sandbox.xero.invoices.rows()) == 1


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"Total": Decimal("9999.00")}, "its total is 9 999.00, not 10 000.00"),
        ({"Total": Decimal("10001.00")}, "its total is 10 001.00, not 10 000.00"),
        ({"CurrencyCode": "EUR"}, "its currency is EUR, not NOK"),
    ],
)
def test_what_became_another_after_a_lost_answer_is_not_taken_for_ours(
    world: World, changed: dict[str, Any], complaint: str
) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.select()
    world.sandbox.fault("close", system="xero", method="PUT", path="*Invoices", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [booked] = world.sandbox.xero.invoices.rows()
    world.sandbox.xero.invoices.change(booked["InvoiceID"], **changed)

    result = world.transfer(waiting["id"])

    assert result.outcome is Outcome.IN_DOUBT
    assert complaint in result.message
    assert world.row(waiting["id"]).booking is None
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"
    assert len(world.sandbox.xero.invoices.rows()) == 1


def test_a_rejection_that_was_not_taken_for_a_limit_merely_waits(world: World) -> None:
    world.booked_before()
    wrong = world.sandbox.qondor.add(payment(1, customer=None))
    world.select()
    world.sandbox.fault("too_many_requests", system="qondor", method="PUT", retry_after=40_000)
    assert world.transfer(wrong["id"]).outcome is Outcome.WAITS
    world.sandbox.faults.clear()
    change(world, "qondor_default", closed_until=None, closed_reason=None)
    assert world.transfer(wrong["id"]).outcome is Outcome.REJECTED
    assert world.sandbox.qondor.payments[wrong["id"]]["statusText"] == "Failed"


def test_an_outage_during_the_daily_recheck_does_not_postpone_it_to_the_next_day(world: World) -> None:
    held = world.sandbox.qondor.add(payment(1, currency="XXX"))
    world.run()
    assert world.row(held["id"]).state is DocumentState.HELD
    assert world.run() == {}
    world.sandbox.fault("error", system="qondor", path="*Invoice/5*")
    with pytest.raises(BridgeError):
        world.transfer(held["id"])
    world.sandbox.faults.clear()
    [again] = world.run().values()
    assert again.outcome is Outcome.HELD


def test_a_refusal_that_cannot_be_checked_leaves_no_lease(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.select()
    world.sandbox.fault("unauthorised", system="xero", method="PUT", path="*Invoices")
    world.sandbox.fault("error", system="xero", path="*Organisation")
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert world.row(waiting["id"]).lease_owner is None
    world.sandbox.faults.clear()
    [moved] = world.run().values()
    assert moved.outcome is Outcome.TRANSFERRED
