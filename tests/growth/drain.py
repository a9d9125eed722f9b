"""A full queue drained run by run, in a process of its own, so that the sandbox is not in its memory.

Everything between Airflow and the wire is the product's own: the queue step, the batches, and one transfer for each
document that was chosen, as many at once as the route says. Each run ends with a line of JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from benchmarks.growth import memory
from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents, steps
from invoice_bridge_core.ledger.documents.in_flight import BATCH_IN_FLIGHT, IN_FLIGHT
from invoice_bridge_core.transfer.transfer import Attempt, Transfer
from tests.world import Ended, World, ended

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.documents.outcomes import Result
    from sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Run:
    """What came of one run.

    :param invoices: those of the run in the order in which they have their turn; `credit_notes` come after them.
    :param left: how many were not chosen, by the reason.
    :param booked_ahead: how many were booked in batches.
    :param ended: how many ended how.
    :param failed: why, by the document, of those that did not move.
    :param seconds: of wall time; `cpu` of this process's own.
    :param rss: kilobytes of this process at the end of the run, and `peak` the most until then.
    :param blocks: of memory that Python's own objects take then.
    """

    invoices: list[str]
    credit_notes: list[str]
    left: dict[str, int]
    booked_ahead: int
    ended: dict[str, int]
    failed: dict[str, str]
    queue_seconds: float
    ahead_seconds: float
    seconds: float
    cpu: float
    rss: int
    peak: int
    blocks: int


def drain(world: World, limit: int, most_runs: int) -> None:
    """Run after run, until nothing moves any more; a line for each."""
    for _ in range(most_runs):
        run = one_run(world, limit)
        sys.stdout.write(f"{json.dumps(asdict(run))}\n")
        sys.stdout.flush()
        if not run.ended.get(Outcome.TRANSFERRED):
            return
        let_time_pass(world)


def one_run(world: World, limit: int) -> Run:
    """The steps of one run of the transfer."""
    began, cpu = time.monotonic(), time.process_time()
    selection = world.select(limit=limit)
    listed = time.monotonic()
    summary = world.book_ahead(selection)
    ahead = time.monotonic()
    counted: Counter[str] = Counter()
    failed = {}
    chosen = [[facts.ref for facts in each] for each in (selection.invoices, selection.credit_notes)]
    with ThreadPoolExecutor(world.route.limits.parallel) as pool:
        for refs in chosen:
            for ref, end in zip(refs, pool.map(partial(task, world), refs), strict=True):
                name = type(end.error).__name__ if end.error is not None else str(end.outcome)
                counted[name] += 1
                if end.error is not None or end.outcome is not Outcome.TRANSFERRED:
                    failed[ref.source_id] = str(end.error or end.message)
    gc.collect()
    return Run(
        invoices=[ref.source_id for ref in chosen[0]],
        credit_notes=[ref.source_id for ref in chosen[1]],
        left=dict(selection.left),
        booked_ahead=summary.booked,
        ended=dict(counted),
        failed=failed,
        queue_seconds=listed - began,
        ahead_seconds=ahead - listed,
        seconds=time.monotonic() - began,
        cpu=time.process_time() - cpu,
        rss=memory("VmRSS"),
        peak=memory("VmHWM"),
        blocks=sys.getallocatedblocks(),
    )


def task(world: World, ref: DocumentRef) -> Ended:
    """What the task of one document does; with an error, Airflow would try it again, and here the next run does."""

    def transfer() -> Result:
        session = world.session()
        result = Transfer(session, Attempt(f"test/{ref.source_id}", world.run_key)).transfer(ref)
        session.guard.keep_observations()
        return result

    return ended(transfer)


def let_time_pass(world: World) -> None:
    """As long goes by until the next run as what was sent may take to arrive."""
    open_ones = documents.c.state.not_in([DocumentState.TRANSFERRED, DocumentState.REJECTED])
    sent = sa.update(documents).where(open_ones, documents.c.intent_at.is_not(None))
    of_open_ones = steps.c.document_id.in_(sa.select(documents.c.id).where(open_ones))
    followed = sa.update(steps).where(of_open_ones, steps.c.ended_at.is_(None))
    # No longer than that: what was sent by itself is looked for in all that finance made since.
    long_ago = sa.case((documents.c.batch_id.is_(None), IN_FLIGHT), else_=BATCH_IN_FLIGHT)
    with world.ledger.transaction() as connection:
        connection.execute(sent.values(intent_at=documents.c.intent_at - long_ago))
        connection.execute(followed.values(intended_at=steps.c.intended_at - IN_FLIGHT))


def main(url: str, limit: int, most_runs: int) -> None:
    """Drain the queue of the sandbox that Airflow's connections in the environment name."""
    world = World(cast("Sandbox", None), url)
    drain(world, limit, most_runs)
    world.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
