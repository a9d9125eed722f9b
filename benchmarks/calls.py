"""What a document costs in calls to Xero, one by one and in batches; the core alone, without Airflow.

A queue of 200 invoices, 30 of them of customers that Xero does not know. Then the same against Xero's limits, 60 calls
a minute and 5 at once: what the limit lets through, counted without the calls that a first minute has to give away.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import TransientError
from invoice_bridge_core.transfer.transfer import Attempt, Transfer
from sandbox.sandbox import Sandbox
from sandbox.xero.system import CALLS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.world import World

DOCUMENTS = int(os.environ.get("BENCH_CALLED_DOCUMENTS", "200"))
NEW_CUSTOMERS, KNOWN_CUSTOMERS = 30, 40
MOST_CALLS = 0.25
"""Calls per document that batches may cost."""
BATCHES = {"one by one": 0, "in batches of 50": 50}
PARALLEL = 4
LONGEST = 600.0
_UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Cost:
    """What one queue cost.

    :param calls: to Xero by kind, requests for tokens left out.
    :param own: those among them that the documents' own tasks made.
    :param seconds: from the queue to the last report.
    """

    calls: Counter[str]
    own: int
    seconds: float

    @property
    def per_document(self) -> float:
        """Calls per document."""
        return self.calls.total() / DOCUMENTS


def report(work: Path) -> None:
    """Count and print, before and after; then with Xero's limits on.

    :raises SystemExit: a document was not moved, or batches cost too many calls.
    """
    logging.disable(logging.WARNING)
    with _machine() as machine:
        print(f"{DOCUMENTS} invoices into Xero, {NEW_CUSTOMERS} of them of new customers; the core alone, no Airflow")
        costs = {name: _cost(machine, batch, limited=False) for name, batch in BATCHES.items()}
        _print_calls(costs)
        print(f"\nWith Xero's limits on: {CALLS_PER_MINUTE} calls a minute, 5 at once; {PARALLEL} documents at a time")
        for name, cost in costs.items():
            print(f"  {name:<20} the limit allows {CALLS_PER_MINUTE / cost.per_document:6.0f} documents a minute")
        _print_rate("in batches of 50", _cost(machine, 50, limited=True))
    per_document = costs["in batches of 50"].per_document
    if per_document > MOST_CALLS:
        raise SystemExit(f"{per_document:.3f} calls per document in batches, which is over {MOST_CALLS}")


def _print_calls(costs: dict[str, Cost]) -> None:
    print(f"  {'calls to Xero':<42}{''.join(f'{name:>20}' for name in costs)}")
    for kind in sorted({kind for cost in costs.values() for kind in cost.calls}):
        print(f"  {kind:<42}{''.join(f'{cost.calls[kind]:>20}' for cost in costs.values())}")
    print(f"  {'in all':<42}{''.join(f'{cost.calls.total():>20}' for cost in costs.values())}")
    print(f"  {'of these by the tasks of documents':<42}{''.join(f'{cost.own:>20}' for cost in costs.values())}")
    print(f"  {'per document':<42}{''.join(f'{cost.per_document:>20.3f}' for cost in costs.values())}")


def _print_rate(name: str, cost: Cost) -> None:
    allowed = cost.calls.total() / CALLS_PER_MINUTE
    minutes = max(cost.seconds / 60, allowed)
    bound = "Xero's limit" if allowed > cost.seconds / 60 else "this machine"
    rate = DOCUMENTS / minutes
    print(f"  {name:<20} {rate:6.0f} documents a minute were moved, bound by {bound} ({cost.seconds:.1f} s)")


@dataclass(frozen=True)
class _Machine:
    """The sandbox, and an empty ledger for each count."""

    sandbox: Sandbox
    ledger: Callable[[], AbstractContextManager[str]]


@contextmanager
def _machine() -> Iterator[_Machine]:
    from tests.postgres import fresh_ledger_url, postgres_server

    with postgres_server() as server, Sandbox(documents=0, data="plain", limits="contract") as sandbox:
        for conn_id, connection in sandbox.connections.items():
            os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(connection)
        yield _Machine(sandbox, lambda: fresh_ledger_url(server))


def _cost(machine: _Machine, batch: int, *, limited: bool) -> Cost:
    """Move the queue once, with an empty ledger in which the known customers have been met."""
    from tests.builders import route
    from tests.world import World

    sandbox, made = machine.sandbox, route()
    minute = sandbox.xero.limits.windows["minute"]
    minute.allowed = _UNLIMITED
    sandbox.reset(documents=0, data="plain")
    made = made.model_copy(update={"limits": made.limits.model_copy(update={"batch": batch})})
    with machine.ledger() as ledger_url:
        world = World(sandbox, ledger_url, made)
        for number in range(KNOWN_CUSTOMERS):
            _add(sandbox, number, number)
        _move(world, batch)
        _add_queue(sandbox)
        minute.allowed = CALLS_PER_MINUTE if limited else _UNLIMITED
        sandbox.xero.limits.forget()
        sandbox.traffic.reset()
        started = time.monotonic()
        own = _move(world, batch)
        took = time.monotonic() - started
        world.close()
    calls = Counter(f"{entry.method} {entry.template.removeprefix('/api.xro/2.0')}" for entry in _calls(sandbox))
    booked = len(sandbox.xero.invoices)
    told = Counter(row["statusText"] for row in sandbox.qondor.payments.rows())
    if booked != KNOWN_CUSTOMERS + DOCUMENTS or told != {"Processed": booked}:
        raise SystemExit(f"{booked} documents were booked, and Qondor was told {dict(told)}")
    return Cost(calls, own, took)


def _add_queue(sandbox: Sandbox) -> None:
    """The queue that is counted: new customers among the known ones."""
    every = max(DOCUMENTS // NEW_CUSTOMERS, 1)
    for number in range(DOCUMENTS):
        is_new = number % every == 0 and number // every < NEW_CUSTOMERS
        _add(sandbox, 1_000 + number, 1_000 + number if is_new else number % KNOWN_CUSTOMERS)


def _calls(sandbox: Sandbox) -> list[Any]:
    return [
        entry
        for entry in sandbox.traffic.log(system="xero")
        if "connect/token" not in entry.path and entry.status != 429
    ]


def _add(sandbox: Sandbox, number: int, who: int) -> None:
    from tests.world import customer, payment

    sandbox.qondor.add(payment(number, invoiceNumber=f"CALLS-{number:04d}", customer=customer(2_000 + who)))


def _move(world: World, batch: int) -> int:
    """One run: queue, what is booked ahead, then each document; how many calls to Xero the last part made."""
    from tests.chaos.ahead import book_ahead

    deadline = time.monotonic() + LONGEST
    selection = world.select()
    waiting = [facts.ref.source_id for facts in (*selection.invoices, *selection.credit_notes)]
    if batch:
        book_ahead(world, world.run_key, selection)
    before = len(_calls(world.sandbox))
    with ThreadPoolExecutor(PARALLEL) as pool:
        while waiting:
            ends = list(pool.map(lambda source_id: _tried(world, source_id), waiting))
            waiting = [source_id for source_id, pause in zip(waiting, ends, strict=True) if pause is not None]
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(waiting)} documents still wait after {LONGEST:.0f} s")
            time.sleep(max((pause for pause in ends if pause is not None), default=0))
    return len(_calls(world.sandbox)) - before


def _tried(world: World, source_id: str) -> float | None:
    """One attempt at a document; the seconds to wait for the next one, `None` when it is done."""
    try:
        session = world.session()
        attempt = Attempt(claimant=f"{world.run_key}/transfer/{source_id}", run_key=world.run_key)
        outcome = Transfer(session, attempt).transfer(world.ref(source_id)).outcome
        session.guard.keep_observations()
    except TransientError as error:
        return min(max(error.retry_after.total_seconds() if error.retry_after else 1.0, 0.2), 30.0)
    return None if outcome in (Outcome.TRANSFERRED, Outcome.ALREADY_TRANSFERRED) else 1.0
