"""Documents in doubt in Quiddly, which can be asked by number, by id, or not at all, as the route says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, NotResolvedError
from invoice_bridge_core.transfer.resolution import Resolution
from tests.transfer.quiddly_world import calls, change, swedish

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import DocumentRow
    from tests.world import World

BLIND = {"invoice_search_path": None, "invoice_path": None}


def resolution(world: World) -> Resolution:
    _, finance = world.systems()
    return Resolution(route=world.route, finance=finance, ledger=world.ledger, by="anna")


def lost(world: World, when: str = "after") -> DocumentRow:
    """An invoice whose creation was lost, made or not, and which its route has no path to look for by number."""
    waiting = world.sandbox.qondor.add(swedish())
    world.sandbox.fault("close", system="quiddly", method="POST", path="/invoices", when=when, nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    assert world.transfer(waiting["id"]).outcome is Outcome.IN_DOUBT
    world.sandbox.traffic.reset()
    return world.row(waiting["id"])


def ends_once(world: World, row: DocumentRow) -> None:
    """The next run transfers the document: one invoice in Quiddly, sent out once, and Qondor was told of it."""
    assert [result.outcome for result in world.run().values()] == [Outcome.TRANSFERRED]
    [made] = world.sandbox.quiddly.invoices.rows()
    assert (made["invoiceNumber"], made["status"]) == ("QT-1", "ACTIVATED")
    assert len(world.sandbox.quiddly.distributions.rows()) == 1
    assert world.sandbox.qondor.payments[int(row.ref.source_id)]["externalReference"] == made["id"]
    booking = world.row(row.ref.source_id).booking
    assert booking is not None
    assert (booking.finance_id, booking.number, booking.contact_id) == (made["id"], "QT-1", "C-901")
    assert str(booking.due_date) == "2026-12-02"


def test_where_nobody_can_look_a_persons_word_is_taken_when_they_say_that_they_looked(world: World) -> None:
    change(world, **BLIND)
    row = lost(world)
    [made] = world.sandbox.quiddly.invoices.rows()
    with pytest.raises(NotResolvedError, match=r"Quiddly cannot be asked about .* add --i-looked"):
        resolution(world).booked_as(row, made["id"], despite_missing_mark=True)
    assert world.row(row.ref.source_id).state is DocumentState.IN_DOUBT

    said = resolution(world).booked_as(row, made["id"], i_looked=True)
    assert "Quiddly could not be asked, anna looked" in said
    assert calls(world) == []
    ends_once(world, row)
    assert calls(world) == ["PUT /invoices/{invoice_id}/activate"]


def test_where_nobody_can_look_an_invoice_that_was_activated_by_hand_is_not_sent_again(world: World) -> None:
    change(world, **BLIND)
    row = lost(world)
    [made] = world.sandbox.quiddly.invoices.rows()
    world.sandbox.quiddly.rules.activate(made["id"], {})
    resolution(world).booked_as(row, made["id"], i_looked=True)
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert "Whether QT-1 is activated cannot be looked up, because the route has no invoice_path" in held.message
    assert world.sandbox.qondor.payments[int(row.ref.source_id)]["statusText"] == "Unprocessed"
    change(world)
    ends_once(world, row)


def test_where_nobody_can_look_not_booked_takes_a_look_of_ones_own(world: World) -> None:
    change(world, **BLIND)
    row = lost(world, "before")
    with pytest.raises(NotResolvedError, match=r"Quiddly cannot be asked about QT-1\. .* add --i-looked"):
        resolution(world).not_booked(row)
    assert "anna looked" in resolution(world).not_booked(row, i_looked=True)
    ends_once(world, row)
    assert calls(world) == ["POST /invoices", "PUT /invoices/{invoice_id}/activate"]


def test_a_wrong_word_makes_no_second_invoice_since_the_number_is_taken(world: World) -> None:
    change(world, **BLIND)
    row = lost(world)
    resolution(world).not_booked(row, i_looked=True)
    assert [result.outcome for result in world.run().values()] == [Outcome.IN_DOUBT]
    assert len(world.sandbox.quiddly.invoices.rows()) == 1


def test_with_a_path_for_ids_an_id_is_checked_and_a_number_is_no_id(world: World) -> None:
    change(world, invoice_search_path=None, printed_mark="short")
    row = lost(world)
    [made] = world.sandbox.quiddly.invoices.rows()
    for name in ("QT-1", "I.999"):
        with pytest.raises(NotResolvedError, match="Quiddly shows no invoice with the number or id"):
            resolution(world).booked_as(row, name, i_looked=True)
    with pytest.raises(NotResolvedError, match="cannot be asked about QT-1"):
        resolution(world).not_booked(row)
    assert "with our mark, currency and total" in resolution(world).booked_as(row, made["id"])
    ends_once(world, row)


def test_with_a_path_for_numbers_a_number_is_checked(world: World) -> None:
    change(world, invoice_search_path=None)
    row = lost(world)
    change(world, invoice_path=None)
    [made] = world.sandbox.quiddly.invoices.rows()
    world.sandbox.quiddly.invoices.change(made["id"], ourOrderNumber="by hand")
    with pytest.raises(NotResolvedError, match=rf"--booked-as {made['id']}"):
        resolution(world).not_booked(row, i_looked=True)
    with pytest.raises(NotResolvedError, match="--despite-missing-mark"):
        resolution(world).booked_as(row, "QT-1")
    resolution(world).booked_as(row, "QT-1", despite_missing_mark=True)
    ends_once(world, row)


def test_a_path_that_leads_nowhere_is_not_taken_for_not_booked(world: World) -> None:
    change(world, invoice_search_path=None)
    row = lost(world)
    change(world, invoice_search_path="/nowhere?number={number}")
    with pytest.raises(NotResolvedError, match=r"so nothing was changed: .*check the route's invoice_search_path"):
        resolution(world).not_booked(row, i_looked=True)
    assert world.row(row.ref.source_id).state is DocumentState.IN_DOUBT
