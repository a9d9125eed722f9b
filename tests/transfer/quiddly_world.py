"""Swedish documents for a route into Quiddly, and what both sides hold when all of them have gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from tests.systems.quiddly.bodies import quiddly_route
from tests.world import card_payment, credit_note, payment

if TYPE_CHECKING:
    from tests.world import World


def change(world: World, **finance: Any) -> None:
    """Mend the route's file."""
    world.route = quiddly_route(**finance)


def swedish(number: int = 1, **changes: Any) -> dict[str, Any]:
    return payment(number, **{"currency": "SEK", "currencyCode": 752, "officeId": 9, **changes})


def everything() -> list[dict[str, Any]]:
    """An invoice and a card payment, and the credit of each."""
    invoice, card = swedish(1), {**card_payment(3), "currency": "SEK", "currencyCode": 752}
    credits = [{**credit_note(2, invoice), "currency": "SEK"}, {**credit_note(4, card), "currency": "SEK"}]
    return [invoice, card, *({**credit, "currencyCode": 752} for credit in credits)]


def calls(world: World) -> list[str]:
    return [f"{entry.method} {entry.template}" for entry in world.calls("quiddly") if "authenticate" not in entry.path]


def until_done(world: World, rounds: int = 8) -> None:
    """Runs as the scheduler makes them, some of which fail at the queue already."""
    for _ in range(rounds):
        try:
            if not world.run():
                return
        except BridgeError:
            continue


def everything_once(world: World) -> None:
    """Each document once on both sides, activated once, and sent out once."""
    quiddly, qondor = world.sandbox.quiddly, world.sandbox.qondor
    made = {row["invoiceNumber"]: row for row in quiddly.invoices.rows()}
    assert sorted(row["invoiceNumber"] for row in quiddly.invoices.rows()) == ["QT-1", "QT-2", "QT-3", "QT-4"]
    assert {row["status"] for row in made.values()} == {"ACTIVATED"}
    assert sorted(row["invoice"] for row in quiddly.distributions.rows()) == sorted(row["id"] for row in made.values())
    assert {number: row.get("debitInvoiceNumber") for number, row in made.items()} == {
        "QT-1": None, "QT-2": "QT-1", "QT-3": None, "QT-4": "QT-3",
    }  # fmt: skip
    for row in qondor.payments.rows():
        assert (row["statusText"], row["externalReference"]) == ("Processed", made[f"Q{row['invoiceNumber']}"]["id"])
        assert world.row(row["id"]).state is DocumentState.TRANSFERRED
