"""What Quiddly asks for is the source's total, and nothing goes out while it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from tests.systems.quiddly.bodies import quiddly_route
from tests.transfer.quiddly_world import swedish
from tests.transfer.test_totals import DOWN, LONG, ROUND, SHORT
from tests.world import line

if TYPE_CHECKING:
    from tests.world import World


@pytest.mark.parametrize(("lines", "sums", "off"), [(SHORT, ROUND, "0.40"), (LONG, DOWN, "-0.40")])
def test_the_round_off_makes_the_sum_to_pay_the_sources_total(
    world: World, lines: dict[str, Any], sums: dict[str, Any], off: str
) -> None:
    policy = world.route.policy.model_copy(update={"total_tolerance": Decimal("1.00")})
    world.route = world.route.model_copy(update={"policy": policy})
    waiting = world.sandbox.qondor.add(swedish(1, lines=[line(**lines)], **sums))
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    [invoice] = world.sandbox.quiddly.invoices.rows()
    totals = invoice["totals"]
    assert (totals["totalRoundOff"], totals["totalToPay"]) == (Decimal(off), Decimal("1000.00"))
    assert world.booking(waiting["id"]).to_pay == Decimal("1000.00")


def test_another_total_in_quiddly_is_neither_activated_nor_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.route = quiddly_route(number_prefix="Q")
    made = world.sandbox.quiddly.invoices.put

    def with_another_total(row: dict[str, Any]) -> dict[str, Any]:
        return made({**row, "totals": {**row["totals"], "total": Decimal("9000.00"), "totalToPay": Decimal("9000.00")}})

    waiting = world.sandbox.qondor.add(swedish(1))
    with monkeypatch.context() as patched:
        patched.setattr(world.sandbox.quiddly.invoices, "put", with_another_total)
        result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert "QT-1 is booked in Quiddly with 9 000.00 SEK, but the total of T-1 is 10 000.00" in result.message
    [invoice] = world.sandbox.quiddly.invoices.rows()
    assert invoice["status"] == "CREATED"
    assert world.sandbox.qondor.payments[str(waiting["id"])]["statusText"] == "Unprocessed"
    made({**invoice, "totals": {**invoice["totals"], "total": Decimal(10000), "totalToPay": Decimal(10000)}})
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    [invoice] = world.sandbox.quiddly.invoices.rows()
    assert invoice["status"] == "ACTIVATED"
