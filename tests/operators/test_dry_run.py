"""What the summary of a dry run says of documents whose tasks came to no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import TransientError
from tests.operators.airflow_run import Run
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World


def dry_run(world: World, *numbers: int) -> Run:
    for number in numbers:
        world.sandbox.qondor.add(payment(number))
    return Run(world.route, params={"dry_run": True})


def counts(run: Run, outcome: str) -> list[str]:
    """The counts of the rows of the table that begin with this outcome."""
    return [line.removeprefix(outcome).split()[0] for line in map(str.strip, run.logged) if line.startswith(outcome)]


def test_a_dry_run_in_which_every_task_answered_ends_well(world: World) -> None:
    run = dry_run(world, 1, 2)
    assert [run.move(entry) for entry in run.queue()] == ["success", "success"]
    assert run.summary() is None
    assert counts(run, "would be transferred") == ["2"]


def test_a_task_that_failed_or_was_killed_is_shown_and_fails_the_dry_run(world: World) -> None:
    run = dry_run(world, 1, 2, 3)
    first, failing, killed = run.queue()
    assert run.move(first) == "success"
    world.sandbox.fault("error", system="qondor")
    with pytest.raises(TransientError):
        run.move(failing)
    failure = run.summary()
    assert failure is not None
    assert failure.startswith("2 of 3 documents failed: ")
    assert [entry["label"] in failure for entry in (first, failing, killed)] == [False, True, True]
    assert counts(run, "would be transferred") == ["1"]


def test_what_an_earlier_run_rejected_fails_nothing(world: World) -> None:
    world.booked_before()
    wrong = world.sandbox.qondor.add(payment(1, customer=None))["id"]
    world.transfer(wrong)
    run = dry_run(world)
    run.params["documents"] = [str(wrong)]
    assert [run.move(entry) for entry in run.queue()] == ["success"]
    assert run.summary() is None
    assert counts(run, "rejected")[0] == "1"


def test_what_was_held_before_does_not_stand_in_for_an_answer(world: World) -> None:
    run = dry_run(world, 1)
    [entry] = run.queue()
    claim = world.ledger.claim(world.ref(entry["source_id"]), route=world.route.route, claimant="an earlier run")
    assert claim is not None
    claim.held("its office has no account")
    assert run.summary() == f"1 of 1 document failed: {entry['label']}: failed"


def test_a_document_whose_connection_is_shut_waits_and_fails_nothing(world: World) -> None:
    run = dry_run(world, 1)
    [entry] = run.queue()
    world.sandbox.fault("too_many_requests", system="qondor", retry_after=4 * 3600)
    assert run.move(entry) == "skipped"
    assert run.summary() is None
    assert [line.split()[0] for line in run.logged if "document waits until" in line] == ["1"]
    assert counts(run, "failed") == []


def test_what_another_run_moved_meanwhile_needs_no_answer(world: World) -> None:
    run = dry_run(world, 1)
    [entry] = run.queue()
    world.transfer(entry["source_id"])
    assert run.summary() is None
    assert counts(run, "already transferred") + counts(run, "transferred") == ["1"]
