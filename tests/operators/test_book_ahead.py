"""The task that books many documents in one call, and the documents' own tasks behind it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.transfer.ahead import book_ahead
from tests.operators.airflow_run import Run
from tests.transfer.ahead.batch_world import once, sent, waiting
from tests.world import credit_note

if TYPE_CHECKING:
    from tests.world import World


def move_all(run: Run, entries: list[dict[str, str]]) -> list[str]:
    """The tasks of the run's documents, each in its own place; their states."""
    return [run.move(entry, place) for place, entry in enumerate(entries)]


def test_it_books_what_the_queue_chose_and_the_documents_tasks_finish_it(world: World) -> None:
    documents = waiting(world, 3)
    documents += [world.sandbox.qondor.add(credit_note(10 + n, each)) for n, each in enumerate(documents[:2])]
    run = Run(world.route)
    entries = run.queue()
    run.book_ahead()
    assert sent(world) == [["T-1", "T-2", "T-3"]]
    assert sent(world, "/CreditNotes") == [["T-10", "T-11"]]
    assert set(move_all(run, entries)) == {"success"}
    assert len(sent(world)) == 1
    once(world, documents)


def test_in_a_dry_run_it_does_nothing(world: World) -> None:
    waiting(world, 3)
    run = Run(world.route, params={"dry_run": True})
    run.queue()
    run.book_ahead()
    assert world.calls("xero", "PUT", "POST") == []


def test_leases_are_those_of_the_documents_own_tasks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that takes over from a dead `book_ahead` has to have its name."""
    documents = waiting(world, 2)
    run = Run(world.route)
    entries = run.queue()
    monkeypatch.setattr(book_ahead.BookAhead, "_book", lambda *args: None)
    monkeypatch.setattr(book_ahead.BookAhead, "_let_go", lambda *args: None)
    run.book_ahead()
    assert all(world.row(each["id"]).lease_owner is not None for each in documents)
    assert set(itertools.starmap(run.move, ((entry, place) for place, entry in enumerate(entries)))) == {"success"}
    once(world, documents)


def test_a_ledger_that_is_out_of_reach_or_a_wrong_setting_fails_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(world, 2)
    run = Run(world.route)
    run.queue()

    def wrong(*args: object) -> None:
        raise ConfigurationError("a lease that ends too early")

    monkeypatch.setattr(book_ahead, "require_lasting_lease", wrong)
    with pytest.raises(Exception, match="a lease that ends too early"):
        run.book_ahead()


def test_an_outage_is_left_to_the_documents_own_tasks(world: World) -> None:
    documents = waiting(world, 2)
    run = Run(world.route)
    entries = run.queue()
    world.sandbox.fault("error", system="xero")
    run.book_ahead()
    world.sandbox.faults.clear()
    world.let_arrive()
    assert set(move_all(run, entries)) == {"success"}
    once(world, documents)
