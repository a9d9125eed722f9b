"""What the page says comes next: for each state, and for whatever a document waits."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.desk.next_step import next_step
from invoice_bridge_core.errors import WakesOn
from invoice_bridge_core.transfer.recheck import Waiting
from tests.ledger.rows import booking, claimed, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Claim, Ledger

NOW = dt.datetime.now(dt.UTC)


def said(ledger: Ledger) -> str:
    return next_step(row_of(ledger), NOW)


def sent(ledger: Ledger) -> Claim:
    claim = claimed(ledger, finance_conn="xero_default")
    claim.intend("Q-10023", "hash")
    return claim


@pytest.mark.parametrize(
    ("wakes_on", "wanted"),
    [
        ({WakesOn.ROUTE, WakesOn.FINANCE_DATA, WakesOn.ENTRY}, "the mapping here, or the account, tax rate"),
        ({WakesOn.CONTACT}, "choose the right one here"),
        ({WakesOn.INVOICE}, "the invoice that it credits first"),
        ({WakesOn.ENTRY}, "Its author puts right in the source"),
        ({WakesOn.CONNECTION}, "in Airflow's connection"),
        ({WakesOn.PERSON}, "Do what the reason says."),
        ({WakesOn.TIME}, "Nothing has to be done"),
    ],
)
def test_what_is_held_says_what_ends_it_and_when_it_is_looked_at(
    ledger: Ledger, wakes_on: set[WakesOn], wanted: str
) -> None:
    claimed(ledger).held("A reason", str(Waiting("f", frozenset(wakes_on))))
    assert wanted in said(ledger)
    assert "It is looked at again" in said(ledger)
    assert "“Try again now”" in said(ledger)


def test_what_is_in_doubt_names_the_number_and_both_answers(ledger: Ledger) -> None:
    sent(ledger).in_doubt("The answer was lost")
    assert said(ledger).startswith("Look for Q-10023 in finance. If it is there, choose “It is booked”")
    assert "“It is not booked”" in said(ledger)


def test_what_is_held_though_it_is_booked_offers_all_that_may_be_so(ledger: Ledger) -> None:
    claim = sent(ledger)
    claim.booked(booking())
    claim.held("Its source refuses the report")
    assert "It is booked as Q-10023." in said(ledger)


def test_what_the_guard_holds_back_is_confirmed_or_dropped_here(ledger: Ledger) -> None:
    claimed(ledger).held("It is wrong. Route qondor_xero has rejected 5 documents or more: it rejects no further ones")
    assert "confirm the rejection here, or drop it" in said(ledger)


def test_no_step_names_a_shell_command(ledger: Ledger) -> None:
    claim = claimed(ledger)
    for step in ("seen", "working", "booked", "transferred"):
        if step == "working":
            claim = sent(ledger)
        elif step == "booked":
            claim.booked(booking())
        elif step == "transferred":
            claim.transferred()
        assert "airflow" not in said(ledger)
        assert said(ledger).endswith(".")
        if step == "seen":
            claim.release()
