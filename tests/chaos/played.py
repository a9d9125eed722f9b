"""The sandbox in a process of its own, so that attempts can be forked and killed without touching it."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

Answer = TypeVar("Answer")

ACTOR_HEADER = "X-Chaos-Actor"
"""Names the process that calls, for the traffic log."""


class Played:
    """The other end: runs functions of importable modules on the sandbox."""

    def __init__(self, way: Connection, connections: dict[str, Any]) -> None:
        self._way = way
        self.connections = connections

    def ask(self, function: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        """What `function(sandbox, …)` returns over there."""
        self._way.send((function, arguments, named))
        worked, answer = self._way.recv()
        if not worked:
            raise RuntimeError(f"{function.__name__} failed in the sandbox: {answer}")
        return answer


@contextmanager
def played() -> Iterator[Played]:
    """A sandbox with nothing in its queues."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    there.close()
    try:
        yield Played(here, here.recv())
    finally:
        here.close()
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(way: Connection) -> None:
    with Sandbox(documents=0, data="plain") as sandbox:
        way.send(sandbox.connections)
        while True:
            try:
                function, arguments, named = way.recv()
            except EOFError:
                return
            try:
                way.send((True, function(sandbox, *arguments, **named)))
            except Exception as error:  # noqa: BLE001 - told to whoever asked
                way.send((False, f"{type(error).__name__}: {error}"))
