"""What was opened and closed since yesterday, by the history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import history
from invoice_bridge_core.ledger.desk.filters import Scope
from tests.ledger.rows import booking, claimed, other_ref

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Claim, Ledger

ALL = Scope(routes=frozenset({"qondor_xero"}))
YESTERDAY = dt.timedelta(hours=24)


def claim_of(ledger: Ledger, name: str, run: int = 1) -> Claim:
    return claimed(ledger, f"run {run}/{name}", other_ref(name), finance_conn="xero_default")


def transfer(ledger: Ledger, name: str, run: int = 2) -> None:
    claim = claim_of(ledger, name, run)
    claim.intend(name, "hash")
    claim.booked(booking(name, f"f-{name}"))
    claim.transferred()


def days_go_by(ledger: Ledger) -> None:
    """Everything so far happened long ago."""
    with ledger.transaction() as connection:
        connection.execute(sa.update(history).values(at=history.c.at - dt.timedelta(days=3)))


def counted(ledger: Ledger, scope: Scope = ALL) -> tuple[int, int]:
    found = ledger.desk.opened_and_closed(scope, dt.datetime.now(dt.UTC) - YESTERDAY)
    return found.opened, found.closed


def test_what_is_held_is_opened_and_what_moves_after_it_is_closed(ledger: Ledger) -> None:
    claim_of(ledger, "1").held("Article X is not mapped")
    claim_of(ledger, "2").in_doubt("It may be booked")
    assert counted(ledger) == (2, 0)
    transfer(ledger, "1")
    assert counted(ledger) == (2, 1)
    assert counted(ledger, Scope(routes=frozenset({"other"}))) == (0, 0)


def test_what_was_open_before_is_closed_and_was_not_opened_again(ledger: Ledger) -> None:
    claim_of(ledger, "1").held("Article X is not mapped")
    claim_of(ledger, "2").held("Article X is not mapped")
    days_go_by(ledger)
    assert counted(ledger) == (0, 0)
    transfer(ledger, "1")
    again = claim_of(ledger, "2", 2)
    again.intend("2", "hash")
    assert counted(ledger) == (0, 1)
    again.held("Article Y is not mapped")
    assert counted(ledger) == (0, 1)


@pytest.mark.parametrize("name", ["1", "2"])
def test_what_never_waited_is_neither(ledger: Ledger, name: str) -> None:
    transfer(ledger, name)
    assert counted(ledger) == (0, 0)
