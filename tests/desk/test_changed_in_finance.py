"""What a bookkeeper changes after a document was transferred: seen by the polls, kept with both values, left alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.ledger.desk.changes_claim import FinanceChangesClaim
from invoice_bridge_core.ledger.desk.filters import Scope
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

ALL = Scope(routes=frozenset({"qondor_xero"}))


@pytest.fixture
def booked(world: World) -> World:
    """Payment 1, transferred, and looked at once by a payment run."""
    world.sandbox.qondor.add(payment(1))
    world.run()
    world.run_payments()
    world.sandbox.traffic.reset()
    return world


def found(world: World) -> dict[str, tuple[str, str]]:
    """Field → what was sent, what finance holds."""
    return {
        change.field: (change.sent, change.held)
        for document in world.ledger.desk.changed_in_finance(ALL)
        for change in document.changes
    }


def notes(world: World) -> list[str]:
    told = (change.note for change in world.ledger.history(world.row(50001)))
    return [note for note in told if "finance" in note and ("changed" in note or "agree" in note)]


def test_nothing_is_changed_where_nobody_changed_anything(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.pay("T-1", on=dt.date(2026, 11, 20))
    booked.run_payments()
    booked.run_payments()
    assert (found(booked), notes(booked)) == ({}, [])


@pytest.mark.parametrize(
    ("field", "change", "values"),
    [
        ("Total", lambda keeper: keeper.changes.total("T-1", Decimal(9000)), ("10 000.00", "9 000.00")),
        ("Currency", lambda keeper: keeper.changes.currency("T-1", "EUR"), ("NOK", "EUR")),
        ("Date", lambda keeper: keeper.changes.dated("T-1", dt.date(2026, 11, 9)), ("2026-11-02", "2026-11-09")),
        ("Status", lambda keeper: keeper.void("T-1"), ("AUTHORISED", "VOIDED")),
    ],
)
def test_each_change_is_listed_with_both_values(
    booked: World, field: str, change: Callable[[Any], object], values: tuple[str, str]
) -> None:
    before = booked.booking(50001)
    change(booked.sandbox.xero.bookkeeper)
    booked.poll()
    assert found(booked) == {field: values}
    assert notes(booked) == [f"changed in finance: {field.lower()} is {values[1]}, sent was {values[0]}"]
    assert booked.booking(50001) == before
    # The poll that is made anyway has seen it: one call that reads.
    assert [each.method for each in booked.calls("xero")] == ["GET"]
    booked.poll()
    assert len(notes(booked)) == 1


def test_what_was_voided_stands_once_in_the_history(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.void("T-1")
    booked.run_payments()
    booked.run_payments()
    told = [change.note for change in booked.ledger.history(booked.row(50001)) if "void" in change.note.casefold()]
    assert told == ["changed in finance: status is VOIDED, sent was AUTHORISED"]


def test_what_is_put_right_in_finance_is_over(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.changes.total("T-1", Decimal(9000))
    booked.poll()
    booked.sandbox.xero.bookkeeper.changes.total("T-1", Decimal(10000))
    booked.poll()
    assert found(booked) == {}
    assert notes(booked)[-1] == "finance agrees again: total"


def test_what_a_person_agrees_to_is_news_no_more_and_another_value_is(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.changes.total("T-1", Decimal(9000))
    booked.poll()
    claim = booked.ledger.claim(booked.ref(50001), route="qondor_xero", claimant="desk/Kari")
    assert claim is not None
    FinanceChangesClaim(claim).agreed("Kari", "a discount on the phone")
    assert found(booked) == {}
    assert "Kari agrees to what was changed in finance: a discount on the phone" in notes(booked)
    booked.sandbox.xero.bookkeeper.changes.due("T-1", dt.date(2026, 12, 24))
    booked.poll()
    assert found(booked) == {}
    booked.sandbox.xero.bookkeeper.changes.total("T-1", Decimal(8000))
    booked.poll()
    assert found(booked) == {"Total": ("10 000.00", "8 000.00")}


def test_a_number_that_the_package_follows_is_no_change_that_stays(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.renumber("T-1", "T-1000")
    booked.run_payments()
    booked.run_payments()
    assert booked.booking(50001).number == "T-1000"
    assert found(booked) == {}


def test_what_others_may_not_see_is_not_listed(booked: World) -> None:
    booked.sandbox.xero.bookkeeper.void("T-1")
    booked.poll()
    assert booked.ledger.desk.changed_in_finance(Scope(routes=frozenset({"other"}))) == []
