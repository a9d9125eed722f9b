"""What Airflow shows when a system wants no calls, or does not accept the credentials."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from airflow.sdk import RetryAction

from invoice_bridge.operators.retries import PassingTroubleRetryPolicy
from invoice_bridge.operators.session import route_session
from invoice_bridge_core.connections.guard import ConnectionGuard
from invoice_bridge_core.errors import LedgerError, LimitReachedError, TransientError
from invoice_bridge_core.ledger.connections.health import records_of
from tests.operators.airflow_run import Run
from tests.world import payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World


def three(world: World) -> None:
    for number in (1, 2, 3):
        world.sandbox.qondor.add(payment(number))


def three_paid(world: World) -> None:
    three(world)
    world.run()
    for number in ("T-1", "T-2", "T-3"):
        world.sandbox.xero.bookkeeper.pay(number, on=world.now().date())


def test_a_day_limit_ends_the_run_well_and_says_how_many_wait(world: World) -> None:
    three(world)
    run = Run(world.route)
    first, second, third = run.queue()
    assert run.move(first) == "success"
    world.sandbox.fault("too_many_requests", system="xero", path="*api.xro*", limit="day", retry_after=4 * 3600)
    assert [run.move(entry) for entry in (second, third)] == ["skipped", "skipped"]
    named = run.tasks[third["source_id"]].label
    assert named.startswith("T-3 · ")
    assert " · waits until " in named
    assert named.endswith(": Xero's day limit is used up")
    assert run.summary() is None
    [line] = [line for line in run.logged if "documents wait until" in line]
    assert line.split()[0] == "2"
    assert not [line for line in run.logged if "Somebody has to look" in line]

    later = Run(world.route, number=2)
    assert later.queue() == []
    assert later.summary() is None
    assert [line.split()[0] for line in later.logged if "documents wait until" in line] == ["2"]


def test_refused_credentials_fail_the_run_that_meets_them_first_and_no_other(world: World) -> None:
    three(world)
    run = Run(world.route)
    first, second, third = run.queue()
    assert run.move(first) == "success"
    world.sandbox.fault("unauthorised", system="xero", path="*api.xro*")
    assert [run.move(entry) for entry in (second, third)] == ["skipped", "skipped"]
    assert run.tasks[third["source_id"]].label.endswith(" · held: credentials of connection xero_default are refused")
    failure = run.summary()
    assert failure is not None
    assert "credentials of connection xero_default are refused: Xero answered 401" in failure
    assert "check the credentials in connection xero_default" in failure
    assert [line.split()[0] for line in run.logged if "documents are held: credentials" in line] == ["2"]
    assert not [line for line in run.logged if "Somebody has to look" in line]

    later = Run(world.route, number=2)
    assert later.queue() == []
    assert later.summary() is None
    assert [line for line in later.logged if line.startswith("Credentials of connection xero_default are refused")]

    world.sandbox.faults.clear()
    mended = Run(world.route, number=3)
    assert [mended.move(entry) for entry in mended.queue()] == ["success", "success"]
    assert mended.summary() is None
    assert not [line for line in mended.logged if "redentials" in line]


def test_refused_credentials_of_the_source_end_the_queue_step_well(world: World) -> None:
    three(world)
    world.sandbox.fault("unauthorised", system="qondor")
    run = Run(world.route)
    assert run.queue() == []
    failure = run.summary()
    assert failure is not None
    assert "credentials of connection qondor_default are refused: Qondor answered 401" in failure
    later = Run(world.route, number=2)
    assert later.queue() == []
    assert later.summary() is None


@pytest.mark.parametrize("summary", [Run.payment_summary, Run.daily_summary])
def test_payments_whose_source_wants_no_calls_wait_and_alarm_nobody(
    world: World, summary: Callable[[Run], str | None]
) -> None:
    three_paid(world)
    world.sandbox.fault("too_many_requests", system="qondor", method="PUT", retry_after=4 * 3600)
    run = Run(world.route)
    assert [run.tell(entry) for entry in run.poll()] == ["skipped"] * 3
    assert summary(run) is None
    assert [line for line in run.logged if "3 documents wait until" in line]


@pytest.mark.parametrize("summary", [Run.payment_summary, Run.daily_summary])
def test_payments_that_were_never_told_fail_the_run(world: World, summary: Callable[[Run], str | None]) -> None:
    three_paid(world)
    run = Run(world.route)
    first, second, third = run.poll()
    assert run.tell(first) == "success"
    failure = summary(run)
    assert failure is not None
    assert "2 payments could not be reported" in failure
    assert [entry["label"] in failure for entry in (first, second, third)] == [False, True, True]


@pytest.mark.parametrize("summary", [Run.payment_summary, Run.daily_summary])
def test_an_alarm_names_a_few_and_counts_the_rest(world: World, summary: Callable[[Run], str | None]) -> None:
    for number in range(1, 8):
        world.sandbox.qondor.add(payment(number))
    world.run()
    for number in range(1, 8):
        world.sandbox.xero.bookkeeper.pay(f"T-{number}", on=world.now().date())
    run = Run(world.route)
    *others, last = run.poll()
    failure = summary(run)
    assert failure is not None
    assert "7 payments could not be reported" in failure
    assert failure.endswith("; and 2 more")
    assert [run.tell(entry) for entry in others] == ["success"] * 6
    failure = summary(run)
    assert failure is not None
    assert "1 payment could not be reported" in failure
    assert last["label"] in failure
    assert "more" not in failure


def test_what_was_observed_of_a_connection_is_kept_when_the_task_fails(world: World) -> None:
    def call_and_fail() -> None:
        with route_session(world.route, "run") as session:
            session.finance.bookings.find_by_number("T-1", is_credit_note=False)
            raise TransientError("after the call")

    with pytest.raises(TransientError, match="after the call"):
        call_and_fail()
    with world.ledger.transaction() as connection:
        assert records_of(connection, ["xero_default"])["xero_default"].day_left is not None


def test_observations_that_cannot_be_kept_do_not_hide_why_a_task_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: ConnectionGuard) -> None:
        raise LedgerError("the ledger is away")

    monkeypatch.setattr(ConnectionGuard, "keep_observations", fail)
    with pytest.raises(TransientError, match="the real reason"), route_session(world.route, "run"):
        raise TransientError("the real reason")
    with pytest.raises(LedgerError, match="is away"), route_session(world.route, "run"):
        pass


@pytest.mark.parametrize(("minutes", "action"), [(9, RetryAction.RETRY), (11, RetryAction.FAIL)])
def test_no_task_keeps_its_run_open_for_long(minutes: int, action: RetryAction) -> None:
    wait = dt.timedelta(minutes=minutes)
    for error in (LimitReachedError("no", retry_after=wait), TransientError("no", retry_after=wait)):
        assert PassingTroubleRetryPolicy().evaluate(error, 1, 5).action == action
