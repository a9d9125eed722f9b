"""What keeps documents on each of the four routes, played: set back and gone, no e-mail address, no account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.preflight.causes import Cause
from invoice_bridge_core.preflight.findings import Severity
from tests.payments.backflow import IXPOLE_QUIDDLY, QONDOR_QUIDDLY, ROUTES, backflow
from tests.preflight.looks import dump, look, of
from tests.set_back.people import People
from tests.transfer.quiddly_world import change, swedish
from tests.world import customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox
    from tests.world import World


@pytest.fixture(params=ROUTES)
def people(request: pytest.FixtureRequest, sandbox: Sandbox, ledger_url: str) -> Iterator[People]:
    """Each of the four routes."""
    back = backflow(sandbox, ledger_url, request.param)
    yield People(back)
    back.world.close()


def test_a_booking_that_is_gone_keeps_what_its_source_offers_again(people: People) -> None:
    people.back.book(1)
    assert not look(people.world).keeps_any
    people.set_back()
    people.void()
    assert people.outcome()[0] == "held"
    before, traffic = dump(people.world), people.world.sandbox.traffic
    traffic.reset()
    report = look(people.world)
    [finding] = of(report, Cause.BOOKING)
    assert (finding.documents, finding.severity, report.documents) == (1, Severity.HOLDS, 1)
    assert "say what is so" in finding.what_to_do
    assert dump(people.world) == before
    if people.back.into_xero:
        finance = people.world.route.finance.model_copy(update={"number_prefix": "N-"})
        people.world.route = people.world.route.model_copy(update={"finance": finance})
    people.says_not_booked()
    assert people.outcome()[0] == "transferred"
    assert not look(people.world).keeps_any


def test_what_was_set_back_and_is_still_booked_keeps_nothing(people: People) -> None:
    people.back.book(1)
    people.set_back()
    report = look(people.world)
    assert [one for one in report.findings if one.severity is not Severity.NOTE] == []
    assert people.outcome()[0] == "transferred"


@pytest.fixture
def quiddly(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    """From Qondor into Quiddly, which sends its invoices by e-mail."""
    back = backflow(sandbox, ledger_url, QONDOR_QUIDDLY)
    change(back.world, distribution_code="EMAIL")
    yield back.world
    back.world.close()


def test_a_customer_without_an_address_is_named_before_and_after_a_run(quiddly: World) -> None:
    silent = customer(907, invoiceEmail=None)
    for number, buyer in ((1, silent), (2, silent), (3, customer(908))):
        quiddly.sandbox.qondor.add(swedish(number, customer=buyer))
    [foreseen] = of(look(quiddly), Cause.EMAIL)
    assert (foreseen.documents, foreseen.listed) == (2, 0)
    quiddly.run()
    [finding] = of(look(quiddly), Cause.EMAIL)
    assert (finding.documents, finding.listed) == (2, 2)
    assert finding.text.startswith("1 customer has no e-mail address that can be used (customer 'Nordlys Møter 907 AS'")
    assert {quiddly.row(50000 + number).state for number in (1, 2)} == {DocumentState.HELD}
    for number in (1, 2):
        quiddly.sandbox.qondor.payments.change(50000 + number, customer=customer(907))
    change(quiddly, distribution_code="LETTER")
    quiddly.run()
    assert not look(quiddly).keeps_any


def test_a_currency_without_a_rate_is_named_on_a_quiddly_route(quiddly: World) -> None:
    quiddly.sandbox.qondor.add(swedish(1, currency="CHF", currencyCode=756))
    quiddly.run()
    [finding] = of(look(quiddly), Cause.CURRENCY)
    assert finding.documents == 1
    assert "CHF" in finding.text


def test_an_instalment_with_a_rate_that_finance_lacks_is_named(sandbox: Sandbox, ledger_url: str) -> None:
    from sandbox.ixpole.tenants import ARENA
    from tests.systems.ixpole.instalments import instalment, line

    back = backflow(sandbox, ledger_url, IXPOLE_QUIDDLY)
    amounts = {"VatRate": 15, "VatAmount": 90, "AmountInclVat": 690}
    sandbox.ixpole.add(instalment(7, Lines=[line(**amounts)], VatAmount=90, AmountInclVat=690), ARENA)
    back.world.run()
    [finding] = of(look(back.world), Cause.TAX)
    assert (finding.documents, finding.severity) == (1, Severity.HOLDS)
    assert "15" in finding.text
    back.world.close()
