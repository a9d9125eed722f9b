"""What a bookkeeper does to contacts between two documents: merging, archiving, restoring."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import BridgeError
from tests.reconciliation.closing import said
from tests.world import customer, payment

if TYPE_CHECKING:
    from tests.world import World


def move(world: World, number: int, **changes: Any) -> tuple[Outcome, str]:
    waiting = world.sandbox.qondor.add(payment(number, **changes))
    result = world.transfer(waiting["id"])
    return result.outcome, result.message


def contact_of(world: World, number: str) -> str:
    [invoice] = [row for row in world.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == number]
    return str(invoice["ContactID"])


def other(world: World, name: str = "Group Invoices AS") -> str:
    """A contact with neither tax number nor e-mail address of anybody."""
    return str(world.sandbox.xero.add_contact(Name=name)["ContactID"])


@pytest.mark.parametrize("is_remembered", [True, False])
@pytest.mark.parametrize("changes", [{}, {"phoneNumber": "+4799999999"}], ids=["same", "changed"])
def test_further_documents_go_to_the_contact_into_which_theirs_was_merged(
    world: World, *, is_remembered: bool, changes: dict[str, Any]
) -> None:
    assert move(world, 1)[0] is Outcome.TRANSFERRED
    into = other(world)
    world.sandbox.xero.merge_contacts(contact_of(world, "T-1"), into)
    if not is_remembered:
        world.ledger.contacts.forget("xero_default", "qondor_default:customer:901")
    assert move(world, 2, customer=customer(**changes))[0] is Outcome.TRANSFERRED
    assert contact_of(world, "T-2") == into
    assert len(world.sandbox.xero.contacts) == 2


def test_a_chain_of_merges_is_followed_to_its_end(world: World) -> None:
    move(world, 1)
    chain = [contact_of(world, "T-1"), *(other(world, f"Double {number}") for number in range(3))]
    for one, into in pairwise(chain):
        world.sandbox.xero.merge_contacts(one, into)
    assert move(world, 2)[0] is Outcome.TRANSFERRED
    assert contact_of(world, "T-2") == chain[-1]
    assert said(world) == {"T-1": [], "T-2": []}


def test_contacts_merged_into_each_other_hold_the_document(world: World) -> None:
    move(world, 1)
    one, into = contact_of(world, "T-1"), other(world)
    world.sandbox.xero.merge_contacts(one, into)
    world.sandbox.xero.merge_contacts(into, one)
    outcome, message = move(world, 2)
    assert outcome is Outcome.HELD
    assert "restore" in message


def test_a_customer_that_is_known_by_its_name_alone_follows_the_merge_too(world: World) -> None:
    bare = customer(invoiceEmail=None, vatNumber=None, organisationNumber=None)
    theirs = other(world, bare["name"])
    assert move(world, 1, customer=bare)[0] is Outcome.TRANSFERRED
    assert contact_of(world, "T-1") == theirs
    into = other(world)
    world.sandbox.xero.merge_contacts(theirs, into)
    assert move(world, 2, customer=bare)[0] is Outcome.TRANSFERRED
    assert contact_of(world, "T-2") == into


def test_a_merge_is_no_difference_and_another_contact_is_one(world: World) -> None:
    move(world, 1)
    move(world, 2, customer=customer(902))
    into = other(world)
    world.sandbox.xero.merge_contacts(contact_of(world, "T-1"), into)
    [moved] = [row for row in world.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == "T-2"]
    world.sandbox.xero.invoices.change(moved["InvoiceID"], ContactID=into)
    world.sandbox.traffic.reset()
    assert said(world) == {"T-1": [], "T-2": ["contact differs"]}
    asked = [entry for entry in world.calls("xero", "GET") if "/Contacts" in entry.path]
    assert len(asked) == 2, "both contacts in one call, and the one into which the first was merged"


def test_a_booking_whose_answer_was_lost_is_recognised_after_a_merge(world: World) -> None:
    move(world, 1)
    waiting = world.sandbox.qondor.add(payment(2))
    world.sandbox.fault("close", system="xero", method="PUT", path="*Invoices", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    world.sandbox.xero.merge_contacts(contact_of(world, "T-1"), other(world))
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    assert len(world.sandbox.xero.invoices) == 2


def test_a_booking_on_a_strangers_contact_is_still_in_doubt(world: World) -> None:
    move(world, 1)
    waiting = world.sandbox.qondor.add(payment(2))
    world.sandbox.fault("close", system="xero", method="PUT", path="*Invoices", when="after", nth=1)
    with pytest.raises(BridgeError):
        world.transfer(waiting["id"])
    [booked] = [row for row in world.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == "T-2"]
    world.sandbox.xero.invoices.change(booked["InvoiceID"], ContactID=other(world))
    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.IN_DOUBT
    assert "another contact" in result.message


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_contact_that_is_restored_as_the_reason_asks_takes_the_document(world: World, *, is_merged: bool) -> None:
    move(world, 1)
    contact_id = contact_of(world, "T-1")
    if is_merged:
        into = other(world)
        world.sandbox.xero.merge_contacts(contact_id, into)
        contact_id = into
    world.sandbox.xero.contacts.change(contact_id, ContactStatus="ARCHIVED")
    held = world.sandbox.qondor.add(payment(2))
    result = world.transfer(held["id"])
    assert result.outcome is Outcome.HELD
    assert "restore" in result.message
    assert len(world.sandbox.xero.invoices) == 1
    world.sandbox.xero.contacts.change(contact_id, ContactStatus="ACTIVE")
    assert world.transfer(held["id"]).outcome is Outcome.TRANSFERRED
    assert contact_of(world, "T-2") == contact_id
