"""Since when a document stands as it does, and what ends that it is put aside."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.desk.next_step import next_step
from invoice_bridge_core.documents.states import DocumentState
from tests.ledger.rows import booking, claimed, row_of

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger


def test_a_document_that_waits_for_the_same_reason_is_as_old_as_the_reason(ledger: Ledger) -> None:
    claimed(ledger).held("Article X is not mapped")
    since = row_of(ledger).state_since
    claim = claimed(ledger, "run 2/task 1")
    claim.intend("Q-1", "hash")
    assert row_of(ledger).state_since > since
    claim.held("Article X is not mapped")
    assert abs(row_of(ledger).state_since - since) < dt.timedelta(milliseconds=1)
    claimed(ledger, "run 3/task 1").held("Article Y is not mapped")
    assert row_of(ledger).state_since > since


def test_what_is_put_aside_stays_so_while_it_waits_for_the_same(ledger: Ledger) -> None:
    claimed(ledger).held("Article X is not mapped")
    claimed(ledger, "desk").put_aside("Kari", "asked the customer")
    row = row_of(ledger)
    assert (row.aside_by, row.aside_reason, row.state) == ("Kari", "asked the customer", DocumentState.HELD)
    assert ledger.history(row)[-1].note == "Kari put it aside: asked the customer"
    claim = claimed(ledger, "run 2/task 1")
    claim.intend("Q-1", "hash")
    claim.held("Article X is not mapped")
    claimed(ledger, "run 3/task 1").release("Xero could not be reached")
    assert row_of(ledger).aside_by == "Kari"
    assert "Kari deals with it: asked the customer" in next_step(row_of(ledger), row_of(ledger).updated_at)


@pytest.mark.parametrize("how", ["another reason", "booked", "taken back"])
def test_what_moves_on_is_no_longer_aside(ledger: Ledger, how: str) -> None:
    claimed(ledger).held("Article X is not mapped")
    claimed(ledger, "desk").put_aside("Kari", "asked the customer")
    claim = claimed(ledger, "run 2/task 1", finance_conn="xero_default")
    if how == "another reason":
        claim.held("Article Y is not mapped")
    elif how == "booked":
        claim.intend("Q-10023", "hash")
        claim.booked(booking())
    else:
        claim.taken_back_from_aside("Kari")
    row = row_of(ledger)
    assert (row.aside_at, row.aside_by, row.aside_reason) == (None, None, None)
