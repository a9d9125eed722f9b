"""Rejections are final, so that a route makes few of them: none before its first booking, and no flood."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.commands.rejections import confirm_rejections
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger.database.tables import rejections
from invoice_bridge_core.ledger.documents.rejections import KeptFor
from tests.builders import route
from tests.world import World, line, payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox

UNKNOWN = [line("ROOM-DLX")]


@pytest.fixture
def world(sandbox: Sandbox, ledger_url: str) -> Iterator[World]:
    world = World(sandbox, ledger_url, route(policy={"unmapped_article": "reject"}))
    yield world
    world.close()


def add(world: World, *numbers: int, **changes: Any) -> None:
    for number in numbers:
        world.sandbox.qondor.add(payment(number, **changes))


def book(world: World, count: int) -> None:
    """Transfer as many documents."""
    add(world, *range(1, count + 1))
    assert {one.outcome for one in world.run().values()} == {Outcome.TRANSFERRED}


def failed(world: World) -> int:
    return sum(entry.path.endswith("/SetAsFailed") for entry in world.calls("qondor", "PUT"))


def reject_side_by_side(world: World, numbers: range, tasks: int) -> Counter[Outcome]:
    """Attempts of as many tasks at a time, each with systems of its own."""
    from invoice_bridge_core.transfer.transfer import Attempt, Transfer

    def one(number: int) -> Outcome:
        attempt = Attempt(f"test/{number}", world.run_key)
        return Transfer(world.session(), attempt).transfer(world.ref(50000 + number)).outcome

    with ThreadPoolExecutor(tasks) as pool:
        return Counter(pool.map(one, numbers))


def test_a_route_that_has_booked_nothing_rejects_nothing_and_looks_again_once_it_has(world: World) -> None:
    add(world, 1, lines=UNKNOWN)
    held = world.run()["50001"]
    assert held.outcome is Outcome.HELD
    assert held.message == (
        "Article code 'ROOM-DLX' not found in finance system. Route qondor_xero has booked nothing yet, so nothing is "
        "rejected: its mapping may be wrong. Once it has booked a document, the next run looks at this one again"
    )
    assert world.run() == {}
    assert failed(world) == 0
    add(world, 2)
    assert {key: one.outcome for key, one in world.run().items()} == {"50002": Outcome.TRANSFERRED}
    assert {key: one.outcome for key, one in world.run().items()} == {"50001": Outcome.REJECTED}
    assert failed(world) == 1
    assert world.run() == {}


def test_of_a_hundred_documents_with_a_wrong_mapping_five_are_rejected(world: World) -> None:
    world.booked_before()
    numbers = range(101, 201)
    add(world, *numbers, lines=UNKNOWN)
    world.select()
    assert reject_side_by_side(world, numbers, tasks=4) == {Outcome.REJECTED: 5, Outcome.HELD: 95}
    assert failed(world) == 5
    assert world.run() == {}
    assert failed(world) == 5
    assert len(world.ledger.rejections.kept("qondor_xero")) == 95


def test_a_few_wrong_documents_among_many_right_ones_are_rejected(world: World) -> None:
    book(world, 31)
    add(world, *range(101, 109), lines=UNKNOWN)
    assert Counter(one.outcome for one in world.run().values()) == {Outcome.REJECTED: 8}


@pytest.mark.parametrize("most", [1, 5])
def test_tasks_that_ask_at_the_same_time_are_never_both_the_last_one(world: World, most: int) -> None:
    world.booked_before()
    add(world, *range(101, 131))
    world.select()
    ids = [world.row(50000 + number).id for number in range(101, 131)]

    def ask(document_id: int) -> KeptFor | None:
        return world.ledger.rejections.let_through(document_id, "qondor_xero", most)

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(ask, ids))
    assert answers == {kind: count for kind, count in ((None, most), (KeptFor.MANY_REJECTIONS, 30 - most))}
    assert [ask(one) for one in ids].count(None) == most


def test_what_was_rejected_a_day_ago_counts_no_more(world: World) -> None:
    world.booked_before()
    add(world, *range(101, 107), lines=UNKNOWN)
    ended = Counter(one.outcome for one in world.run().values())
    assert ended == {Outcome.REJECTED: 5, Outcome.HELD: 1}
    with world.ledger.transaction() as connection:
        yesterday = rejections.c.let_through_at - sa.text("interval '25 hours'")
        connection.execute(sa.update(rejections).values(let_through_at=yesterday))
    [kept] = world.ledger.rejections.kept("qondor_xero")
    assert world.transfer(kept.row.ref.source_id).outcome is Outcome.REJECTED


def test_a_mapping_that_is_mended_lets_what_was_kept_be_booked(world: World) -> None:
    add(world, 1, lines=UNKNOWN)
    assert world.run()["50001"].outcome is Outcome.HELD
    world.route = world.route.with_account_codes({"ROOM-DLX": "200"})
    assert world.run()["50001"].outcome is Outcome.TRANSFERRED
    assert world.ledger.rejections.kept("qondor_xero") == []


def test_a_person_lets_go_what_was_kept(world: World) -> None:
    world.booked_before()
    add(world, *range(101, 109), lines=UNKNOWN)
    world.run()
    shown = confirm_rejections(world.ledger, "qondor_xero", by="kari", yes=False)
    assert shown.count("Article code 'ROOM-DLX' not found in finance system") == 3
    assert "confirm-rejections qondor_xero --yes" in shown
    assert world.run() == {}
    confirm_rejections(world.ledger, "qondor_xero", by="kari", yes=True)
    ended = world.run()
    assert Counter(one.outcome for one in ended.values()) == {Outcome.REJECTED: 3}
    assert failed(world) == 8
    for source_id in ended:
        assert "kari lets it be rejected" in [change.note for change in world.ledger.history(world.row(source_id))]
    assert "nothing" in confirm_rejections(world.ledger, "qondor_xero", by="kari", yes=True)


def test_a_dry_run_does_not_promise_a_rejection_that_is_kept_back(world: World) -> None:
    add(world, 1, lines=UNKNOWN)
    assert world.rehearse(50001).outcome is Outcome.WOULD_HOLD
    world.booked_before()
    assert world.rehearse(50001).outcome is Outcome.WOULD_REJECT
    with world.ledger.transaction() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(rejections)) == 0


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_route_without_account_codes_does_not_start(world: World, *, dry_run: bool) -> None:
    world.booked_before()
    add(world, 1)
    finance = world.route.finance.model_copy(update={"account_codes": {}})
    world.route = world.route.model_copy(update={"finance": finance})
    with pytest.raises(ConfigurationError, match=r"^Route qondor_xero does not start: it has no account codes"):
        world.select(dry_run=dry_run)
    assert world.calls("qondor") == world.calls("xero") == []
    # A task that is cleared does not go by the queue.
    assert world.transfer(50001).outcome is Outcome.HELD
    assert failed(world) == 0


def test_only_the_run_that_keeps_the_first_one_back_sounds_the_alarm(world: World) -> None:
    from invoice_bridge.operators.transfer.summary import _kept_back

    world.booked_before()
    add(world, *range(101, 107), lines=UNKNOWN)
    started = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)
    world.run()
    [alarm] = _kept_back(world.route, world.ledger.rejections.kept("qondor_xero"), started)
    assert alarm.startswith("Route qondor_xero has rejected 5 documents or more within 24 hours")
    assert alarm.endswith("1 document held instead. Look at them, then let them go: airflow invoice-bridge "
                          "confirm-rejections qondor_xero")  # fmt: skip
    with world.ledger.transaction() as connection:
        earlier = rejections.c.kept_at - sa.text("interval '1 hour'")
        connection.execute(sa.update(rejections).values(kept_at=earlier))
    add(world, 107, lines=UNKNOWN)
    world.run()
    assert len(world.ledger.rejections.kept("qondor_xero")) == 2
    assert _kept_back(world.route, world.ledger.rejections.kept("qondor_xero"), started) == []
