"""The reconciliation where a side can be asked less: iXpole shows no reported documents, Quiddly lists no days."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.reconciliation.kinds import Severity
from tests.reconciliation.closing import close, said
from tests.systems.ixpole.instalments import customer, instalment, product
from tests.systems.quiddly.bodies import quiddly_route
from tests.transfer.ixpole.ixpole_world import FIRST, ixpole_route
from tests.transfer.quiddly_world import swedish
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

MONTH = (dt.date(2026, 11, 1), dt.date(2026, 12, 1))


@pytest.fixture
def ixpole(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    sandbox.ixpole.add_customer(customer())
    sandbox.ixpole.add_product(product())
    world = World(sandbox, ledger_url, ixpole_route())
    yield world
    world.close()


@pytest.fixture
def quiddly(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    world = World(sandbox, ledger_url, quiddly_route())
    yield world
    world.close()


def test_an_instalment_that_is_not_shown_any_more_is_no_difference(ixpole: World) -> None:
    ixpole.sandbox.ixpole.add(instalment())
    ixpole.run()
    ixpole.sandbox.traffic.reset()
    [row] = close(ixpole, *MONTH)
    assert (row.source, row.severity) == ("not shown", Severity.NONE)
    assert ixpole.sandbox.calls()["ixpole"]["reads"] == 1


def test_an_instalment_that_was_withdrawn_before_it_was_booked_is_one(ixpole: World) -> None:
    ixpole.sandbox.ixpole.add(instalment(1))
    ixpole.select()
    ixpole.sandbox.ixpole.rules.remove("club", FIRST)
    [row] = close(ixpole, *MONTH)
    assert row.contradictions == ("missing in source",)
    assert "no longer offers it" in row.differences[0].text


def test_a_paid_instalment_is_told_by_the_payment_run(ixpole: World) -> None:
    ixpole.sandbox.ixpole.add(instalment(1))
    ixpole.run()
    ixpole.sandbox.xero.bookkeeper.pay(f"IX-{FIRST}")
    [row] = close(ixpole, *MONTH)
    assert (row.severity, "iXpole was not told" in row.differences[0].text) == (Severity.PASSING, True)
    ixpole.run_payments()
    [row] = close(ixpole, *MONTH)
    assert (row.source, row.severity) == ("paid", Severity.NONE)


def test_quiddly_is_asked_for_each_booking(quiddly: World) -> None:
    for number in (1, 2):
        quiddly.sandbox.qondor.add(swedish(number))
    quiddly.run()
    quiddly.sandbox.traffic.reset()
    rows = close(quiddly)
    assert [row.severity for row in rows] == [Severity.NONE, Severity.NONE]
    assert quiddly.sandbox.calls()["quiddly"]["reads"] == 2


def test_payments_of_quiddly_are_those_that_it_handed_out(quiddly: World) -> None:
    quiddly.sandbox.qondor.add(swedish(1))
    quiddly.run()
    [number] = [booked.number for booked in quiddly.sandbox.quiddly.bookkeeper.documents()]
    quiddly.sandbox.quiddly.bookkeeper.pay(number)
    quiddly.run_payments()
    [row] = close(quiddly)
    assert (row.source, row.severity) == ("paid", Severity.NONE)


def test_what_quiddly_has_lost_is_missing(quiddly: World) -> None:
    for number in (1, 2):
        quiddly.sandbox.qondor.add(swedish(number))
    quiddly.run()
    invoices = quiddly.sandbox.quiddly.invoices
    invoices.remove(invoices.rows()[0][invoices.key])
    found = said(quiddly)
    assert sorted(found.values()) == [[], ["missing in finance"]]


def test_where_quiddly_cannot_be_asked_nothing_is_missing(quiddly: World) -> None:
    quiddly.sandbox.qondor.add(swedish(1))
    quiddly.run()
    quiddly.route = quiddly_route(invoice_path=None)
    [row] = close(quiddly)
    assert (row.finance, row.severity) == ("not asked", Severity.NONE)
