"""What iXpole hears of drafts, and of what became of them: payment runs follow them."""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import BridgeError, TransientError
from invoice_bridge_core.payments.findings import Finding
from tests.systems.ixpole.instalments import credit, instalment
from tests.transfer.ixpole.ixpole_world import FIRST, PUT, ixpole_route, outcomes, told, transferred_once

if TYPE_CHECKING:
    from tests.world import World


def drafted(world: World, *instalments: dict[str, Any]) -> None:
    """Drafts of these that iXpole was told of, and a payment run that found them so."""
    world.route = ixpole_route(invoice_status="DRAFT")
    for each in instalments:
        world.sandbox.ixpole.add(each)
    assert {result.outcome for result in world.run().values()} == {Outcome.TRANSFERRED}
    assert world.run_payments() == {}
    world.sandbox.traffic.reset()


def test_a_draft_is_pending_until_it_became_real_and_then_follows_with_its_pdf(world: World) -> None:
    drafted(world, instalment(1))
    assert (told(world)["Status"], told(world)["InvoiceNumber"], told(world).get("Pdf")) == (
        "Pending",
        f"DIX-{FIRST}",
        None,
    )
    assert (world.run_payments(), world.found()) == ({}, {FIRST: Finding.DRAFT})

    link = world.booking(FIRST).link
    desk = world.sandbox.xero.bookkeeper
    desk.renumber(f"IX-{FIRST}", "IX-777")
    desk.authorise("IX-777", due=dt.date(2027, 1, 20))
    assert outcomes(world.run_payments()) == {FIRST: Outcome.TRANSFERRED}
    assert link == world.booking(FIRST).link is not None
    assert (told(world)["Status"], told(world)["InvoiceNumber"], told(world)["InvoiceDueDate"]) == (
        "Open",
        "IX-777",
        "2027-01-20",
    )
    assert base64.b64decode(told(world)["Pdf"]).startswith(b"%PDF")
    world.sandbox.traffic.reset()
    assert (world.run_payments(), world.run()) == ({}, {})
    assert (world.calls("ixpole", "PUT"), world.calls("xero", "PUT", "POST")) == ([], [])
    assert len(world.sandbox.xero.invoices.rows()) == 1


def test_a_transfer_run_neither_asks_for_drafts_nor_makes_them_again(world: World) -> None:
    drafted(world, instalment(1))
    world.sandbox.xero.bookkeeper.authorise(f"IX-{FIRST}")
    assert world.run() == {}
    assert (world.calls("xero"), told(world)["Status"]) == ([], "Pending")


def test_a_draft_credit_note_is_followed_too(world: World) -> None:
    drafted(world, credit(1))
    [draft] = world.sandbox.xero.credit_notes.rows()
    assert (draft["Status"], told(world)["Status"]) == ("DRAFT", "Pending")
    world.sandbox.xero.bookkeeper.authorise(f"IX-{FIRST}")
    assert list(world.run_payments()) == [FIRST]
    assert (told(world)["InvoiceNumber"], bool(told(world)["Pdf"])) == (f"IX-{FIRST}", True)
    assert world.run_payments() == {}


def test_the_report_of_a_draft_that_became_real_survives_a_lost_answer(world: World) -> None:
    drafted(world, instalment(1))
    world.sandbox.xero.bookkeeper.authorise(f"IX-{FIRST}")
    world.sandbox.fault("close", when="after", count=1, **PUT)
    [lost] = world.run_payments().values()
    assert isinstance(lost.error, TransientError)
    assert outcomes(world.run_payments()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)


def test_a_transfer_run_carries_on_where_the_payment_run_was_lost(world: World) -> None:
    drafted(world, instalment(1))
    world.sandbox.xero.bookkeeper.authorise(f"IX-{FIRST}")
    world.sandbox.fault("close", when="after", count=1, **PUT)
    world.run_payments()
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)
    assert world.run_payments() == {}


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"Status": "DELETED"}, Finding.GONE),
        ({"Status": "VOIDED"}, Finding.GONE),
        ({"Status": "SUBMITTED"}, Finding.DRAFT),
        ({"Status": "AUTHORISED", "InvoiceNumber": "D-5"}, Finding.DRAFT),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_draft_that_did_not_become_a_usable_invoice_stays_pending_and_is_counted(
    world: World, changes: dict[str, Any], left: Finding
) -> None:
    drafted(world, instalment(1))
    [draft] = world.sandbox.xero.invoices.rows()
    stamp = world.now().isoformat()
    world.sandbox.xero.invoices.change(draft["InvoiceID"], UpdatedDateUTC=stamp, **changes)
    assert (world.run_payments(), world.found()) == ({}, {FIRST: left})
    assert told(world)["Status"] == "Pending"


def test_while_finance_is_down_nothing_is_guessed(world: World) -> None:
    drafted(world, instalment(1))
    world.sandbox.xero.bookkeeper.authorise(f"IX-{FIRST}")
    world.sandbox.fault("error", system="xero", method="GET", path="*Invoices*", count=3)
    with pytest.raises(BridgeError):
        world.poll()
    assert (told(world)["Status"], world.found()) == ("Pending", {FIRST: Finding.DRAFT})
    assert outcomes(world.run_payments()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)


def test_many_drafts_are_polled_in_few_calls(world: World) -> None:
    drafted(world, *(instalment(number) for number in range(1, 46)))
    world.run_payments()
    # Invoices and credit notes that changed.
    assert len(world.calls("xero")) == 2
    world.sandbox.clock.advance(25 * 3600)
    world.sandbox.traffic.reset()
    world.run_payments()
    # The same, and 45 ids at 40 a call; the token has run out besides.
    assert len([each for each in world.calls("xero") if each.status == 200]) == 4
