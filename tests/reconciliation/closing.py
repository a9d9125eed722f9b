"""What the tests of the reconciliation do with a world: transfer, close days, tamper with one side."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.reconciliation.reading import ThreeSides
from invoice_bridge_core.reconciliation.rows import reconcile
from invoice_bridge_core.transfer.followers import held_followers

if TYPE_CHECKING:
    from invoice_bridge_core.reconciliation.rows import ReconciledDocument
    from tests.world import World

DAY = dt.date(2026, 11, 2)
NEXT = DAY + dt.timedelta(days=1)


def close(world: World, since: dt.date = DAY, until: dt.date = NEXT) -> list[ReconciledDocument]:
    """The rows of some days; each run opens its systems anew."""
    world.new_run()
    sides = ThreeSides(world.session())
    return reconcile(sides.read(since, until), sides.systems)


def said(world: World, since: dt.date = DAY, until: dt.date = NEXT) -> dict[str, list[str]]:
    """Number → the kinds of all differences."""
    return {row.number: [str(one.kind) for one in row.differences] for row in close(world, since, until)}


def close_day(world: World, day: dt.date) -> None:
    """What a run of the daily DAG moves: the day's invoices, then its credit notes and those that follow it."""
    selection = world.select(window=Window(day, day + dt.timedelta(days=1)))
    for facts in selection.invoices:
        world.transfer(facts.ref.source_id)
    moved = {facts.ref.source_id for facts in selection.invoices}
    followers = held_followers(world.ledger, world.route, moved)
    for facts in {facts.ref.source_id: facts for facts in [*selection.credit_notes, *followers]}.values():
        world.transfer(facts.ref.source_id)


def totals(rows: list[ReconciledDocument]) -> Counter[tuple[str, str]]:
    """Outcome and currency → documents."""
    return Counter((row.outcome, row.currency) for row in rows if row.is_counted)


def sums(rows: list[ReconciledDocument]) -> dict[tuple[str, str], Decimal]:
    """Outcome and currency → sum."""
    found: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        if row.is_counted:
            key = (row.outcome, row.currency)
            found[key] = found.get(key, Decimal(0)) + (row.total or Decimal(0))
    return found


def in_qondor(world: World, number: int, **changes: Any) -> None:
    """Somebody changes a payment in Qondor, whatever its rules say."""
    payments = world.sandbox.qondor.payments
    payments.put({**payments[str(50000 + number)], **changes})


def in_xero(world: World, number: str, **changes: Any) -> None:
    """Somebody changes an invoice in Xero, whatever its rules say."""
    invoices = world.sandbox.xero.invoices
    [row] = [row for row in invoices.rows() if row["InvoiceNumber"] == number]
    invoices.put({**row, **changes})
