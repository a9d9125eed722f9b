"""Whatever dies, gets lost or is refused at any call or commit of a sales run: each document is one sale, and agrees.

One sale has to be made and one to be updated. Each case goes back to that moment, breaks one boundary of the run that
is due, and lets fresh processes carry on.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.errors import BridgeError
from tests.chaos.boundary import CALL, COMMIT, STAGE
from tests.payments.snapshot import Snapshot, leases_run_out, new_process, pauses_run_out
from tests.payments.test_crashes import Breaking, Crash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.boundary import Boundary
    from tests.sales.shop import Shop

pytestmark = pytest.mark.slow

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "close", "when": "before"},
    {"kind": "close", "when": "after"},
    {"kind": "error", "when": "before"},
    {"kind": "error", "when": "after"},
    {"kind": "refuse", "when": "before"},
    {"kind": "unauthorised", "when": "before"},
    {"kind": "html", "when": "after"},
    {"kind": "empty", "when": "after"},
    {"kind": "half_json", "when": "after"},
    {"kind": "cut_short", "when": "after"},
    {"kind": "wrong_type", "when": "after"},
    {"kind": "too_many_requests", "when": "before", "retry_after": 3000},
    {"kind": "unavailable", "when": "before", "retry_after": 3000},
)


@pytest.fixture
def due(both: Shop) -> Iterator[tuple[Shop, Snapshot]]:
    """The first is shown and paid since; the second was never shown."""
    both.book(1)
    both.sync()
    both.book(2)
    both.bookkeeper.pay(both.name_of(1))
    both.world.run_payments()
    with STAGE.installed():
        yield both, Snapshot(both.world)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_process_that_dies_at_any_call_or_commit(due: tuple[Shop, Snapshot]) -> None:
    shop, snapshot = due
    wrong = []
    boundaries = boundaries_of(shop, snapshot)
    for at, boundary in enumerate(boundaries):
        if boundary.kind not in (CALL, COMMIT):
            continue
        snapshot.restore()
        with STAGE.under(Breaking(at, dies=True)), pytest.raises(Crash):
            run(shop)
        new_process(shop.world)
        wrong += [f"after {boundary}: {text}" for text in carried_on(shop, lost=0)]
    # The dead leave sockets open.
    gc.collect()
    assert wrong == []
    assert sum(boundary.is_write for boundary in boundaries) == 2
    assert sum(boundary.kind == COMMIT for boundary in boundaries) >= 7


def test_an_answer_that_is_lost_garbled_or_a_refusal_at_any_call(due: tuple[Shop, Snapshot]) -> None:
    shop, snapshot = due
    wrong = []
    for at, boundary in enumerate(boundaries_of(shop, snapshot)):
        # Into Quiddly nothing differs but the poll.
        faults = FAULTS if shop.into_xero else FAULTS[:5]
        for fault in faults if boundary.kind == CALL and "token" not in boundary.path else ():
            snapshot.restore()
            plan = Breaking(at, fault=fault)
            plan.sandbox = shop.sandbox
            with STAGE.under(plan):
                run(shop)
                shop.sandbox.faults.clear()
                pauses_run_out(shop.world)
                found = list(carried_on(shop, lost=1))
            wrong += [f"{fault} at {boundary}: {text}" for text in found]
    assert wrong == []


def boundaries_of(shop: Shop, snapshot: Snapshot) -> list[Boundary]:
    """All that a sales run does when nothing breaks."""
    snapshot.restore()
    plan = Breaking()
    with STAGE.under(plan):
        run(shop)
    assert shop.wrong() == []
    return plan.met


def run(shop: Shop, later: int = 0) -> None:
    """A sales run whose tasks no later run's tasks take for their own."""
    import datetime as dt

    try:
        shop.world.run_sales(shop.world.now() + dt.timedelta(days=later))
    except BridgeError:
        return


def carried_on(shop: Shop, *, lost: int) -> Iterator[str]:
    """What is wrong after the next runs: one at once, one when nothing can arrive any longer, and two more."""
    run(shop)
    leases_run_out(shop.world)
    shop.world.let_arrive()
    run(shop)
    # What was refused is tried again a day later.
    run(shop, later=2)
    before = len(shop.writes())
    run(shop, later=2)
    if len(shop.writes()) > before:
        yield f"the last run still wrote: {shop.writes()[before:]}"
    yield from shop.wrong()
    for number in (1, 2):
        bodies = [body for _, body in shop.writes() if body["invoiceNumber"] == shop.name_of(number)]
        if len(bodies) > 1 + lost:
            yield f"{number} was sent {len(bodies)} times"
    for sale in shop.rows():
        if sale.intent is not None or sale.lease_owner is not None or sale.has_news or sale.reason is not None:
            yield f"the ledger is left with {sale}"


@pytest.mark.parametrize("arrives", [True, False])
def test_what_was_sent_without_an_answer_is_looked_for_when_it_can_no_longer_arrive(xero: Shop, arrives: bool) -> None:
    xero.book(1)
    xero.sandbox.fault("close", system="qondor", method="POST", path="*/Sale", when="after" if arrives else "before")
    assert xero.sync() == {"T-1": "OutcomeUnknownError"}
    xero.sandbox.faults.clear()
    # What is there is known at once; what is not may still be on its way.
    assert xero.sync() == {"T-1": "already shown" if arrives else "TransientError"}
    xero.world.let_arrive()
    assert xero.sync() == ({} if arrives else {"T-1": "shown"})
    assert [method for method, _ in xero.writes()] == ["POST"] * (1 if arrives else 2)
    assert xero.wrong() == []


def test_an_update_that_may_arrive_late_is_waited_for_before_another_is_sent(xero: Shop) -> None:
    """Else the older one could undo the newer one, and nobody would know."""
    xero.book(1)
    xero.sync()
    xero.bookkeeper.pay("T-1")
    xero.sandbox.fault("close", system="qondor", method="PUT", path="*/Sale", when="before", count=1)
    assert xero.sync() == {"T-1": "OutcomeUnknownError"}
    xero.bookkeeper.unpay("T-1")
    assert xero.sync() == {"T-1": "TransientError"}
    xero.world.let_arrive()
    assert xero.sync() == {"T-1": "already shown"}
    assert xero.wrong() == []


def test_two_runs_at_once_make_one_sale(xero: Shop) -> None:
    xero.book(1)
    finance_id = xero.world.booking(50001).finance_id
    xero.world.sales_poll()
    from invoice_bridge_core.ledger.sales.row import SaleKey

    key = SaleKey("qondor_default", "xero_default", finance_id)
    claim = xero.world.ledger.sales.claim(key, claimant="another run")
    assert claim is not None
    assert str(xero.world.show_sale(finance_id).outcome) == "busy"
    claim.release()
    assert str(xero.world.show_sale(finance_id).outcome) == "shown"
    assert str(xero.world.show_sale(finance_id).outcome) == "already shown"
    assert len(xero.writes()) == 1


def test_a_task_that_is_cleared_sends_nothing_again(both: Shop) -> None:
    both.book(1)
    both.sync()
    both.sandbox.traffic.reset()
    assert str(both.world.show_sale(both.world.booking(50001).finance_id).outcome) == "already shown"
    assert both.writes() == []


def test_a_ledger_that_was_lost_finds_its_sales_again(xero: Shop) -> None:
    import sqlalchemy as sa

    xero.book(1)
    xero.sync()
    with xero.world.ledger.transaction() as connection:
        connection.execute(sa.text("DELETE FROM invoice_bridge.sales"))
    xero.sandbox.traffic.reset()
    assert xero.sync() == {"T-1": "already shown"}
    assert xero.writes() == []


def test_a_refusal_holds_and_is_tried_again_when_finance_has_news_or_a_day_later(xero: Shop) -> None:
    xero.book(1)
    xero.sandbox.qondor.sales.closed_projects.add(5501)
    assert xero.sync() == {"T-1": "held"}
    [sale] = xero.rows()
    assert sale.reason is not None
    assert "There is no open project with the id 5501" in sale.reason
    assert xero.sync() == {}
    xero.bookkeeper.pay("T-1")
    assert xero.sync() == {"T-1": "held"}
    xero.sandbox.qondor.sales.closed_projects.clear()
    import datetime as dt

    ends = xero.world.run_sales(xero.world.now() + dt.timedelta(hours=25))
    assert [str(end.outcome) for end in ends.values()] == ["shown"]
    assert xero.wrong() == []


def test_two_sales_under_our_reference_are_shown_to_a_person(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    double = xero.sandbox.qondor.sales.put({**xero.sale(1), "id": 77})
    xero.bookkeeper.pay("T-1")
    xero.sandbox.traffic.reset()
    assert xero.sync() == {"T-1": "held"}
    assert xero.writes() == []
    [sale] = xero.rows()
    assert sale.reason is not None
    assert "has 2 sales under our reference" in sale.reason
    assert "sale 50001 of project 5501, T-1" in sale.reason
    assert "sale 77 of project 5501, T-1" in sale.reason
    del double


def test_a_sale_that_somebody_deleted_is_made_anew_when_finance_has_news(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    xero.sandbox.qondor.sales.clear()
    assert xero.sync() == {}
    xero.bookkeeper.pay("T-1")
    assert xero.sync() == {"T-1": "shown"}
    assert xero.wrong() == []


def test_a_sale_that_somebody_changed_stays_until_finance_has_news(xero: Shop) -> None:
    xero.book(1)
    xero.sync()
    xero.sandbox.qondor.sales.put({**xero.sale(1), "description": "mine", "amountInclVat": 1})
    assert xero.sync() == {}
    xero.bookkeeper.pay("T-1")
    xero.sync()
    assert xero.wrong() == []


def test_a_wrong_sale_path_is_named_and_sends_nothing(xero: Shop) -> None:
    xero.book(1)
    content = xero.world.route.model_dump(mode="json")
    content["source"]["sale_path"] = "/Sales/v9/Sale"
    xero.world.route = type(xero.world.route).model_validate(content)
    assert xero.sync() == {"T-1": "ConfigurationError"}
    [sale] = xero.rows()
    assert (sale.intent, sale.lease_owner) == (None, None)
