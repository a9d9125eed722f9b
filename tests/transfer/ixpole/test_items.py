"""iXpole's products as Items of Xero, before they are invoiced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from tests.systems.ixpole.instalments import instalment, line, product
from tests.transfer.ixpole.ixpole_world import FIRST, ixpole_calls, ixpole_route, transferred_once

if TYPE_CHECKING:
    from tests.world import World


def test_a_changed_product_changes_its_item_once(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1))
    world.run()
    world.sandbox.ixpole.add_product(product(Name="VIP seat, gold", UnitPrice=Decimal("175.00")))
    for number in (2, 3):
        world.sandbox.ixpole.add(instalment(number))
    world.sandbox.traffic.reset()
    world.run()
    [item] = world.sandbox.xero.items.rows()
    assert (item["Name"], item["SalesDetails"]["UnitPrice"]) == ("VIP seat, gold", Decimal("175.0000"))
    assert [entry.method for entry in world.calls("xero") if "Items" in entry.path] == ["GET", "POST"]


def test_an_item_that_is_there_already_costs_one_search(world: World) -> None:
    world.sandbox.xero.accounting.items.create(
        {
            "Code": "VIP-SEAT",
            "Name": "VIP seat",
            "Description": "Seat in the VIP area, with dinner",
            "SalesDetails": {"UnitPrice": "150.00", "AccountCode": "207"},
        },
        4,
    )
    world.sandbox.ixpole.add(instalment(1))
    world.run()
    assert [entry.method for entry in world.calls("xero") if "Items" in entry.path] == ["GET"]
    transferred_once(world, FIRST)


def test_without_items_no_item_is_made(world: World) -> None:
    world.route = ixpole_route(items="ignore")
    world.sandbox.ixpole.add(instalment(1))
    world.run()
    [invoice] = world.sandbox.xero.invoices.rows()
    assert (world.sandbox.xero.items.rows(), invoice["LineItems"][0].get("ItemCode")) == ([], None)


@pytest.mark.parametrize(
    ("settings", "row", "of", "text"),
    [
        ({}, {}, {"LedgerAccount": None}, "Article code 'VIP-SEAT' not found in finance system"),
        (
            {"use_product_ledger_account": False, "account_codes": {"PARKING": "200"}},
            {},
            {},
            "Article code 'VIP-SEAT' not found in finance system",
        ),
        (
            {},
            {"ProductCode": "X" * 31},
            {"ProductCode": "X" * 31},
            f"Product code '{'X' * 31}' is longer than the 30 characters of an Item",
        ),
    ],
    ids=["no account", "its account does not count", "code too long"],
)
def test_a_product_that_cannot_be_booked_holds_the_instalment(
    world: World, settings: dict[str, Any], row: dict[str, Any], of: dict[str, Any], text: str
) -> None:
    world.route = ixpole_route(**settings)
    world.sandbox.ixpole.add_product(product(**of))
    world.sandbox.ixpole.add(instalment(1, Lines=[line(**row)]))
    [held] = world.run().values()
    assert (held.outcome, text in held.message) == (Outcome.HELD, True)
    assert world.sandbox.xero.items.rows() == world.sandbox.xero.invoices.rows() == []


def test_documents_side_by_side_make_one_item_one_contact_and_store_one_code(world: World) -> None:
    for number in range(1, 7):
        world.sandbox.ixpole.add(instalment(number))
    chosen = [facts.ref.source_id for facts in world.select().invoices]
    with ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(world.transfer, chosen))
    assert {result.outcome for result in ended} == {Outcome.TRANSFERRED}
    transferred_once(world, *chosen)
    assert [entry.method for entry in world.calls("xero") if "Items" in entry.path] == ["GET", "PUT"]
    assert ixpole_calls(world).count("PATCH customers/311") == 1
