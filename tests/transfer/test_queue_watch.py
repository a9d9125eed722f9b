"""Looks at the queue between runs: what counts as new, and when no call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_bridge_core.transfer.queue_watch import NewEntries, NotLookedError, look_at_queue
from tests.connections.connection_rows import record
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World

QUEUES = st.lists(st.dictionaries(st.sampled_from("abcde"), st.sampled_from("12"), max_size=5), max_size=8)


def look(world: World) -> dict[str, str]:
    session = world.session()
    return look_at_queue(session.source, session.guard)


@given(QUEUES)
def test_each_entry_is_new_once_until_it_leaves_or_changes(queues: list[dict[str, str]]) -> None:
    new_entries = NewEntries()
    before: dict[str, str] = {}
    for entries in queues:
        assert sorted(new_entries.of(entries)) == sorted(dict(entries.items() - before.items()))
        before = entries


def test_a_look_is_one_call_and_writes_nothing(world: World) -> None:
    added = world.sandbox.qondor.add(payment(1))
    assert list(look(world)) == [str(added["id"])]
    assert [entry.method for entry in world.calls("qondor")] == ["GET"]
    assert world.calls("xero") == []
    assert world.ledger.rows("qondor", "qondor_default", [str(added["id"])]) == {}


def test_a_failed_look_is_no_empty_queue(world: World) -> None:
    world.sandbox.fault("error", system="qondor", path="*")
    with pytest.raises(NotLookedError, match="Qondor"):
        look(world)


def test_no_call_while_the_source_asked_to_wait(world: World) -> None:
    world.sandbox.fault("too_many_requests", system="qondor", path="*", limit="day", retry_after=4 * 3600)
    with pytest.raises(NotLookedError):
        look(world)
    world.sandbox.traffic.reset()
    with pytest.raises(NotLookedError, match="connection qondor_default: waits until"):
        look(world)
    assert world.calls("qondor") == []


def test_refused_credentials_are_left_for_a_run_to_announce(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.sandbox.fault("unauthorised", system="qondor", path="*")
    with pytest.raises(NotLookedError):
        look(world)
    world.select()
    assert record(world, "qondor_default").refused_run == world.run_key
    world.sandbox.traffic.reset()
    session = world.session()
    session.guard._run_started = None
    with pytest.raises(NotLookedError, match="credentials of connection qondor_default are refused"):
        look_at_queue(session.source, session.guard)
    assert world.calls("qondor") == []
