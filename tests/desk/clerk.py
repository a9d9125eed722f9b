"""A person at the desk, without Airflow: acts on documents as the page lets them, and starts runs that are noted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.desk.acts.acting import Acting
from invoice_bridge_core.desk.acts.known import known_of
from invoice_bridge_core.desk.acts.offered import acts_of
from invoice_bridge_core.desk.acts.seen import seen_mark
from invoice_bridge_core.errors import NotResolvedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from invoice_bridge_core.desk.acts.acting import Done
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.transfer.route_session import RouteSession
    from tests.world import World


@dataclass
class Clerk:
    """One person.

    :param started: the runs that were asked for: DAG, documents, note.
    :param trouble: why no run can be started.
    """

    world: World
    by: str = "Anna Berg"
    started: list[tuple[str, list[str], str]] = field(default_factory=list)
    trouble: str | None = None

    def does(self, name: str, *rows: DocumentRow, **inputs: str | bool) -> list[Done]:
        """The act on documents as they were seen, whatever they are by now."""
        acting = Acting(self.world.ledger, self.by, open_session=self._session, start=self._start)
        return acting.act(name, rows, inputs, {row.id: seen_mark(row) for row in rows})

    def did(self, name: str, row: DocumentRow, **inputs: str | bool) -> str:
        """The same on one document, which has to succeed; what was done."""
        [done] = self.does(name, row, **inputs)
        assert done.is_done, done.text
        return done.text

    def may_not(self, name: str, row: DocumentRow, **inputs: str | bool) -> str:
        """The same, which has to fail; why."""
        [done] = self.does(name, row, **inputs)
        assert not done.is_done, done.text
        return done.text

    def has(self, row: DocumentRow) -> set[str]:
        """The acts that the page shows for the document."""
        return {act.name for act in acts_of(known_of(self.world.ledger, row))}

    @contextmanager
    def _session(self, _: DocumentRow) -> Iterator[RouteSession]:
        session = self.world.session()
        yield session
        session.guard.keep_observations()

    def _start(self, dag_id: str, source_ids: Sequence[str], note: str) -> str:
        if self.trouble is not None:
            raise NotResolvedError(self.trouble)
        self.started.append((dag_id, list(source_ids), note))
        return f"desk__{len(self.started)}"


def notes(world: World, source_id: object) -> list[tuple[str, str]]:
    """Actor and note of each line of the document's history."""
    return [(change.actor, change.note) for change in world.ledger.history(world.row(source_id))]
