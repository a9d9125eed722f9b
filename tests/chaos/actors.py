"""A task process that asks a conductor before and after everything it does."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chaos.boundary import GO, LOOK, STAGE, Boundary
from tests.chaos.phases import TRANSFER, Phase, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tests.chaos.world import ChaosWorld, Pace

BEFORE, AFTER, SLEPT, WAITS, WORK, ATTEMPT, ENDED, DONE, CRASHED = (
    "before",
    "after",
    "slept",
    "waits",
    "work",
    "attempt",
    "ended",
    "done",
    "crashed",
)
"""What an actor says. It goes on after an answer, except after `ENDED`, `ATTEMPT`, `DONE` and `CRASHED`."""


@dataclass(frozen=True)
class Script:
    """What one process does: a run's first task and then a task per document, or tasks that somebody cleared.

    :param only: source ids of the tasks, when there is no first task.
    :param starts: the turn at which it begins.
    """

    name: str
    run: Run
    only: tuple[str, ...] | None = None
    starts: int = 0
    phase: Phase = TRANSFER


class Piped:
    """The plan of an actor: whatever the conductor says."""

    def __init__(self, way: Connection) -> None:
        self._way = way

    def before(self, boundary: Boundary) -> str:
        return GO if boundary.kind == LOOK else str(self.say(BEFORE, boundary))

    def after(self, boundary: Boundary) -> str:
        return GO if boundary.kind == LOOK else str(self.say(AFTER, boundary))

    def slept(self, seconds: float) -> None:
        self.say(SLEPT, seconds)

    def say(self, *message: Any) -> Any:
        """Say something and wait for the answer."""
        self._way.send(message)
        return self._way.recv()


def play(world: ChaosWorld, script: Script, pace: Pace, way: Connection) -> None:
    """Carry out a script in this process, which was forked for it, and end."""
    plan = Piped(way)
    try:
        world.in_a_process_of_its_own()
        world.let_pass = lambda seconds: plan.say(WAITS, seconds) if seconds else None  # type: ignore[method-assign]
        STAGE.actor = script.name
        with STAGE.under(plan):
            work = script.only
            if work is None:
                found = world.tried(lambda: script.phase.begin(world, script.run), pace) or []
                if script.phase.goes_ahead and found:
                    world.tried(lambda: _ahead(world, script, found, way), pace)
                work = tuple(plan.say(WORK, tuple(found)))
            for source_id in work:
                world.tried(lambda key=source_id: _try(world, script, key, way), pace)  # type: ignore[misc]
        way.send((DONE,))
    except EOFError:
        pass
    except BaseException:  # noqa: BLE001 - told to the conductor
        way.send((CRASHED, traceback.format_exc()))
    finally:
        os._exit(0)


def _try(world: ChaosWorld, script: Script, source_id: str, way: Connection) -> str:
    return _told(source_id, lambda: script.phase.attempt(world, script.run, source_id), way)


def _ahead(world: ChaosWorld, script: Script, work: list[str], way: Connection) -> str:
    return _told(f"ahead of {script.run.key}", lambda: script.phase.ahead(world, script.run, work), way)


def _told(name: str, attempt: Callable[[], str], way: Connection) -> str:
    way.send((ATTEMPT, name))
    try:
        return attempt()
    finally:
        way.send((ENDED, name))
