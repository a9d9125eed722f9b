"""What has to be true of sales when all is quiet: both sides agree, each document is one sale, nothing is left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.chaos.phases import SALES
from tests.sales.agreement import disagreements, projects_of, sides_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.sandbox import Sandbox
    from tests.chaos.journeys import Journey
    from tests.chaos.world import ChaosWorld

_LEFT = "SELECT number, intent, reason FROM sales WHERE intent IS NOT NULL OR reason IS NOT NULL"


def wrong_sale_ends(world: ChaosWorld, journey: Journey, stale: Collection[int] = ()) -> Iterator[str]:
    """Everything that is not as finance has it, one sentence each.

    :param stale: calls that an attempt had in its hands when it lost its lease. An insert among them may have made a
        second sale, which no rule of Qondor's forbids: it is seen, and left to a person.
    """
    if SALES not in journey.phases:
        return
    finance = journey.route.finance
    sides = world.played.ask(sides_of, finance.system)
    late = world.played.ask(inserted_by, sorted(stale))
    doubled = {one for one in late if sum(row["externalReference"] == one for row in sides.rows) > 1}
    yield from disagreements(
        replace(
            sides,
            rows=tuple(row for row in sides.rows if row["externalReference"] not in doubled),
            truths=tuple(one for one in sides.truths if f"{finance.conn_id}:{one.finance_id}" not in doubled),
        ),
        projects_of(world.ledger, journey.route),
        finance.conn_id,
    )
    for number, intent, reason in world.execute(_LEFT):
        if not doubled:
            yield f"the sale of {number} is left with the intent {intent}, and the reason {reason}"


def inserted_by(sandbox: Sandbox, numbers: Collection[int]) -> set[str]:
    """The references of the sales that these calls made; runs in the sandbox."""
    return {
        entry.body["externalReference"]
        for entry in sandbox.traffic.log(system="qondor")
        if entry.number in numbers and entry.method == "POST" and entry.path.endswith("/Sale")
    }
