"""The customer DAG of a route: a plan, what is written ahead, and one task per customer with news."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ClassVar

from invoice_bridge_core.customers.batches import ContactBatches
from invoice_bridge_core.customers.plan import CustomerPlanner
from invoice_bridge_core.customers.sync import CustomerSync
from invoice_bridge_core.errors import BridgeError, LedgerError, TransientError
from tests.chaos.phases import Phase, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.transfer.route_session import RouteSession
    from tests.chaos.world import ChaosWorld

_NAME = "customer "
"""Before the ledger's number of a customer, which may be a document's, too."""


class CustomerPhase(Phase):
    """Pieces are named by the ledger's numbers of the customers."""

    name = "customers"
    goes_ahead: ClassVar[bool] = True

    def begin(self, world: ChaosWorld, run: Run) -> list[str] | None:
        """The plan; `None` where a connection is shut."""
        world.run_started = dt.datetime.now(dt.UTC)
        with _opened(world, run) as session:
            if session.guard.pause() is not None:
                return None
            try:
                CustomerPlanner(session).plan(dry_run=False)
            except TransientError as error:
                if session.guard.pause_after(error) is None:
                    raise
                return None
            rows = session.ledger.customers.wanted(session.source.conn_id, session.finance.conn_id)
        return [f"{_NAME}{row.id}" for row in rows]

    def ahead(self, world: ChaosWorld, run: Run, work: Sequence[str]) -> str:
        """Contacts, many in a call."""
        with _opened(world, run) as session:
            done = ContactBatches(session, f"{run.key}/write_ahead").write([_link(piece) for piece in work])
        return f"{done.written} written"

    def attempt(self, world: ChaosWorld, run: Run, source_id: str) -> str:
        """One try at bringing one customer in step."""
        with _opened(world, run) as session:
            return str(CustomerSync(session, f"{run.key}/{source_id}").sync(_link(source_id), source_id).outcome)


CUSTOMERS = CustomerPhase()


@contextmanager
def _opened(world: ChaosWorld, run: Run) -> Iterator[RouteSession]:
    world.run_key = run.key
    session = world.session()
    try:
        yield session
    except BridgeError:
        with suppress(LedgerError):
            session.guard.keep_observations()
        raise
    session.guard.keep_observations()


def _link(piece: str) -> int:
    return int(piece.removeprefix(_NAME))
