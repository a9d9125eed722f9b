"""One route on the sandbox in its own process: runs as the DAGs make them, and time that passes without waiting."""

from __future__ import annotations

import datetime as dt
import gc
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg2
import sqlalchemy as sa

from invoice_bridge_core.errors import BridgeError, LedgerError, TransientError
from invoice_bridge_core.ledger.database.tables import metadata
from invoice_bridge_core.payments.poll import PaymentPoll
from invoice_bridge_core.payments.report_paid import PaidReport
from invoice_bridge_core.sales.poll import SalesPoll
from invoice_bridge_core.transfer.transfer import Attempt
from tests.chaos import clock
from tests.chaos.ahead import book_ahead
from tests.chaos.boundary import STAGE
from tests.chaos.documents import plant
from tests.chaos.phases import PHASES, Run
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.documents.outcomes import Result
    from invoice_bridge_core.transfer.queue import Selection
    from sandbox.sandbox import Sandbox
    from tests.chaos.acts import Act
    from tests.chaos.journeys import Journey
    from tests.chaos.phases import Phase
    from tests.chaos.played import Played

Done = TypeVar("Done")

TABLES = [table.fullname for table in reversed(metadata.sorted_tables)]
MOST_RUNS = 9
KEYS = (b"not in the ledger",)
_SHUT = (
    "SELECT ceil(max(extract(epoch FROM closed_until - now())) FILTER (WHERE closed_until > now())),"
    " count(*) FILTER (WHERE refused_at IS NOT NULL) FROM connections"
)
_TIME_PASSES = """
    UPDATE documents SET lease_until = lease_until - %(seconds)s, updated_at = updated_at - %(seconds)s,
        intent_at = intent_at - %(seconds)s
    WHERE id IN (SELECT id FROM documents FOR UPDATE SKIP LOCKED);
    UPDATE steps SET intended_at = intended_at - %(seconds)s
    WHERE document_id IN (SELECT id FROM documents FOR UPDATE SKIP LOCKED);
    UPDATE payment_statuses SET seen_at = seen_at - %(seconds)s, told_at = told_at - %(seconds)s,
        reason_at = reason_at - %(seconds)s
    WHERE document_id IN (SELECT document_id FROM payment_statuses FOR UPDATE SKIP LOCKED);
    UPDATE sales SET lease_until = lease_until - %(seconds)s, intent_at = intent_at - %(seconds)s,
        seen_at = seen_at - %(seconds)s, told_at = told_at - %(seconds)s, reason_at = reason_at - %(seconds)s
    WHERE id IN (SELECT id FROM sales FOR UPDATE SKIP LOCKED);
    UPDATE customer_links SET lease_until = lease_until - %(seconds)s, intent_at = intent_at - %(seconds)s,
        source_read_at = source_read_at - %(seconds)s
    WHERE id IN (SELECT id FROM customer_links FOR UPDATE SKIP LOCKED);
    UPDATE cursors SET polled_at = polled_at - %(seconds)s, asked_at = asked_at - %(unasked)s
    WHERE name IN (SELECT name FROM cursors FOR UPDATE SKIP LOCKED);
    UPDATE reference_data SET read_at = read_at - %(seconds)s
    WHERE ctid IN (SELECT ctid FROM reference_data FOR UPDATE SKIP LOCKED);
    UPDATE queue_reads SET read_at = read_at - %(seconds)s
    WHERE ctid IN (SELECT ctid FROM queue_reads FOR UPDATE SKIP LOCKED);
    UPDATE connections SET closed_until = closed_until - %(seconds)s, day_left_at = day_left_at - %(seconds)s
    WHERE conn_id IN (SELECT conn_id FROM connections FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True)
class Pace:
    """How time goes by.

    :param tries: of one task within its run.
    :param between_tries: seconds, unless the other side asked for more.
    :param between_runs: seconds.
    """

    name: str
    tries: int
    between_tries: int
    between_runs: int


# Xero answers the same idempotency key with the same answer for 360 seconds: one pace stays below, one above.
PACES = {pace.name: pace for pace in (Pace("retried", 3, 12, 310), Pace("next run", 1, 0, 400))}


class ChaosWorld(World):
    """A world whose sandbox is asked over a pipe, and whose attempts may run in forked processes."""

    __hash__ = object.__hash__

    def __init__(self, played: Played, ledger_url: str) -> None:
        self.played = played
        self.admin = psycopg2.connect(ledger_url.replace("postgres://", "postgresql://"))
        self.admin.autocommit = True
        self.execute("SET search_path TO invoice_bridge, public")
        self.journey: Journey | None = None
        self.runs = 0
        self.run_key = ""
        self.selection: Selection | None = None
        super().__init__(sandbox=None, ledger_url=ledger_url, fingerprint_keys=KEYS)  # type: ignore[arg-type]
        self._engine = self._engine_of_the_ledger()
        sa.event.listen(self._engine, "do_connect", _named)
        # What lives as long as the world is not looked through in each process that is forked.
        gc.freeze()

    def close(self) -> None:
        super().close()
        self.admin.close()

    def plant(self, journey: Journey) -> None:
        """Begin anew: empty ledger, empty finance systems, the journey's documents in their source."""
        self.journey, self.route, self.runs = journey, journey.route, 0
        self.execute("; ".join(f"DELETE FROM {table}" for table in TABLES))
        self.played.ask(plant, list(journey.papers), *journey.source)
        for act in journey.begins_with:
            self.played.ask(performed, act)
        clock.is_ahead(0)
        self.booked_before()
        if journey.begins_booked:
            pace = next(iter(PACES.values()))
            for phase in PHASES:
                self.run_phase(phase, Run("before#0"), pace)
            self.let_pass(pace.between_runs)

    def in_a_process_of_its_own(self) -> None:
        """After a fork: leave the parent's connections alone and open others, named after the actor.

        The engine stays, with all statements that it has compiled; nothing that is checked depends on it.
        """
        self._engine.dispose(close=False)

    def _engine_of_the_ledger(self) -> sa.Engine:
        with self.ledger.transaction() as connection:
            return connection.engine

    def let_arrive(self) -> None:
        """Nothing: here every attempt finds things as the pace left them."""

    def new_run(self) -> str:
        """The run that goes on; whoever makes runs here names them."""
        self.run_started = dt.datetime.now(dt.UTC)
        return self.run_key

    def now(self) -> dt.datetime:
        """The time of workers and sandbox."""
        return clock.now()

    def select_for(self, run: Run) -> Selection:
        """The queue step of a run."""
        self.run_key = run.key
        self.selection = self.select(window=run.window)
        return self.selection

    def book_ahead_in(self, run: Run) -> str:
        """The task that books ahead what the queue step has chosen, as its operator takes it."""
        self.run_key = run.key
        assert self.selection is not None
        summary = book_ahead(self, run.key, self.selection, sleep=lambda seconds: self.let_pass(math.ceil(seconds)))
        return f"{summary.booked} booked, {summary.left} left"

    def poll_in(self, run: Run) -> list[str] | None:
        """The first step of a payment run, as its operator takes it; `None` when finance was not asked."""
        self.run_key = run.key
        self.run_started = dt.datetime.now(dt.UTC)
        session = self.session()
        poll = PaymentPoll(session, actor=run.key)
        # The ledger's moments are moved back when time passes, so that its own clock stays the real one.
        now = dt.datetime.now(dt.UTC)
        reason = poll.poll(now)
        chosen = [entry.row.ref.source_id for entry in poll.to_tell(now)]
        session.guard.keep_observations()
        return chosen if reason is None or chosen else None

    def report_in(self, run: Run, source_id: str) -> Result:
        """One task of a payment run."""
        self.run_key = run.key
        session = self.session()
        attempt = Attempt(claimant=f"{run.key}/payments/{source_id}", run_key=run.key)
        result = PaidReport(session, attempt).report(self.ref(source_id), dt.datetime.now(dt.UTC))
        session.guard.keep_observations()
        return result

    def poll_sales_in(self, run: Run) -> list[str] | None:
        """The first step of a sales run, as its operator takes it; `None` when finance was not asked."""
        self.run_key = run.key
        self.run_started = dt.datetime.now(dt.UTC)
        session = self.session()
        poll, now = SalesPoll(session), dt.datetime.now(dt.UTC)
        reason = poll.poll(now)
        chosen = [sale.key.finance_id for sale in poll.to_show(now)]
        session.guard.keep_observations()
        return chosen if reason is None or chosen else None

    def show_in(self, run: Run, finance_id: str) -> Result:
        """One task of a sales run."""
        self.run_key = run.key
        return self.show_sale(finance_id, claimant=f"{run.key}/sales/{finance_id}")

    def act(self, act: Act) -> None:
        """Somebody does something in finance, and time goes by."""
        clock.is_ahead(self.played.ask(performed, act))
        self.let_pass(act.takes)

    def until_quiet(self, pace: Pace) -> int:
        """Runs until one has nothing left to do and no connection is shut; returns how many it took.

        :raises AssertionError: they never become quiet.
        """
        for count in range(1, MOST_RUNS + 1):
            self.runs += 1
            if not self.run_once(pace):
                return count
            closed_for, _ = self.shut()
            self.let_pass(max(pace.between_runs, closed_for + 1))
        raise AssertionError(f"there is still work after {MOST_RUNS} runs")

    def shut(self) -> tuple[int, int]:
        """For how many seconds a connection may not be called, and how many connections' credentials are refused."""
        [(closed_for, refused)] = self.execute(_SHUT)
        return int(closed_for or 0), refused

    def run_once(self, pace: Pace, run: Run | None = None) -> bool:
        """One run of all phases; whether there was anything to do, or something kept a phase from doing it."""
        assert self.journey is not None
        run = run or Run(f"run_{self.runs}#0")
        busy = False
        for phase in self.journey.phases:
            busy = self.run_phase(phase, run, pace) or busy
            # Asked after each phase: the next one may be the first whose credentials are accepted again.
            busy = any(self.shut()) or busy
        return busy

    def run_phase(self, phase: Phase, run: Run, pace: Pace) -> bool:
        """One run of one phase; whether there was anything to do."""
        work = self.tried(lambda: phase.begin(self, run), pace)
        if phase.goes_ahead and work:
            self.tried(lambda: phase.ahead(self, run, work), pace)
        for source_id in work or []:
            self.tried(lambda key=source_id: phase.attempt(self, run, key), pace)  # type: ignore[misc]
        return work != []

    def tried(self, task: Callable[[], Done], pace: Pace) -> Done | None:
        """A task with its retries, as the retry policy makes them; `None` when it failed."""
        for _ in range(pace.tries):
            try:
                return task()
            except (TransientError, LedgerError) as error:
                asked = getattr(error, "retry_after", None) or dt.timedelta(0)
                self.let_pass(max(pace.between_tries, int(asked.total_seconds()) + 1))
            except BridgeError:
                return None
        return None

    def let_pass(self, seconds: int) -> None:
        """Time goes by for the sandbox, and for leases and what the ledger remembers."""
        if not seconds:
            return
        self.advance(seconds)
        # Xero's daily net never comes, so that nothing may depend on it. Quiddly has no other way to follow drafts.
        unasked = seconds if self.route.finance.system == "quiddly" else 0
        # A row that an open transaction holds gets its lease anew when that transaction ends.
        self.execute(_TIME_PASSES, {"seconds": dt.timedelta(seconds=seconds), "unasked": dt.timedelta(seconds=unasked)})

    def advance(self, seconds: float) -> None:
        """Time goes by for the sandbox and for workers, and the ledger is not told."""
        clock.is_ahead(self.played.ask(advance, seconds))

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement on the harness' own connection to the ledger."""
        with self.admin.cursor() as cursor:
            cursor.execute(statement, values[0] if values and isinstance(values[0], dict) else values or None)
            return cursor.fetchall() if cursor.description else []


def _named(*asked: Any) -> None:
    asked[-1]["application_name"] = STAGE.actor


def advance(sandbox: Sandbox, seconds: float) -> float:
    """Push the sandbox's clock; how far it is ahead then. Runs there."""
    sandbox.clock.advance(seconds)
    return sandbox.clock.seconds() - time.time()


def performed(sandbox: Sandbox, act: Act) -> float:
    """Do it; how far the clock is ahead then. Runs in the sandbox."""
    act(sandbox)
    return sandbox.clock.seconds() - time.time()
