"""iXpole's instalments through the core into Xero: once, and reported."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.routes.loader import read_route, routes_folder
from tests.systems.ixpole.instalments import credit, instalment
from tests.transfer.ixpole.ixpole_world import FIRST, PUT, ixpole_calls, ixpole_route, outcomes, told, transferred_once

if TYPE_CHECKING:
    from tests.world import World


def test_an_instalment_is_booked_with_its_item_and_written_back(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)
    [invoice] = world.sandbox.xero.invoices.rows()
    [sold] = invoice["LineItems"]
    assert (invoice["Total"], invoice["CurrencyCode"]) == (Decimal("636.00"), "EUR")
    assert (sold["ItemCode"], sold["AccountCode"]) == ("VIP-SEAT", "207")
    [item] = world.sandbox.xero.items.rows()
    assert (item["Name"], item["SalesDetails"]["AccountCode"]) == ("VIP seat", "207")
    assert told(world)["InvoiceDueDate"] == invoice["DueDate"] == "2026-12-15"
    assert world.sandbox.ixpole.customers["club/311"]["CustomerCode"] == invoice["ContactID"]


def test_calls_of_ixpole_stay_in_their_budget_and_a_second_run_writes_nothing(world: World) -> None:
    for number in range(1, 9):
        world.sandbox.ixpole.add(instalment(number))
    assert set(outcomes(world.run()).values()) == {Outcome.TRANSFERRED}
    calls = ixpole_calls(world)
    assert [calls.count(read) for read in ("GET instalments", "GET customer/311", "GET products/5")] == [1, 1, 1]
    assert calls.count("PATCH customers/311") == 1
    assert len(calls) == 3 + 1 + 8
    assert len(world.calls("xero", "PUT", "POST")) == 8 + 2

    world.sandbox.traffic.reset()
    assert world.run() == {}
    assert ixpole_calls(world) == ["GET instalments"]
    assert world.calls("xero") == []


def test_a_report_whose_answer_was_lost_is_repeated_in_the_next_run_without_a_second_booking(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.sandbox.fault("close", when="after", count=1, **PUT)
    [lost] = world.run().values()
    assert isinstance(lost.error, TransientError)
    assert (told(world)["Status"], world.row(FIRST).state) == ("Open", DocumentState.BOOKED)
    world.sandbox.traffic.reset()
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)
    assert ixpole_calls(world)[-1] == "PUT instalments"
    assert world.calls("xero", "PUT", "POST") == []


def test_a_customer_that_takes_no_code_keeps_nothing_from_being_told(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.select()
    world.sandbox.ixpole.customers.remove("club/311")
    assert world.transfer(FIRST).outcome is Outcome.TRANSFERRED
    transferred_once(world, FIRST)
    world.sandbox.xero.bookkeeper.pay(f"IX-{FIRST}")
    assert outcomes(world.run_payments()) == {FIRST: Outcome.REPORTED_PAID}
    assert told(world)["Status"] == "Received"


def test_a_report_is_repeated_after_further_trouble_too(world: World) -> None:
    """Trouble after a lost answer must not make the ledger forget that iXpole may have been told."""
    world.sandbox.ixpole.add(instalment(1))
    world.sandbox.fault("close", when="after", count=1, **PUT)
    world.run()
    world.sandbox.fault("unavailable", retry_after=300, count=1, **PUT)
    [limited] = world.run().values()
    assert isinstance(limited.error, TransientError)
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)


def test_the_same_task_repeats_a_lost_report_at_once(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.sandbox.fault("close", when="after", count=1, **PUT)
    world.select()
    with pytest.raises(TransientError):
        world.transfer(FIRST)
    assert world.transfer(FIRST).outcome is Outcome.TRANSFERRED
    transferred_once(world, FIRST)


def test_an_instalment_that_was_removed_after_booking_needs_a_person_and_is_not_forgotten(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.sandbox.fault("error", when="before", count=1, **PUT)
    world.run()
    world.sandbox.ixpole.rules.remove("club", FIRST)
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert f"is booked in finance as IX-{FIRST}, but iXpole no longer shows it and refuses the report" in str(
        held.message
    )
    assert world.run() == {}
    assert [row.ref.source_id for row in world.ledger.unfinished("ixpole", "ixpole_default")] == [FIRST]


def test_an_instalment_that_is_there_again_is_reported_in_the_next_run(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.sandbox.fault("error", when="before", count=1, **PUT)
    world.run()
    world.sandbox.ixpole.rules.remove("club", FIRST)
    assert outcomes(world.run()) == {FIRST: Outcome.HELD}
    world.sandbox.ixpole.add(instalment(1))
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    transferred_once(world, FIRST)


def test_an_instalment_that_vanished_before_any_report_is_not_taken_for_reported(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.sandbox.fault("unavailable", retry_after=300, count=1, **PUT)
    world.run()
    world.sandbox.ixpole.rules.remove("club", FIRST)
    world.sandbox.traffic.reset()
    [held] = world.run().values()
    assert (held.outcome, "it was removed or invoiced" in held.message) == (Outcome.HELD, True)
    assert "PUT instalments" not in ixpole_calls(world)


def test_a_wrong_instalment_is_held_since_ixpole_cannot_be_told_and_goes_when_corrected(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1, DueDate="2026-11-01"))
    assert world.rehearse(FIRST).outcome is Outcome.WOULD_HOLD
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert held.message == (
        "Due date 2026-11-01 is before the invoice date 2026-11-15. iXpole takes no rejections: correct it there"
    )
    assert (world.run(), told(world)["Status"]) == ({}, "ToDo")
    world.sandbox.ixpole.add(instalment(1))
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}


def test_a_number_that_reads_as_a_draft_is_found_before_anything_is_booked(world: World) -> None:
    world.route = ixpole_route(number_prefix="")
    world.sandbox.ixpole.add(instalment(1, InstalmentCode="D-2026-1"))
    [held] = world.run().values()
    assert (held.outcome, "Invoice number 'D-2026-1' begins with D" in held.message) == (Outcome.HELD, True)
    assert world.sandbox.xero.invoices.rows() == []
    world.route = ixpole_route()
    assert outcomes(world.run()) == {"D-2026-1": Outcome.TRANSFERRED}
    assert told(world, "D-2026-1")["InvoiceNumber"] == "IX-D-2026-1"


def test_a_negative_instalment_becomes_a_credit_note(world: World) -> None:
    world.sandbox.ixpole.add(credit(1))
    assert outcomes(world.run()) == {FIRST: Outcome.TRANSFERRED}
    [note] = world.sandbox.xero.credit_notes.rows()
    assert (note["CreditNoteNumber"], note["Total"]) == (f"IX-{FIRST}", Decimal("636.00"))
    assert (told(world)["InvoiceNumber"], bool(told(world)["Pdf"])) == (f"IX-{FIRST}", True)


def test_every_instalment_of_the_demo_data_ends_as_it_calls_for_and_a_second_run_writes_nothing(world: World) -> None:
    world.sandbox.reset()
    world.route = read_route(routes_folder() / "ixpole_xero.yaml")
    world.run_until_quiet()
    wanted = {
        each["source_id"]: (each["outcome"], each["why"])
        for each in world.sandbox.expectations
        if each["route"] == "ixpole_xero"
    }
    ended = world.ledger.rows("ixpole", "ixpole_default", list(wanted))
    wrong = {
        code: (why, outcome, row.state, row.reason)
        for code, (outcome, why) in wanted.items()
        if (row := ended[code]).state != outcome
    }
    assert wrong == {}
    waiting = {row["instalment"]["InstalmentCode"] for row in world.sandbox.ixpole.waiting()}
    assert waiting == {code for code, (outcome, _) in wanted.items() if outcome != "transferred"}

    world.sandbox.traffic.reset()
    # Whether an archived contact was restored shows only when its document is tried.
    assert {code: ended.outcome for code, ended in world.run().items()} == {"INST-2026-0033": Outcome.HELD}
    assert world.calls("xero", "PUT", "POST") == []
    assert {call.partition(" ")[0] for call in ixpole_calls(world)} == {"GET"}
