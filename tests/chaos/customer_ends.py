"""What has to be true of customers when all is quiet: each is one contact, and documents are booked on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.customer_phase import CUSTOMERS
from tests.customers.agreement import differences, registers_of, rows_of, wrong_customers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.sandbox import Sandbox
    from tests.chaos.journeys import Journey
    from tests.chaos.state import State
    from tests.chaos.world import ChaosWorld

_A_MINUTE = 61


def wrong_customer_ends(
    world: ChaosWorld, journey: Journey, state: State, stale: Collection[int] = ()
) -> Iterator[str]:
    """Everything that is not as both sides should have it, one sentence each.

    :param stale: calls that an attempt had in its hands when it lost its lease. What they made in Qondor may be there
        twice, which no rule of Qondor's forbids: it is seen, and left to a person.
    """
    if CUSTOMERS not in journey.phases or world.played.ask(doubled_by, sorted(stale)):
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


def doubled_by(sandbox: Sandbox, numbers: Collection[int]) -> bool:
    """Whether these calls made somebody in Qondor once more; runs in the sandbox."""
    registers = {"Customer": sandbox.qondor.customers, "ContactPerson": sandbox.qondor.contact_persons}
    return any(
        len(registers[made].find("externalReference", entry.body["externalReference"])) > 1
        for entry in sandbox.traffic.log(system="qondor")
        if entry.number in numbers and entry.method == "POST" and (made := entry.path.rpartition("/")[2]) in registers
    )
