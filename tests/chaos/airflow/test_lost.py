"""A task that nobody will start is told from one that waits for a moment; no Airflow is needed for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.airflow.lost import BETWEEN_CHECKS, LostTasks

if TYPE_CHECKING:
    from collections.abc import Hashable


class Queue:
    """What waits in the executor, and the time."""

    def __init__(self) -> None:
        self.waiting: set[Hashable] = set()
        self.time = 0.0

    def queued(self) -> set[Hashable]:
        return set(self.waiting)

    def later(self, *waiting: str) -> None:
        self.waiting = set(waiting)
        self.time += BETWEEN_CHECKS


def test_a_task_that_waits_from_check_to_check_is_lost() -> None:
    queue = Queue()
    lost = LostTasks(queue, lambda: queue.time)
    queue.later("invoices[1]", "invoices[2]")
    assert not lost.are_there()
    queue.later("invoices[2]")
    assert lost.are_there()


def test_tasks_that_come_and_go_are_not_lost() -> None:
    queue = Queue()
    lost = LostTasks(queue, lambda: queue.time)
    for number in range(5):
        queue.later(f"invoices[{number}]", f"invoices[{number}], try 2")
        assert not lost.are_there()


def test_between_two_checks_nothing_is_lost() -> None:
    queue = Queue()
    lost = LostTasks(queue, lambda: queue.time)
    queue.later("invoices[1]")
    assert not lost.are_there()
    queue.time += BETWEEN_CHECKS / 2
    assert not lost.are_there()


def test_what_was_brought_back_gets_its_time_again() -> None:
    queue = Queue()
    lost = LostTasks(queue, lambda: queue.time)
    found = []
    for _ in range(4):
        queue.later("invoices[1]")
        found.append(lost.are_there())
    assert found == [False, True, False, True]
