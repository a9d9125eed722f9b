"""One trouble at one boundary of one journey, the recovery, and the verdict."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from zlib import crc32

from invoice_bridge_core.documents.states import StepState
from invoice_bridge_core.ledger.ledger import LEASE_SECONDS
from tests.chaos.batched import journey_named
from tests.chaos.boundary import GO, KILL, STAGE, Boundary
from tests.chaos.customer_ends import wrong_customer_ends
from tests.chaos.ends import wrong_ends
from tests.chaos.order import out_of_order
from tests.chaos.payment_ends import wrong_payments
from tests.chaos.report import Finding
from tests.chaos.sale_ends import wrong_sale_ends
from tests.chaos.state import calm, state_of, strike
from tests.chaos.troubles import ALL_TROUBLES, TROUBLES
from tests.chaos.typists import as_typed, typing_into
from tests.chaos.wire import wrong_on_the_wire
from tests.chaos.world import PACES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from tests.chaos.journeys import Journey
    from tests.chaos.troubles import Trouble
    from tests.chaos.world import ChaosWorld, Pace

_SEPARATOR = " | "


@dataclass(frozen=True)
class Case:
    """What repeats a case: `str` names it, `Case.parse` reads the name."""

    journey: str
    boundary: str
    trouble: str
    pace: str

    def __str__(self) -> str:
        return _SEPARATOR.join((self.journey, self.boundary, self.trouble, self.pace))

    @classmethod
    def parse(cls, name: str) -> Case:
        """The case of a name."""
        return cls(*name.split(_SEPARATOR))

    @property
    def is_at_a_read(self) -> bool:
        """Whether its boundary changes nothing."""
        return " GET " in self.boundary or self.boundary.startswith("commit of a look")

    @property
    def is_at_a_write(self) -> bool:
        """Whether its boundary is a call that changes something."""
        return not (self.is_at_a_read or self.boundary.startswith("commit") or "token" in self.boundary)

    @property
    def is_at_a_finding(self) -> bool:
        """Whether its boundary is where a poll of payments keeps something new."""
        return self.boundary.startswith(("commit payment_statuses, history", "commit payments"))

    @property
    def weight(self) -> int:
        """A number that spreads cases evenly and is the same on every machine."""
        return crc32(str(self).encode())


@dataclass
class Recording:
    """Notes the boundaries, and lets everything go."""

    world: ChaosWorld
    met: list[Boundary] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def before(self, boundary: Boundary) -> str:
        self.met.append(boundary)
        self.faults += out_of_order(self.world, boundary)
        return GO

    def after(self, boundary: Boundary) -> str:
        return GO

    def slept(self, seconds: float) -> None:
        self.world.advance(seconds)


@dataclass
class OneTrouble(Recording):
    """One trouble at one boundary."""

    where: str = ""
    trouble: Trouble = TROUBLES["refused"]
    struck: bool = False

    def before(self, boundary: Boundary) -> str:
        super().before(boundary)
        if str(boundary) != self.where or self.struck:
            return GO
        self.struck = True
        if self.trouble.clock:
            self.world.advance(self.trouble.clock)
        if self.trouble.types and (act := typing_into(self.world)) is not None:
            self.world.act(act)
        if self.trouble.fault:
            path = re.escape(boundary.path)
            self.world.played.ask(strike, self.trouble.fault, boundary.system, boundary.method, path)
        return GO if self.trouble.after else self.trouble.order

    def after(self, boundary: Boundary) -> str:
        hit = self.struck and str(boundary) == self.where
        if hit and self.trouble.fault:
            self.world.played.ask(calm)
        if hit and self.trouble.outlasts_lease:
            self.world.let_pass(LEASE_SECONDS + 10)
        return self.trouble.order if hit and self.trouble.after else GO


@cache
def boundaries_of(world: ChaosWorld, journey_name: str, pace_name: str) -> tuple[Boundary, ...]:
    """The boundaries of a journey without trouble, in their order; it has to end well by itself."""
    journey, pace = journey_named(journey_name), PACES[pace_name]
    world.plant(journey)
    plan = Recording(world)
    with STAGE.under(plan):
        runs = perform(world, journey, pace)
    case = Case(journey_name, "nowhere", "no trouble", pace_name)
    if found := [*plan.faults, *violations(world, journey, ())]:
        raise AssertionError(Finding.of(world, str(case), found, runs).text)
    return tuple(plan.met)


def cases_of(world: ChaosWorld, journey_name: str, trouble_name: str) -> Iterator[Case]:
    """Every case of one trouble on one journey, at both paces; of what is booked ahead only that task's boundaries."""
    trouble, journey = ALL_TROUBLES[trouble_name], journey_named(journey_name)
    for pace in PACES:
        for boundary in boundaries_of(world, journey_name, pace):
            if trouble.can_strike(boundary) and (boundary.is_ahead or not journey.is_ahead):
                yield Case(journey_name, str(boundary), trouble_name, pace)


def share_of(cases: Iterable[Case], one_in: int, *, at_least_one: bool = True) -> list[Case]:
    """What an ordinary test run plays of one trouble on one journey: always the same cases.

    One in so many, fewer of those at reads, every write whose answer is lost, and every poll of payments that dies
    before what it found is kept.

    :param at_least_one: whether one journey in three has at least one case.
    """
    cases = list(cases)
    lightest = min(cases, key=lambda case: (case.is_at_a_read, case.weight), default=None)
    at_least_one = at_least_one and lightest is not None and lightest.weight % 3 == 0
    return [
        case
        for case in cases
        if (at_least_one and case is lightest)
        or case.weight % (one_in * 4 if case.is_at_a_read else one_in) == 0
        or (case.trouble == "dropped after" and case.pace == "next run" and case.is_at_a_write)
        or (case.trouble == "killed before" and case.pace == "next run" and case.is_at_a_finding)
    ]


def perform(world: ChaosWorld, journey: Journey, pace: Pace) -> int:
    """Runs and the bookkeeper's acts, until nothing is left to do; how many runs it took."""
    runs = 0 if journey.begins_booked else world.until_quiet(pace)
    for act in journey.acts:
        world.act(act)
        runs += world.until_quiet(pace)
    return runs


def run_case(world: ChaosWorld, case: Case) -> Finding | None:
    """Play one case; what was wrong, if anything was."""
    journey = journey_named(case.journey)
    struck = [each for each in boundaries_of(world, case.journey, case.pace) if str(each) == case.boundary]
    runs, found = play(world, journey, case)
    found += violations(world, journey, struck)
    return Finding.of(world, str(case), found, runs) if found else None


def play(world: ChaosWorld, journey: Journey, case: Case) -> tuple[int, list[str]]:
    """The trouble and the recovery until all is quiet; how many runs that took, and what went wrong on the way."""
    pace, trouble = PACES[case.pace], ALL_TROUBLES[case.trouble]
    world.plant(journey)
    plan = OneTrouble(world, where=case.boundary, trouble=trouble)
    found = []
    runs = 0
    try:
        if trouble.kills:
            if not _killed(world, journey, pace, plan):
                found.append("the attempt was not killed: its boundary was never reached")
            if pace.tries == 1:
                world.runs += 1
                world.let_pass(pace.between_runs)
            with STAGE.under(recovery := Recording(world)):
                runs = perform(world, journey, pace)
            found += recovery.faults
        else:
            with STAGE.under(plan):
                runs = perform(world, journey, pace)
            if not plan.struck:
                found.append("the trouble never struck: its boundary was never reached")
    except AssertionError as error:
        found.append(str(error))
    return runs, [*found, *plan.faults]


def violations(
    world: ChaosWorld, journey: Journey, struck: Sequence[Boundary | None], stale: Collection[int] = ()
) -> list[str]:
    """Everything that is wrong now that all is quiet.

    :param struck: where trouble struck; `None` for somewhere.
    """
    state = world.played.ask(state_of, journey.route.finance.system, journey.route.source.system)
    journey = as_typed(journey, state)
    rows = world.ledger.rows(*journey.source, [paper.expected.source_id for paper in journey.papers])
    return [
        *wrong_ends(journey, state, rows),
        *wrong_payments(world, journey, state),
        *wrong_sale_ends(world, journey, stale),
        *wrong_on_the_wire(journey, state, struck, stale),
        *_open_steps(world, rows.values()),
        *wrong_customer_ends(world, journey, state, stale),
    ]


def _open_steps(world: ChaosWorld, rows: Iterable[DocumentRow]) -> Iterator[str]:
    for row in rows:
        for step in world.ledger.steps(row):
            if step.state is StepState.INTENDED:
                yield f"{row.label}: the ledger does not know what became of the step {step.step}"


def _killed(world: ChaosWorld, journey: Journey, pace: Pace, plan: OneTrouble) -> bool:
    """Perform the journey in a forked process until it is killed there; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            STAGE.actor = "doomed"
            world.in_a_process_of_its_own()
            with STAGE.under(_Doomed(world, where=plan.where, trouble=plan.trouble)):
                perform(world, journey, pace)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


class _Doomed(OneTrouble):
    """In the child: the way to the sandbox may be used while the parent waits; the ledger's may not."""

    def before(self, boundary: Boundary) -> str:
        self.struck = str(boundary) == self.where
        return KILL if self.struck and not self.trouble.after else GO
