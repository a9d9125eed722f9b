"""Several task processes on the same documents, one step at a time, in an order that can be repeated exactly.

Every process stops before and after each call and commit and goes on when it is told to. Whoever waits for a lock of
the database is left waiting until another process' step has released it.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.ledger.ledger import LEASE_SECONDS
from tests.chaos.actors import AFTER, ATTEMPT, BEFORE, CRASHED, DONE, ENDED, SLEPT, WAITS, WORK, Script, play
from tests.chaos.boundary import CALL, COMMIT, GO, KILL, Boundary
from tests.chaos.order import out_of_order
from tests.chaos.state import calm, strike
from tests.chaos.typists import typing_into

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from sandbox.sandbox import Sandbox
    from tests.chaos.acts import Act
    from tests.chaos.troubles import Trouble
    from tests.chaos.world import ChaosWorld, Pace

_PATIENCE = 30.0
_WAITING = (
    "SELECT DISTINCT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
    " AND pg_stat_activity.datname = current_database()"
)

_UNDER = "SELECT source_id FROM documents WHERE intent_number = ANY(%s)"

_ANOTHER_HAS = (
    "SELECT lease_owner FROM documents WHERE source_id = %s AND lease_owner NOT LIKE %s AND lease_until > now()"
)

SLOWEST_CALL = 125
"""Seconds that the answer to a batch may take."""


@dataclass(eq=False)
class Actor:
    """One process.

    :param said: what it waits for an answer to.
    :param attempt: the document that it works on.
    :param idle: seconds that have passed for it since its last step.
    :param is_fenced: whether its lease may have run out while it was held up.
    :param sends: the documents that it is sending in one call.
    """

    script: Script
    way: Connection
    pid: int
    said: tuple[Any, ...] | None = None
    attempt: str | None = None
    has_called: bool = False
    idle: float = 0.0
    is_fenced: bool = False
    is_blocked: bool = False
    sends: frozenset[str] = frozenset()
    is_over: bool = False
    trouble: Trouble | None = None

    @property
    def can_go(self) -> bool:
        """Whether it waits for the conductor."""
        return self.said is not None and not self.is_over


class Score:
    """Who goes next and what befalls whom; the default lets everybody go in the order of their start."""

    def arrivals(self, actors: Sequence[Actor]) -> list[Script]:
        """Who begins now, before one of these actors goes on."""
        return []

    def choose(self, actors: Sequence[Actor]) -> Actor:
        """One of the actors that can go."""
        return actors[0]

    def befalls(self, actor: Actor, boundary: Boundary) -> Trouble | None:
        """What happens to the actor at this boundary."""
        return None

    def share(self, actor: Actor, work: tuple[str, ...]) -> tuple[tuple[str, ...], list[Script]]:
        """What the actor does itself of a run's tasks, and who does the others."""
        return work, []


@dataclass
class Conductor:
    """Plays one score.

    :param acts: what people do meanwhile, by the turn from which on.
    :param struck: where trouble struck an actor; `None`: while it was on its way from one boundary to the next.
    :param stale: numbers of calls that an actor sent after its lease had run out; the systems' own rules meet them.
    """

    world: ChaosWorld
    pace: Pace
    score: Any
    acts: list[tuple[int, Act]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stale: set[int] = field(default_factory=set)
    struck: list[Boundary | None] = field(default_factory=list)
    turns: int = 0
    actors: list[Actor] = field(default_factory=list)

    def play(self, scripts: Sequence[Script]) -> None:
        """Until all processes are over."""
        waiting = sorted(scripts, key=lambda script: script.starts)
        try:
            while waiting or any(not actor.is_over for actor in self.actors):
                while waiting and (self.turns >= waiting[0].starts or all(actor.is_over for actor in self.actors)):
                    self._start(waiting.pop(0))
                self._until_nobody_moves()
                ready = [actor for actor in self.actors if actor.can_go]
                if arrived := self.score.arrivals(ready):
                    for script in arrived:
                        self._start(script)
                elif ready:
                    self._step(self.score.choose(ready))
        finally:
            for actor in self.actors:
                if not actor.is_over:
                    self._kill(actor)

    def _start(self, script: Script) -> None:
        here, there = multiprocessing.Pipe()
        pid = os.fork()
        if pid == 0:
            here.close()
            play(self.world, script, self.pace, there)
        there.close()
        self.actors.append(Actor(script, here, pid))

    def _until_nobody_moves(self) -> None:
        """Wait until everybody waits for us, or for a lock that somebody else holds, or is over."""
        deadline = time.monotonic() + _PATIENCE
        while moving := [actor for actor in self.actors if not actor.is_over and actor.said is None]:
            free = [actor for actor in moving if not actor.is_blocked] or moving
            only_blocked = all(actor.is_blocked for actor in moving) and any(actor.can_go for actor in self.actors)
            for way in wait([actor.way for actor in free], timeout=0 if only_blocked else 0.02):
                self._hear(next(actor for actor in free if actor.way is way))
            waiting = self._waiting() if any(actor.is_blocked or actor.said is None for actor in moving) else set()
            for actor in moving:
                actor.is_blocked = actor.script.name in waiting
            if all(actor.is_blocked or actor.said is not None or actor.is_over for actor in moving) and any(
                actor.can_go for actor in self.actors
            ):
                return
            if time.monotonic() > deadline:
                self.faults += [f"{actor.script.name} neither moves nor waits for somebody's lock" for actor in moving]
                for actor in moving:
                    self._kill(actor)

    def _waiting(self) -> set[str]:
        return {str(name) for (name,) in self.world.execute(_WAITING)}

    def _hear(self, actor: Actor) -> None:
        try:
            message = actor.way.recv()
        except EOFError:
            message = (CRASHED, "it died without a word")
        if message[0] == ATTEMPT:
            actor.attempt, actor.has_called, actor.is_fenced = message[1], False, False
        elif message[0] == ENDED:
            actor.attempt = None
        elif message[0] in (DONE, CRASHED):
            self._over(actor)
            if message[0] == CRASHED:
                self.faults.append(f"{actor.script.name} crashed: {message[1]}")
        else:
            actor.said = message
            self._notice_release(actor)

    def _notice_release(self, actor: Actor) -> None:
        """An attempt is over for the others with the commit that gives its lease back, whenever its process goes on."""
        assert actor.said is not None
        what, about = actor.said
        if what != AFTER or about.kind != COMMIT or actor.attempt is None:
            return
        for table, key in (("documents", "source_id"), ("sales", "finance_id")):
            if table not in about.name:
                continue
            query = f"SELECT lease_owner FROM {table} WHERE {key} = %s"
            if any(owner is None for (owner,) in self.world.execute(query, actor.attempt)):
                actor.attempt = None

    def _step(self, actor: Actor) -> None:
        assert actor.said is not None
        what, about = actor.said
        # Whatever it does next, its call is over. From then on the leases in the ledger say what is its own.
        actor.sends = frozenset()
        answer: Any = GO
        if what == BEFORE:
            answer = self._before(actor, about)
        elif what == AFTER:
            answer = self._after(actor, about)
        elif what == SLEPT:
            self._pass(about, actor, is_long=False)
        elif what == WAITS:
            self._pass(about, actor)
        elif what == WORK:
            answer, others = self.score.share(actor, about)
            for script in others:
                self._start(script)
        actor.idle = 0.0
        if answer == KILL:
            self._kill(actor)
        else:
            actor.said = None
            actor.way.send(answer)

    def _before(self, actor: Actor, boundary: Boundary) -> str:
        self.turns += 1
        while self.acts and self.turns >= self.acts[0][0]:
            self.world.act(self.acts.pop(0)[1])
        if boundary.kind == CALL:
            self._watch(actor, boundary)
        trouble = self.score.befalls(actor, boundary)
        actor.trouble = trouble
        if trouble is None:
            return GO
        self.struck.append(boundary)
        if trouble.clock:
            self.world.advance(trouble.clock)
        if trouble.types and (act := typing_into(self.world)) is not None:
            self.world.act(act)
        if trouble.fault:
            path = re.escape(boundary.path)
            self.world.played.ask(strike, trouble.fault, boundary.system, boundary.method, path)
        return GO if trouble.after else trouble.order

    def _after(self, actor: Actor, boundary: Boundary) -> str:
        if boundary.kind == CALL and actor.is_fenced:
            self.stale.add(self.world.played.ask(last_call))
        trouble, actor.trouble = actor.trouble, None
        if trouble is None:
            return GO
        if trouble.fault:
            self.world.played.ask(calm)
        return trouble.order if trouble.after else GO

    def _watch(self, actor: Actor, boundary: Boundary) -> None:
        if not actor.is_fenced:
            self.faults += out_of_order(self.world, boundary)
        if boundary.is_ahead:
            self._watch_ahead(actor, boundary)
        if actor.attempt is None:
            return
        actor.has_called = True
        self._watch_beside_a_batch(actor, boundary)
        for other in self.actors:
            if other is actor or other.is_over or other.attempt != actor.attempt:
                continue
            if other.has_called and not other.is_fenced and not actor.is_fenced:
                self.faults.append(
                    f"{actor.script.name} and {other.script.name} work on {actor.attempt} at the same time: {boundary}"
                )

    def _watch_ahead(self, actor: Actor, boundary: Boundary) -> None:
        """Nobody else works on a document while it is sent with others."""
        numbers = [one.get("InvoiceNumber") or one.get("CreditNoteNumber") for one in boundary.elements]
        sent = {str(each) for (each,) in self.world.execute(_UNDER, [each for each in numbers if each])}
        actor.sends = frozenset(sent)
        for other in self.actors:
            is_at_work = other.has_called and not (other.is_over or other.is_fenced or actor.is_fenced)
            if other is not actor and is_at_work and other.attempt in sent:
                self.faults.append(
                    f"{actor.script.name} sends {other.attempt} while {other.script.name} works on it: {boundary}"
                )

    def _watch_beside_a_batch(self, actor: Actor, boundary: Boundary) -> None:
        """Nobody works on a document while another run has its lease, be it for a batch, or while it is being sent."""
        if boundary.is_ahead or actor.is_fenced or actor.script.phase.name != "transfer":
            return
        for other in self.actors:
            if actor.attempt in other.sends and not other.is_fenced and not other.is_over:
                self.faults.append(
                    f"{actor.script.name} works on {actor.attempt}, which {other.script.name} is sending"
                )
        for (owner,) in self.world.execute(_ANOTHER_HAS, actor.attempt, f"{actor.script.run.key}/%"):
            self.faults.append(f"{actor.script.name} works on {actor.attempt}, which {owner} has: {boundary}")

    def pass_lease(self, actor: Actor) -> None:
        """Hold an actor up until its lease has run out."""
        self._pass(LEASE_SECONDS + 10, None)
        self.fence(actor)

    def pass_a_slow_call(self) -> None:
        """As long goes by as the longest call takes; nobody's lease may be over then."""
        self._pass(SLOWEST_CALL, None)

    def fence(self, actor: Actor) -> None:
        """From now on others may take over what the actor works on."""
        if actor.attempt is None or actor.is_fenced:
            return
        actor.is_fenced = True
        self.struck.append(actor.said[1] if actor.said is not None and actor.said[0] in (BEFORE, AFTER) else None)

    def _pass(self, seconds: float, mover: Actor | None, *, is_long: bool = True) -> None:
        if is_long:
            self.world.let_pass(int(seconds))
        else:
            self.world.advance(seconds)
            return
        for actor in self.actors:
            if actor is not mover and not actor.is_over:
                actor.idle += seconds
                if actor.idle >= LEASE_SECONDS:
                    self.fence(actor)

    def _kill(self, actor: Actor) -> None:
        os.kill(actor.pid, signal.SIGKILL)
        self._over(actor)
        gone_by = time.monotonic() + 5
        # Its sessions end a moment later, and their locks with them.
        while time.monotonic() < gone_by and self.world.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()",
            actor.script.name,
        ):
            time.sleep(0.001)

    def _over(self, actor: Actor) -> None:
        actor.is_over, actor.said, actor.attempt = True, None, None
        os.waitpid(actor.pid, 0)
        actor.way.close()


def last_call(sandbox: Sandbox) -> int:
    """The number of the newest call; runs in the sandbox."""
    return sandbox.traffic.log(last=1)[0].number
