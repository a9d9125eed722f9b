"""What the queue step costs follows from what is new in the queue, not from what is left in it."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger.database.tables import documents
from invoice_bridge_core.ledger.payments.polls import Poll
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges
from invoice_bridge_core.transfer import queue_reading
from invoice_bridge_core.transfer.queue import MOST_NAMES
from tests.growth.plans import made
from tests.growth.waiting import FIRST, hold, offer

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.transfer.queue import Selection
    from tests.world import World

KEPT_REFERENCE = dt.timedelta(minutes=30)


def statements(world: World) -> tuple[int, Selection]:
    """How many statements a queue step makes, and what it found."""
    with made() as all_of_them:
        selection = world.select(reference_age=KEPT_REFERENCE)
    return len(all_of_them), selection


@pytest.mark.parametrize("foreign", [False, True], ids=["held", "of other offices"])
def test_what_is_left_in_the_queue_costs_no_statement_of_its_own(world: World, foreign: bool) -> None:
    if foreign:
        chosen = world.route.source.model_copy(update={"offices": ("7",)})
        world.route = world.route.model_copy(update={"source": chosen})
    offer(world, 300, credit_notes=4, officeId=99 if foreign else 7)
    hold(world, foreign=foreign)
    world.sandbox.traffic.reset()
    tracemalloc.start()
    count, selection = statements(world)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reason = "other offices or projects" if foreign else "held, and nothing changed"
    assert selection.left == {reason: 300}
    assert [entry.method for entry in world.calls("qondor")] == ["GET"]
    assert world.calls("xero") == []
    assert count <= 25
    assert peak < 8_000_000


def test_a_run_reads_so_many_new_documents_and_the_next_one_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_reading, "READ_PER_RUN", 4)
    offer(world, 6)
    first = world.select()
    assert (len(first.invoices), dict(first.left)) == (4, {"new, and read by one of the next runs": 2})
    assert len(world.select().invoices) == 6


def test_what_is_to_be_read_once_a_day_waits_for_no_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(world, 5)
    world.select()
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)
    mine = documents.c.source_id.in_([str(row["id"]) for row in world.sandbox.qondor.waiting()])
    with world.ledger.transaction() as connection:
        connection.execute(sa.update(documents).where(mine).values(facts_read_at=long_ago))
    monkeypatch.setattr(queue_reading, "READ_PER_RUN", 2)
    offer(world, 1, first=FIRST + 5)
    world.sandbox.traffic.reset()
    selection = world.select()
    assert (len(selection.invoices), dict(selection.left)) == (6, {})
    # The list, the new one, and one of the old.
    assert len(world.calls("qondor")) == 3


def test_too_many_names_are_refused_with_a_sentence(world: World) -> None:
    offer(world, 1)
    names = [f"T-{number}" for number in range(MOST_NAMES + 1)]
    with pytest.raises(ConfigurationError, match=f"Documents: {MOST_NAMES + 1} were given, and a run takes"):
        world.select(only=names)
    assert world.calls("qondor") == []


def test_the_first_poll_of_many_bookings_writes_in_bulk(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        connection.execute(sa.text("TRUNCATE invoice_bridge.payment_statuses"))
        query = sa.select(documents.c.finance_id).where(documents.c.finance_id.is_not(None)).limit(2500)
        ids = connection.scalars(query).all()
    known = ledger.payments.booked_as("xero_default", ids)
    seen = tuple(BookingStatus(booking=entry.booking, paid=entry.booking.total) for entry in known.values())
    poll = Poll(
        name="first",
        finance_conn="xero_default",
        changes=PaymentChanges(booking_statuses=seen, cursor="c"),
        asked={},
        payment_numbers={},
        asked_all=True,
        adds_up=False,
    )
    tracemalloc.start()
    with made() as statements:
        ledger.payments.keep_poll(poll)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What is read of a thousand bookings, and what is written of them; of all of them at once it is 16 MB.
    assert peak < 13_000_000
    written = [one for one in statements if one.startswith("INSERT")]
    # Three of a thousand each for the statuses, as many for what people want to read of them, and the cursor.
    assert len(written) <= 7
    assert len(ledger.payments.booked_as("xero_default", ids)) == 2500
    assert ledger.payments.cursor("first") is not None
