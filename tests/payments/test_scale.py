"""A thousand open invoices and more: what a poll costs follows from what changed, not from what is open."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import SCHEMA
from invoice_bridge_core.payments.findings import Finding
from tests.payments.backflow import ON
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World


pytestmark = pytest.mark.slow


def booked(world: World, count: int) -> None:
    """That many open invoices on all three sides: one that was transferred, and copies of it."""
    sandbox = world.sandbox
    sandbox.qondor.add(payment(1))
    world.run()
    [invoice] = sandbox.xero.invoices.rows()
    reported = sandbox.qondor.payments["50001"]
    ids = {number: str(uuid.uuid4()) for number in range(2, count + 1)}
    for number, finance_id in ids.items():
        sandbox.xero.invoices.put({**invoice, "InvoiceID": finance_id, "InvoiceNumber": f"T-{number}"})
        sandbox.qondor.payments.put(
            {**reported, "id": 50000 + number, "invoiceNumber": f"T-{number}", "externalReference": finance_id}
        )
    _copy_row(world, ids)


def _copy_row(world: World, ids: dict[int, str]) -> None:
    own = {"id": None, "source_id": ":source_id", "number": ":number", "finance_number": ":number",
           "finance_id": ":finance_id"}  # fmt: skip
    with world.ledger.transaction() as connection:
        columns = connection.scalars(
            sa.text("SELECT column_name FROM information_schema.columns WHERE table_schema = :schema"
                    " AND table_name = 'documents' AND is_generated = 'NEVER'"),
            {"schema": SCHEMA},
        ).all()  # fmt: skip
        wanted = [column for column in columns if column != "id"]
        chosen = [own.get(column, column) for column in wanted]
        copied = f"SELECT {', '.join(chosen)} FROM {SCHEMA}.documents WHERE source_id = '50001'"
        values = [
            {"source_id": str(50000 + number), "number": f"T-{number}", "finance_id": finance_id}
            for number, finance_id in ids.items()
        ]
        connection.execute(sa.text(f"INSERT INTO {SCHEMA}.documents ({', '.join(wanted)}) {copied}"), values)


def test_of_a_thousand_open_invoices_ten_paid_ones_cost_one_question_and_ten_reports(world: World) -> None:
    booked(world, 1000)
    assert world.run_payments() == {}
    assert list(world.found().values()) == [Finding.OPEN] * 1000
    later(world)
    paid = range(5, 1000, 100)
    for number in paid:
        world.sandbox.xero.bookkeeper.pay(f"T-{number}", on=ON)
    world.sandbox.traffic.reset()
    assert list(world.run_payments()) == [str(50000 + number) for number in paid]
    assert [entry.method for entry in world.calls("xero")] == ["GET"]
    assert [entry.method for entry in world.calls("qondor")] == ["PUT"] * 10
    told = [row["id"] - 50000 for row in world.sandbox.qondor.payments.rows() if row["statusText"] == "Paid"]
    assert told == list(paid)
    assert world.calls("ixpole") == world.calls("quiddly") == []


def test_more_than_a_thousand_changes_take_a_second_page(world: World) -> None:
    booked(world, 1001)
    world.sandbox.traffic.reset()
    assert world.run_payments() == {}
    assert [entry.method for entry in world.calls("xero")] == ["GET", "GET"]
    assert len(world.found()) == 1001
    assert world.calls("qondor") == []


def test_the_net_under_a_thousand_open_invoices_takes_forty_at_a_time(world: World) -> None:
    booked(world, 1000)
    world.poll()
    later(world)
    world.sandbox.clock.advance(25 * 3600)
    world.sandbox.traffic.reset()
    world.poll()
    # One poll of what changed, and all that are open by their ids.
    assert len([entry for entry in world.calls("xero") if entry.status == 200]) == 1 + 1000 / 40
    assert set(world.found().values()) == {Finding.OPEN}


def later(world: World) -> None:
    """Nothing was changed lately."""
    for row in world.sandbox.xero.invoices.rows():
        world.sandbox.xero.invoices.change(row["InvoiceID"], UpdatedDateUTC="2026-11-01T00:00:00")
