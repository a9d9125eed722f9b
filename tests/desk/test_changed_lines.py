"""Lines that a bookkeeper changes after the transfer: seen by the polls that are made anyway, with both values."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.ledger.desk.changes_claim import FinanceChangesClaim
from invoice_bridge_core.ledger.desk.filters import Scope
from invoice_bridge_core.ledger.desk.line_changes import comparable, differing
from invoice_bridge_core.ports.booking_status import BookingLine
from tests.desk.clerk import Clerk
from tests.desk.test_changed_in_finance import found, notes
from tests.payments.test_scale import booked as booked_many
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World

HALL: dict[str, Any] = {"Description": "Conference hall, evening"}
ALL = Scope(routes=frozenset({"qondor_xero"}))


@pytest.fixture
def booked(world: World) -> World:
    """Payment 1 with one line, transferred, and looked at once by a payment run."""
    world.sandbox.qondor.add(payment(1))
    world.run()
    world.run_payments()
    world.sandbox.traffic.reset()
    return world


def in_xero(world: World) -> dict[str, Any]:
    [row] = [row for row in world.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == "T-1"]
    return row


def change(world: World, at: int = 0, **fields: Any) -> None:
    """Somebody changes fields of one line; the next poll looks."""
    world.sandbox.xero.bookkeeper.changes.line("T-1", at, **fields)
    world.poll()


def agree(world: World) -> None:
    claim = world.ledger.claim(world.ref(50001), route="qondor_xero", claimant="desk/Kari")
    assert claim is not None
    FinanceChangesClaim(claim).agreed("Kari", "so it was ordered")


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        (HALL, "Conference hall, evening · 1 × 8 000.00 · account {account}"),
        ({"AccountCode": "4711"}, "{text} · 1 × 8 000.00 · account 4711"),
        ({"Quantity": Decimal(2), "UnitAmount": Decimal(4000)}, "{text} · 2 × 4 000.00 · account {account}"),
        ({"ItemCode": "HALL"}, "{text} · 1 × 8 000.00 · account {account} · item HALL"),
    ],
    ids=["text", "account", "quantity", "item"],
)
def test_a_changed_line_is_listed_with_both_values(booked: World, fields: dict[str, Any], held: str) -> None:
    [before] = in_xero(booked)["LineItems"]
    names = {"text": before["Description"], "account": before["AccountCode"]}
    sent, now = "{text} · 1 × 8 000.00 · account {account}".format(**names), held.format(**names)
    change(booked, **fields)
    assert found(booked) == {"Lines": (sent, now)}
    assert notes(booked) == [f"changed in finance: lines are {now}, sent were {sent}"]
    # The poll that is made anyway: one call that reads.
    assert [each.method for each in booked.calls("xero")] == ["GET"]
    booked.poll()
    assert len(notes(booked)) == 1


def test_what_is_paid_or_moved_about_is_no_changed_line(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.pay("T-1", Decimal(4000), on=dt.date(2026, 11, 20))
    change(booked, TaxAmount=Decimal("0.01"), LineItemID=str(uuid.uuid4()), Quantity=Decimal("1.000"))
    assert (found(booked), notes(booked)) == ({}, [])


def test_lines_that_are_changed_back_are_over(booked: World) -> None:
    [before] = in_xero(booked)["LineItems"]
    change(booked, **HALL)
    change(booked, **before)
    assert found(booked) == {}
    assert notes(booked)[-1] == "finance agrees again: lines"


def test_what_a_person_agrees_to_is_what_others_are_compared_to(booked: World) -> None:
    [before] = in_xero(booked)["LineItems"]
    change(booked, **HALL)
    agree(booked)
    booked.poll()
    assert found(booked) == {}
    change(booked, **before)
    assert [held.split(" · ")[0] for _, held in found(booked).values()] == [before["Description"]]
    change(booked, **HALL)
    assert found(booked) == {}


def test_a_person_says_that_lines_are_put_right_and_finance_is_asked(booked: World) -> None:
    [before] = in_xero(booked)["LineItems"]
    anna = Clerk(booked)
    change(booked, **HALL)
    assert "lines are Conference hall, evening" in anna.may_not("mended", booked.row(50001))
    booked.sandbox.xero.bookkeeper.changes.line("T-1", **before)
    assert "as it was sent" in anna.did("mended", booked.row(50001))


def test_a_document_that_is_booked_anew_begins_anew(booked: World) -> None:
    change(booked, **HALL)
    other = str(uuid.uuid4())
    # Another booking takes the place of the first one.
    old = in_xero(booked)
    booked.sandbox.xero.invoices.put({**old, "InvoiceID": other, "UpdatedDateUTC": booked.now().isoformat()})
    with booked.ledger.transaction() as connection:
        connection.execute(
            sa.text("UPDATE invoice_bridge.documents SET finance_id = :other WHERE source_id = '50001'"),
            {"other": other},
        )
    booked.poll()
    assert found(booked) == {}
    booked.sandbox.xero.bookkeeper.changes.line(other, Description="Lunch")
    booked.poll()
    assert [(sent.split(" · ")[0], held.split(" · ")[0]) for sent, held in found(booked).values()] == [
        (HALL["Description"], "Lunch")
    ]


def test_a_list_in_short_says_nothing_of_lines(booked: World) -> None:
    change(booked, **HALL)
    booking = booked.booking(50001)
    statuses = booked.session().finance.statuses
    assert statuses is not None
    status = statuses.by_id([booking.finance_id])[booking.finance_id]
    in_short = {booking.finance_id: status.model_copy(update={"lines": None})}
    booked.ledger.desk.note_statuses("xero_default", in_short, actor="sales")
    assert list(found(booked)) == ["Lines"]


def test_many_lines_are_kept_and_compared_in_few_statements(world: World) -> None:
    booked_many(world, 300)
    with statements() as first:
        world.poll()
    with world.ledger.transaction() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM invoice_bridge.finance_lines"))
    assert count == 300
    for number in range(1, 301):
        world.sandbox.xero.bookkeeper.changes.line(f"T-{number}", **HALL)
    world.sandbox.traffic.reset()
    with statements() as second:
        world.poll()
    assert len(world.calls("xero")) == 1
    assert len({one.row.id for one in world.ledger.desk.changed_in_finance(ALL)}) == 300
    assert (len(first), len(second)) == (3, 4)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Each time that a statement reads or writes what was changed in finance."""
    made: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, _parameters: Any, *_: Any) -> None:
        if "invoice_bridge.finance_" in statement:
            made.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_only_what_differs_is_shown_and_the_rest_is_counted() -> None:
    same = BookingLine(description="Lunch", quantity=Decimal(2), price=Decimal("150.00"), total=Decimal(300))
    many = [same.model_copy(update={"description": f"Day {number}"}) for number in range(7)]
    sent, held = differing(comparable([same]), comparable([*many, same])) or ("", "")
    assert sent == "none"
    assert held.splitlines() == [*(f"Day {number} · 2 × 150.00" for number in range(5)), "2 more"]
    cheaper = same.model_copy(update={"total": Decimal(270)})
    assert differing(comparable([same]), comparable([cheaper])) == ("Lunch · 2 × 150.00", "Lunch · 2 × 150.00 = 270.00")
    assert differing(comparable([same, many[0]]), comparable([many[0], same])) is None


def test_of_a_long_text_that_part_is_shown_which_differs() -> None:
    long = [BookingLine(description=f"{'word ' * 60}{end}") for end in ("Oslo", "Bergen")]
    sent, held = differing(comparable(long[:1]), comparable(long[1:])) or ("", "")
    assert sent.endswith("word Oslo")
    assert held.endswith("word Bergen")
    assert len(held) <= 90
