"""iXpole's second tenant through the core into the played Quiddly, by the shipped route file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.routes.loader import read_route, routes_folder
from sandbox.ixpole.tenants import ARENA
from tests.systems.ixpole.instalments import customer, instalment, line, product
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

CODE = "INST-2026-0001"


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    sandbox.ixpole.add_customer(customer(CustomerCode="A-1"), ARENA)
    sandbox.ixpole.add_product(product(), ARENA)
    world = World(sandbox, ledger_url, read_route(routes_folder() / "ixpole_quiddly.yaml"))
    yield world
    world.close()


def told(world: World) -> dict[str, Any]:
    return world.sandbox.ixpole.told(CODE, ARENA)


def test_an_instalment_is_created_activated_and_written_back_with_quiddlys_pdf(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1), ARENA)
    [result] = world.run().values()
    assert result.outcome is Outcome.TRANSFERRED
    [invoice] = world.sandbox.quiddly.invoices.rows()
    assert (invoice["invoiceNumber"], invoice["debtor"]["customerNumber"]) == (f"IX{CODE}", "A-1")
    assert (told(world)["Status"], told(world)["InvoiceNumber"], told(world)["InvoiceDueDate"]) == (
        "Open",
        f"IX{CODE}",
        "2026-12-15",
    )
    assert base64.b64decode(told(world)["Pdf"]).startswith(b"%PDF")


def test_what_was_not_activated_is_pending_until_somebody_activates_it(world: World) -> None:
    finance = world.route.finance.model_copy(update={"activate": False})
    world.route = world.route.model_copy(update={"finance": finance})
    world.sandbox.ixpole.add(instalment(1), ARENA)
    world.run()
    assert (told(world)["Status"], told(world)["InvoiceNumber"]) == ("Pending", f"DIX{CODE}")
    assert (world.run_payments(), told(world)["Status"]) == ({}, "Pending")
    world.sandbox.quiddly.bookkeeper.activate(f"IX{CODE}")
    world.sandbox.clock.advance(3700)
    [result] = world.run_payments().values()
    assert (result.outcome, told(world)["Status"]) == (Outcome.TRANSFERRED, "Open")
    assert base64.b64decode(told(world)["Pdf"]).startswith(b"%PDF")
    assert len(world.sandbox.quiddly.invoices.rows()) == 1


def test_a_report_whose_answer_was_lost_creates_and_activates_nothing_again(world: World) -> None:
    world.sandbox.ixpole.add(instalment(1), ARENA)
    world.sandbox.fault("close", "ixpole", "PUT", "*instalments", when="after", count=1)
    [lost] = world.run().values()
    assert isinstance(lost.error, TransientError)
    world.sandbox.traffic.reset()
    [result] = world.run().values()
    assert result.outcome is Outcome.TRANSFERRED
    assert world.calls("quiddly", "POST", "PUT") == []


def test_a_rate_that_quiddly_does_not_have_holds_the_instalment(world: World) -> None:
    amounts = {"VatRate": 15, "VatAmount": 90, "AmountInclVat": 690}
    wrong = instalment(1, Lines=[line(**amounts)], VatAmount=90, AmountInclVat=690)
    world.sandbox.ixpole.add(wrong, ARENA)
    [held] = world.run().values()
    assert (held.outcome, "15%" in held.message) == (Outcome.HELD, True)
    assert world.sandbox.quiddly.invoices.rows() == []


def test_every_instalment_of_the_demo_data_ends_as_it_calls_for_and_a_second_run_writes_nothing(world: World) -> None:
    world.sandbox.reset()
    world.run_until_quiet()
    wanted = {
        each["source_id"]: (each["outcome"], each["why"])
        for each in world.sandbox.expectations
        if each["route"] == "ixpole_quiddly"
    }
    ended = world.ledger.rows("ixpole", "ixpole_second", list(wanted))
    wrong = {
        code: (why, outcome, row.state, row.reason)
        for code, (outcome, why) in wanted.items()
        if (row := ended[code]).state != outcome
    }
    assert wrong == {}
    world.sandbox.traffic.reset()
    assert world.run() == {}
    assert world.calls("quiddly", "POST", "PUT") == world.calls("ixpole", "PUT", "PATCH") == []
