"""A limit that lasts for hours: documents wait in the ledger, and no task waits with them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.connections.budget import is_in_last_fifth
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError
from tests.connections.connection_rows import change, hours_ago, record
from tests.world import card_payment, payment

if TYPE_CHECKING:
    from tests.world import World

CLOSED = {"limit": "day", "retry_after": 4 * 3600}


def close(world: World, **where: Any) -> Any:
    return world.sandbox.fault("too_many_requests", **{"system": "xero", "path": "*api.xro*", **CLOSED, **where})


def three(world: World) -> list[str]:
    return [str(world.sandbox.qondor.add(payment(number))["id"]) for number in (1, 2, 3)]


def is_free(world: World, source_id: str) -> bool:
    row = world.row(source_id)
    return row.lease_owner is None and row.intent_token is None and row.booking is None


def test_the_first_refusal_stops_all_later_tasks_before_they_call(world: World) -> None:
    first, second, third = three(world)
    selection = world.select()
    assert world.transfer(first).outcome is Outcome.TRANSFERRED
    close(world)
    waits = world.transfer(second)
    world.sandbox.traffic.reset()
    also = world.transfer(third)
    assert world.calls("xero") == []
    assert world.calls("qondor") == []
    assert len(selection.invoices) == 3
    for source_id, ended in ((second, waits), (third, also)):
        assert ended.outcome is Outcome.WAITS
        assert ended.end.startswith("waits until ")
        assert ended.end.endswith(": Xero's day limit is used up")
        assert world.row(source_id).state is DocumentState.SEEN
        assert is_free(world, source_id)
        assert world.row(source_id).announced_at is None
    assert len(world.sandbox.qondor.waiting()) == 2


def test_a_run_that_begins_while_closed_costs_finance_no_call_and_says_how_many_wait(world: World) -> None:
    ids = three(world)
    world.select()
    close(world)
    world.transfer(ids[0])
    world.sandbox.traffic.reset()
    selection = world.select()
    assert not selection.is_any
    [(text, count)] = selection.left.items()
    assert count == 3
    assert text.startswith("documents wait until ")
    assert world.calls("xero") == []

    world.sandbox.faults.clear()
    change(world, closed_until=hours_ago(0))
    assert [ended.outcome for ended in world.run().values()] == ["transferred"] * 3
    assert len(world.sandbox.xero.invoices.rows()) == 3


def test_a_limit_that_the_queue_step_meets_itself_is_no_failure(world: World) -> None:
    three(world)
    close(world)
    selection = world.select()
    assert not selection.is_any
    assert list(selection.left.values()) == [3]
    assert len(world.calls("xero")) == 1


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("too_many_requests", {"limit": "day", "retry_after": 7200}),
        ("unavailable", {"retry_after": 7200}),
    ],
)
def test_a_source_that_wants_no_calls_gets_none(world: World, kind: str, how: dict[str, Any]) -> None:
    first, *_ = three(world)
    world.select()
    world.sandbox.fault(kind, system="qondor", **how)
    assert world.transfer(first).outcome is Outcome.WAITS
    world.sandbox.traffic.reset()
    [(text, count)] = world.select().left.items()
    assert (count, text.startswith("documents wait until ")) == (3, True)
    assert world.calls("qondor") == []


def test_a_day_limit_without_a_time_lasts_until_midnight_in_utc(world: World) -> None:
    first, *_ = three(world)
    world.select()
    close(world, retry_after=None)
    world.transfer(first)
    known = record(world)
    assert known.closed_until is not None
    tomorrow = known.now.astimezone(dt.UTC).date() + dt.timedelta(days=1)
    assert known.closed_until == dt.datetime.combine(tomorrow, dt.time(), dt.UTC)


def test_the_time_is_told_in_the_routes_time_zone(world: World) -> None:
    first, second, _ = three(world)
    world.select()
    close(world)
    world.transfer(first)
    there = dt.datetime(2031, 7, 1, 12, 5, tzinfo=dt.UTC)
    change(world, closed_until=there)
    assert world.transfer(second).message == "until 2031-07-01 14:05: Xero's day limit is used up"


def test_short_limits_are_met_as_before(world: World) -> None:
    first, *_ = three(world)
    world.select()
    world.sandbox.fault("too_many_requests", system="xero", path="*Invoices", retry_after=1, count=2)
    assert world.transfer(first).outcome is Outcome.TRANSFERRED
    assert record(world).closed_until is None


def test_a_document_whose_answer_was_lost_does_not_merely_wait(world: World) -> None:
    first, second, _ = three(world)
    world.select()
    world.sandbox.fault("close", when="after", system="xero", method="PUT", path="*Invoices", nth=1)
    with pytest.raises(BridgeError, match="whether it was done is not known"):
        world.transfer(first)
    close(world)
    for _ in range(2):
        ended = world.transfer(first)
        assert ended.outcome is Outcome.FAILED
        assert "an answer was lost" in ended.message
        assert world.row(first).state is DocumentState.WORKING
        assert world.row(first).intent_token is not None
    assert world.transfer(second).outcome is Outcome.WAITS
    world.sandbox.faults.clear()
    change(world, closed_until=None)
    assert [ended.outcome for ended in world.run().values()] == ["transferred"] * 3
    assert len(world.sandbox.xero.invoices.rows()) == 3


def test_what_is_booked_already_waits_for_the_rest_and_is_not_booked_again(world: World) -> None:
    card = str(world.sandbox.qondor.add(card_payment(1))["id"])
    world.select()
    close(world, path="*Payments*")
    assert world.transfer(card).outcome is Outcome.WAITS
    assert world.row(card).state is DocumentState.BOOKED
    world.sandbox.faults.clear()
    change(world, closed_until=None)
    assert [ended.outcome for ended in world.run().values()] == ["transferred"]
    assert len(world.sandbox.xero.invoices.rows()) == len(world.sandbox.xero.payments.rows()) == 1


def test_a_dry_run_waits_as_well(world: World) -> None:
    first, *_ = three(world)
    world.select()
    close(world)
    world.transfer(first)
    world.sandbox.traffic.reset()
    assert world.rehearse(first).outcome is Outcome.WAITS
    assert world.calls("xero") == []


def test_the_last_fifth_of_the_day_is_left_to_transfers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.sandbox.xero.limits.windows["day"], "allowed", 20)
    ids = [str(world.sandbox.qondor.add(payment(number))["id"]) for number in range(1, 13)]
    seen = []
    world.select()
    for source_id in ids:
        assert world.transfer(source_id).outcome is Outcome.TRANSFERRED
        left = world.sandbox.xero.limits.windows["day"].remaining()
        seen.append((left, is_in_last_fifth(record(world))))
        if left == 0:
            break
    size = record(world).day_size
    assert size is not None
    assert {last_fifth for _, last_fifth in seen} == {True, False}
    assert all(last_fifth == (left <= size / 5) for left, last_fifth in seen)


def test_an_old_reading_holds_nothing_back(world: World) -> None:
    three(world)
    world.run()
    change(world, day_left=1, day_size=5000, day_left_at=hours_ago(0.5))
    assert is_in_last_fifth(record(world))
    change(world, day_left_at=hours_ago(1.1))
    assert not is_in_last_fifth(record(world))


def test_a_reading_is_kept_only_when_it_is_new(world: World) -> None:
    three(world)
    world.run()
    change(world, day_left=499_990, day_size=500_000, day_size_at=hours_ago(0))
    world.sandbox.qondor.add(payment(9))
    world.run()
    assert record(world).day_left == 499_990
    change(world, day_left_at=hours_ago(0.2))
    world.sandbox.qondor.add(payment(10))
    world.run()
    noted = record(world).day_left
    assert noted is not None
    assert noted < 499_990


def test_a_smaller_tier_is_learnt_in_time(world: World) -> None:
    three(world)
    world.run()
    change(world, day_left=2, day_left_at=hours_ago(1), day_size=900_000_000, day_size_at=hours_ago(24 * 8))
    world.sandbox.qondor.add(payment(9))
    world.run()
    now = record(world)
    assert now.day_size == now.day_left
