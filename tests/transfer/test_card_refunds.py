"""Money that went back to a card has gone: its credit note is never rejected, whatever is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.outcomes import Outcome
from tests.world import card_payment, credit_note, customer, payment

if TYPE_CHECKING:
    from tests.world import World

NAMELESS: dict[str, Any] = {"customer": customer(name=None, legalName=None)}


def test_a_card_refund_with_a_final_problem_is_held(world: World) -> None:
    paid = card_payment(1)
    world.sandbox.qondor.add(paid)
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED
    refund = world.sandbox.qondor.add(credit_note(2, paid, **NAMELESS))

    result = world.run()[str(refund["id"])]

    assert result.outcome is Outcome.HELD
    assert "has no name" in result.message
    assert world.sandbox.qondor.payments[refund["id"]]["statusText"] == "Unprocessed"


def test_the_same_on_an_ordinary_credit_note_is_rejected(world: World) -> None:
    invoice = payment(1)
    world.sandbox.qondor.add(invoice)
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED
    note = world.sandbox.qondor.add(credit_note(2, invoice, **NAMELESS))
    assert world.run()[str(note["id"])].outcome is Outcome.REJECTED
    assert world.sandbox.qondor.payments[note["id"]]["statusText"] == "Failed"
