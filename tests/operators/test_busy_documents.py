"""What Airflow shows of documents that another run is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.operators.airflow_run import Run
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import Claim
    from tests.world import World

LEFT = "document is worked on by another run"


def add(world: World, *numbers: int) -> None:
    for number in numbers:
        world.sandbox.qondor.add(payment(number))


def in_other_hands(world: World, number: int) -> Claim:
    claim = world.ledger.claim(world.ref(50000 + number), route=world.route.route, claimant="another run")
    assert claim is not None
    return claim


def transfer_summary(run: Run) -> str | None:
    return run.summary()


def daily_summary(run: Run) -> str | None:
    run.poll()
    return run.daily_summary()


@pytest.mark.parametrize("summary", [transfer_summary, daily_summary])
def test_a_document_that_another_run_is_at_is_left_and_fails_nothing(
    world: World, summary: Callable[[Run], str | None]
) -> None:
    add(world, 1, 2)
    run = Run(world.route)
    first, second = run.queue()
    in_other_hands(world, 2)
    assert [run.move(first), run.move(second)] == ["success", "skipped"]
    assert summary(run) is None
    assert [line.split()[0] for line in run.logged if LEFT in line] == ["1"]
    assert not [line for line in run.logged if "Somebody has to look" in line]
    assert [invoice["InvoiceNumber"] for invoice in world.sandbox.xero.invoices.rows()] == ["T-1"]


def test_what_the_other_run_has_moved_by_then_is_counted_as_moved(world: World) -> None:
    add(world, 1, 2)
    run = Run(world.route)
    first, second = run.queue()
    claim = in_other_hands(world, 2)
    assert [run.move(first), run.move(second)] == ["success", "skipped"]
    claim.release()
    world.transfer(50002)
    assert run.summary() is None
    assert not [line for line in run.logged if LEFT in line]
    assert [line.split()[:2] for line in run.logged if line.split()[:1] == ["transferred"]] == [["transferred", "2"]]


@pytest.mark.parametrize("summary", [Run.payment_summary, Run.daily_summary])
def test_a_payment_that_another_run_is_at_is_left_and_fails_nothing(
    world: World, summary: Callable[[Run], str | None]
) -> None:
    add(world, 1, 2)
    world.run()
    for number in ("T-1", "T-2"):
        world.sandbox.xero.bookkeeper.pay(number, on=world.now().date())
    run = Run(world.route)
    first, second = run.poll()
    in_other_hands(world, 2)
    assert [run.tell(first), run.tell(second)] == ["success", "skipped"]
    assert summary(run) is None
    assert [line for line in run.logged if f"1 {LEFT}" in line]
    paid = {row["invoiceNumber"]: row["paidDate"] is not None for row in world.sandbox.qondor.payments.rows()}
    assert paid == {"T-1": True, "T-2": False}
