"""What iXpole hears of drafts, and of what became of them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from include.errors import TransientError
from include.outcomes import Outcome
from tests.engine.ixpole.ixpole_world import FIRST, PUT, approve, ixpole_route, outcomes, told, transferred_once
from tests.systems.ixpole_instalments import credit, instalment

if TYPE_CHECKING:
    from tests.world import World


def test_a_draft_is_pending_until_it_became_real_and_then_follows_with_its_pdf(world: World) -> None:
    world.route = ixpole_route(invoice_status="DRAFT")
    world.sandbox.ixpole.add(instalment(1))
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    assert (told(world)["Status"], told(world)["InvoiceNumber"], told(world).get("Pdf")) == (
        "Pending",
        f"DIX-{FIRST}",
        None,
    )
    world.sandbox.traffic.reset()
    assert world.select().left == {"waits in finance as a draft": 1}
    assert len(world.calls("xero")) == 1

    link = world.row(FIRST).booking.link
    approve(world, InvoiceNumber="IX-777", DueDate="2027-01-20")
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    assert link == world.row(FIRST).booking.link is not None
    assert (told(world)["Status"], told(world)["InvoiceNumber"], told(world)["InvoiceDueDate"]) == (
        "Open",
        "IX-777",
        "2027-01-20",
    )
    assert base64.b64decode(told(world)["Pdf"]).startswith(b"%PDF")
    world.sandbox.traffic.reset()
    assert world.run() == {}
    assert world.calls("xero") == []
    assert len(world.sandbox.xero.invoices.rows()) == 1


def test_a_draft_credit_note_is_followed_too(world: World) -> None:
    world.route = ixpole_route(invoice_status="DRAFT")
    world.sandbox.ixpole.add(credit(1))
    world.run()
    [draft] = world.sandbox.xero.credit_notes.rows()
    assert (draft["Status"], told(world)["Status"]) == ("DRAFT", "Pending")
    assert world.select().left == {"waits in finance as a draft": 1}
    world.sandbox.xero.credit_notes.change(draft["CreditNoteID"], Status="AUTHORISED")
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    assert (told(world)["InvoiceNumber"], bool(told(world)["Pdf"])) == (f"IX-{FIRST}", True)


def test_the_report_of_a_draft_that_became_real_survives_a_lost_answer(world: World) -> None:
    world.route = ixpole_route(invoice_status="DRAFT")
    world.sandbox.ixpole.add(instalment(1))
    world.run()
    approve(world)
    world.sandbox.fault("close", when="after", count=1, **PUT)
    [lost] = world.run().values()
    assert isinstance(lost, TransientError)
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"Status": "DELETED"}, "its draft was deleted in finance"),
        ({"Status": "VOIDED"}, "its draft was deleted in finance"),
        ({"Status": "SUBMITTED"}, "waits in finance as a draft"),
        (
            {"Status": "AUTHORISED", "InvoiceNumber": "D-5"},
            "Invoice number 'D-5' begins with D, which iXpole takes for a draft's number: "
            "set number_prefix in the route's finance section",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_draft_that_did_not_become_a_usable_invoice_stays_pending_and_is_counted(
    world: World, changes: dict[str, Any], left: str
) -> None:
    world.route = ixpole_route(invoice_status="DRAFT")
    world.sandbox.ixpole.add(instalment(1))
    world.run()
    [draft] = world.sandbox.xero.invoices.rows()
    world.sandbox.xero.invoices.change(draft["InvoiceID"], **changes)
    assert world.select().left == {left: 1}
    assert (world.run(), told(world)["Status"]) == ({}, "Pending")


def test_drafts_are_not_looked_at_in_a_dry_run_nor_while_finance_is_down(world: World) -> None:
    world.route = ixpole_route(invoice_status="DRAFT")
    world.sandbox.ixpole.add(instalment(1))
    world.run()
    approve(world)
    world.sandbox.traffic.reset()
    assert world.select(dry_run=True).left == {}
    assert world.calls("xero") == []
    world.sandbox.fault("error", system="xero", method="GET", path="*Invoices*", count=3)
    assert world.select().left == {"drafts could not be looked at this time": 1}
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}


def test_drafts_are_looked_at_in_few_calls(world: World) -> None:
    world.route = ixpole_route(invoice_status="DRAFT")
    for number in range(1, 46):
        world.sandbox.ixpole.add(instalment(number))
    world.run()
    world.sandbox.traffic.reset()
    assert world.select().left == {"waits in finance as a draft": 45}
    assert len(world.calls("xero")) == 2
