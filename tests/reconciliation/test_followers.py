"""Credit notes that follow an invoice of the run, found in as many queries for many as for few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.transfer.followers import held_followers
from tests.world import credit_note, payment

if TYPE_CHECKING:
    from tests.world import World


def queries(world: World, source_ids: set[str]) -> tuple[list[str], int]:
    """The followers' numbers, and how many statements it took to find them."""
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    try:
        found = held_followers(world.ledger, world.route, source_ids)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)
    return sorted(str(facts.number) for facts in found), len(seen)


def test_many_held_credit_notes_take_as_many_queries_as_one(world: World) -> None:
    invoices = [payment(number) for number in range(1, 6)]
    by_number = credit_note(15, invoices[4], creditedInvoiceId=None)
    notes = [*(credit_note(10 + number, invoices[number - 1]) for number in range(1, 5)), by_number]
    for each in notes:
        world.sandbox.qondor.add(each)
    world.run()
    assert {str(world.row(each["id"]).state) for each in notes} == {"held"}
    for each in invoices[:2] + invoices[4:]:
        world.sandbox.qondor.add(each)
        world.transfer(each["id"])
    assert queries(world, {"50001", "50003", "50005"}) == (["T-11", "T-15"], 2)
    assert queries(world, {"50002"}) == (["T-12"], 2)
    assert queries(world, set()) == ([], 0)
