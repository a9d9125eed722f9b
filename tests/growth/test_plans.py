"""No use of the ledger reads all that was ever finished: the plans of all statements that it makes are looked at.

A new statement is covered as soon as one of these uses makes it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.commands import documents as commands
from invoice_bridge_core.documents import DocumentKind, DocumentRef
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.desk.filters import DocumentFilter, Page, Scope, Sort, View
from invoice_bridge_core.ledger.payments.polls import Poll
from invoice_bridge_core.ledger.sales.candidates import SaleSource
from invoice_bridge_core.payments.findings import kinds_left
from invoice_bridge_core.ports.booking_status import PaymentChanges, ReceivedPayment
from invoice_bridge_core.transfer.followers import held_followers
from tests.growth.grown import analyse
from tests.growth.plans import long_reads, noted, whole_reads
from tests.preflight.looks import look
from tests.reconciliation.closing import close
from tests.sales.shop import Shop
from tests.transfer.ahead.batch_world import waiting
from tests.world import credit_note, line, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

MOST_READ = 1000
"""Rows of one query, where twelve times as many are finished."""

SCOPE = Scope(frozenset({"qondor_xero", "other"}), frozenset({("qondor", "qondor_default")}))


def transfers(world: World) -> None:
    """A queue with new, held and doubtful documents, two runs, and a document that was asked for by its name."""
    invoices = [world.sandbox.qondor.add(payment(number)) for number in range(1, 5)]
    world.sandbox.qondor.add(credit_note(9, invoices[0]))
    world.sandbox.qondor.add(payment(7, items=[line(articleNumber="NOT-MAPPED")]))
    world.run()
    world.run()
    world.select(only=["T-1", "G-1000005"])
    held_followers(world.ledger, world.route, {"50001"})
    world.ledger.routes()


def booked_ahead(world: World) -> None:
    """A run whose documents are booked in one call before their tasks come to them."""
    waiting(world, 3)
    world.run_ahead()


def payments(world: World) -> None:
    """Bookings that were paid, renumbered or voided, polled twice and told."""
    for number in range(1, 4):
        world.sandbox.qondor.add(payment(number))
    world.run()
    world.sandbox.xero.bookkeeper.pay("T-1", on=dt.date(2026, 11, 20))
    world.run_payments()
    world.run_payments(world.now() + dt.timedelta(hours=25))
    route = world.route
    world.ledger.payments.unfinished(
        "qondor",
        "qondor_default",
        "xero_default",
        kinds_left=kinds_left(route),
        told_since=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5),
    )
    world.ledger.payments.gone("qondor", "qondor_default", "xero_default")
    world.ledger.drafts(route.route)


def payments_that_are_added_up(world: World) -> None:
    """Where finance hands out single payments."""
    given = ReceivedPayment("p-1", "G-1000007", Decimal(1), "NOK", dt.date(2026, 11, 1))
    how: dict[str, Any] = {"asked": {}, "payment_numbers": {}, "asked_all": False, "adds_up": True}
    changes = PaymentChanges(payments=(given,), cursor="c")
    world.ledger.payments.keep_poll(Poll(name="sums", finance_conn="xero_default", changes=changes, **how))


def sales(world: World) -> None:
    """Sales that are paid and looked at again, what others booked, and what a run's summary reads."""
    shop = Shop(world)
    shop.bookkeeper.pay("T-1", on=dt.date(2026, 11, 20))
    shop.bookkeeper.changes.entered("H-1", Decimal(500), Reference="P-5501")
    world.run_payments()
    assert len(world.run_sales()) == 2
    shop.bookkeeper.changes.reference("H-1", "a mistake")
    shop.book(3)
    assert len(world.run_sales()) == 2
    whose = SaleSource("qondor", "qondor_default", "xero_default")
    now = dt.datetime.now(dt.UTC)
    known = world.ledger.sales
    for with_payments in (True, False):
        known.documents_to_see(
            whose,
            kinds=list(DocumentKind),
            since=dt.date(2026, 1, 1),
            with_payments=with_payments,
            changed_since=now - dt.timedelta(hours=1),
            limit=50,
        )
    known.open(whose)
    known.unfinished(whose)
    known.unseen(whose, now - dt.timedelta(days=7), now.date() - dt.timedelta(days=10))
    known.another(whose, ["1", "2"])
    known.to_report(whose, told_since=now - dt.timedelta(minutes=5))
    assert known.projects(whose, ["5501", "699", "no such one"]) == {"5501", "699"}


def reconciliation(world: World) -> None:
    """One day."""
    world.sandbox.qondor.add(payment(1))
    world.run()
    close(world)
    today = dt.datetime.now(dt.UTC).date()
    world.ledger.payments.dated("qondor", "qondor_default", today - dt.timedelta(days=3), today)


def notices(world: World) -> None:
    """A round of telling, and whether a late run moves."""
    transfers(world)
    ledger = world.ledger.notices
    view = ledger.view(world.route.route, ["qondor_default", "xero_default"])
    items: dict[str, int | None] = {f"held {one.id}": one.id for one in view.documents}
    ledger.ended(ledger.note(world.route.route, "mail", {"text": "held"}, items))
    ledger.told(world.route.route, "mail")
    ledger.tidy(world.route.route)
    assert ledger.last_moved_at(world.route.route) is not None


def preflight(world: World) -> None:
    """A look at what keeps documents, and the count that rejections are judged by."""
    transfers(world)
    look(world)
    world.ledger.rejections.foreseen(0, world.route.route, 0)
    world.ledger.rejections.foreseen(0, "new", 0)
    world.ledger.rejections.freed_by_booking(world.route.route)


def found_by_name(world: World) -> None:
    """The commands for people."""
    for name in ("g-1000005", "1000005", "qondor:qondor_default:1000005"):
        commands.show(world.ledger, name)
    with commands.find(world.ledger, states=["held"], route="qondor_xero", limit=10) as found:
        list(found.as_text())


def desk(world: World) -> None:
    """The page of what is open, with each of its filters, one document, and a run's documents of any state."""
    transfers(world)
    ledger, now = world.ledger.desk, dt.datetime.now(dt.UTC)
    run = "invoice_transfer__qondor_xero/scheduled__2026-11-29T02"
    yesterday = now.date() - dt.timedelta(days=1)
    for wanted in (
        DocumentFilter(),
        DocumentFilter(states=(DocumentState.HELD, DocumentState.IN_DOUBT)),
        DocumentFilter(route="other", office="4"),
        DocumentFilter(kind=DocumentKind.CREDIT_NOTE, words=("kongress", "g-10")),
        DocumentFilter(since=yesterday, until=now.date()),
        DocumentFilter(begun_before=now - dt.timedelta(days=2)),
        DocumentFilter(run=run),
        DocumentFilter(run=run, view=View.ALL),
        DocumentFilter(view=View.ASIDE),
        DocumentFilter(ids=frozenset({1, 2, 3}), view=View.ALL),
        DocumentFilter(ref=DocumentRef(system="qondor", conn_id="qondor_default", source_id="1000005"), view=View.ALL),
    ):
        for sort in Sort:
            ledger.page(SCOPE, wanted, Page(sort=sort), now)
    ledger.offices(SCOPE)
    ledger.opened_and_closed(SCOPE, now - dt.timedelta(hours=12))
    [row] = world.ledger.find("T-7")
    ledger.last_actors([row.id])
    ledger.document(row.id)
    ledger.changed_in_finance(SCOPE)
    ledger.changes_of(row)
    world.ledger.history(row)
    world.ledger.steps(row)
    world.ledger.payments.status(row.ref)


@pytest.mark.parametrize(
    "use",
    [
        transfers,
        booked_ahead,
        payments,
        payments_that_are_added_up,
        reconciliation,
        notices,
        preflight,
        found_by_name,
        desk,
    ],
    ids=lambda use: use.__name__,
)
def test_no_use_of_the_ledger_reads_all_that_is_finished(
    world: World, use: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at_plans(world, use, monkeypatch)


def test_no_poll_of_sales_reads_all_that_was_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(world)
    shop.change_route(
        enabled=True, others={"project_in": "reference", "pattern": r"P-\d+", "projects": {"P-5501": "5501"}}
    )
    shop.book(1, 2)
    # The first poll compares all, and so does one a day.
    world.run_sales()
    look_at_plans(world, sales, monkeypatch)


def look_at_plans(world: World, use: Callable[[World], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail for what one use reads from end to end."""
    # What a test does to let time go by is no use of the ledger.
    monkeypatch.setattr(type(world), "let_arrive", lambda _: None)
    with noted() as statements:
        use(world)
    assert statements
    analyse(world.ledger)
    found = [*whole_reads(world.ledger, statements), *long_reads(world.ledger, statements, MOST_READ)]
    assert not found, "\n".join(map(str, found))
