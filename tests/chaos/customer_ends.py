"""What has to be true of customers when all is quiet: each is one contact, and documents are booked on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.customer_phase import CUSTOMERS
from tests.customers.agreement import differences, registers_of, rows_of, wrong_customers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.journeys import Journey
    from tests.chaos.state import State
    from tests.chaos.world import ChaosWorld

_A_MINUTE = 61


def wrong_customer_ends(world: ChaosWorld, journey: Journey, state: State) -> Iterator[str]:
    """Everything that is not as both sides should have it, one sentence each."""
    if CUSTOMERS not in journey.phases:
        return
    rows = rows_of(world)
    yield from wrong_customers(world.played.ask(registers_of), rows)
    linked = {row.source_key: row.finance_id for row in rows}
    owners = {paper.expected.number: paper.row["customer"] for paper in journey.papers}
    for booked in state.booked:
        owner = str(owners[booked.number]["id"])
        if booked.contact != linked.get(owner):
            yield f"{booked.number} is booked on {booked.contact}, and customer {owner} is {linked.get(owner)}"
    # Looking counts against Xero's limits, too.
    world.let_pass(_A_MINUTE)
    for customer, field, there, here in differences(world):
        yield f"{customer}: {field} is {there!r} on the one side and {here!r} on the master's"
