"""Acts carried out: on each document by itself, once, and only while it is as the person saw it."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.decisions.last_act import ON_THE_DESK, now_text
from invoice_bridge_core.desk.acts.act import Deed
from invoice_bridge_core.desk.acts.inputs import read_inputs
from invoice_bridge_core.desk.acts.known import known_of
from invoice_bridge_core.desk.acts.registry import act_named
from invoice_bridge_core.desk.acts.retrying import NOT_STARTED, Retry, dag_of, note_on, only_payment_waits
from invoice_bridge_core.desk.acts.seen import seen_mark
from invoice_bridge_core.errors import BridgeError, NotResolvedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from invoice_bridge_core.desk.acts.act import StartRun
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.transfer.route_session import RouteSession

    OpenSession = Callable[[DocumentRow], AbstractContextManager[RouteSession]]

log = logging.getLogger(__name__)

TURN_SECONDS = 10
"""How long an act waits for another one on the same document."""


@dataclass(frozen=True)
class Done:
    """What became of an act on one document.

    :param id: of the document's row.
    :param is_done: whether this very request did it.
    :param text: what was done, or why not, in a sentence.
    """

    id: int
    is_done: bool
    text: str

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {"id": self.id, "done": self.is_done, "text": self.text}


class Acting:
    """Carries out the acts of one person.

    :param by: the person, as the history names them.
    :param open_session: opens the two systems of a document's route.
    :param start: starts runs.
    """

    def __init__(self, ledger: Ledger, by: str, *, open_session: OpenSession, start: StartRun) -> None:
        self._ledger, self._by = ledger, by
        self._open_session, self._start = open_session, start

    def act(
        self, name: str, rows: Sequence[DocumentRow], inputs: Mapping[str, object], seen: Mapping[int, str]
    ) -> list[Done]:
        """Do it with each of the documents; where it fails with one, the others are done.

        :param rows: the documents, once each.
        :param seen: how the person saw them, by the rows' ids (`seen_mark`).
        :raises UnknownNameError: there is no such act.
        """
        act_named(name)
        deeds: list[Deed] = []
        done = {row.id: self._one(name, row, inputs, seen.get(row.id), deeds) for row in rows}
        if name == Retry.name:
            done |= self._started(deeds)
        return list(done.values())

    def _one(
        self, name: str, row: DocumentRow, inputs: Mapping[str, object], seen: str | None, deeds: list[Deed]
    ) -> Done:
        try:
            with self._ledger.locked(f"act on {row.ref}", seconds=TURN_SECONDS):
                deed = self._deed(name, row, inputs, seen)
                text = act_named(name).carry_out(deed)
        except BridgeError as error:
            return Done(row.id, False, _sentence(str(error)))
        except Exception:
            log.exception("The act %s on %s went wrong", name, row.ref)
            text = f"{row.label}: something went wrong here. The log of Airflow's API server says what."
            return Done(row.id, False, text)
        deeds.append(deed)
        return Done(row.id, True, _sentence(text))

    def _deed(self, name: str, row: DocumentRow, inputs: Mapping[str, object], seen: str | None) -> Deed:
        """What is to be done, with the document as it is now.

        :raises NotResolvedError: it is not as the person saw it, or has no such act.
        """
        now = self._ledger.row(row.ref)
        if now is None:
            raise NotResolvedError(f"The ledger no longer knows {row.label}")
        if seen is None:
            raise NotResolvedError(f"Nobody said how they saw {row.label}: look at it again")
        if seen != seen_mark(now):
            raise NotResolvedError(f"It is not as you saw it. {now_text(self._ledger, now)}")
        known = known_of(self._ledger, now)
        offered = act_named(name).offered(known)
        if offered is None:
            raise NotResolvedError(f"There is nothing to do. {now_text(self._ledger, now)}")
        return Deed(
            known,
            read_inputs(offered.inputs, inputs),
            by=self._by,
            claimant=f"{self._by}{ON_THE_DESK}",
            ledger=self._ledger,
            open_session=lambda: self._open_session(now),
        )

    def _started(self, deeds: Sequence[Deed]) -> dict[int, Done]:
        """One run for all documents that one DAG tries again."""
        by_dag: dict[str, list[Deed]] = defaultdict(list)
        for deed in deeds:
            by_dag[dag_of(deed.known)].append(deed)
        failed = {}
        for dag_id, together in by_dag.items():
            names = [deed.row.ref.source_id for deed in together if not only_payment_waits(deed.known)]
            labels = ", ".join(deed.row.number or deed.row.ref.source_id for deed in together)
            try:
                self._start(dag_id, names, f"{self._by} asks for another try of {labels}")
            except BridgeError as error:
                for deed in together:
                    failed[deed.row.id] = Done(deed.row.id, False, _sentence(str(error)))
                    with suppress(BridgeError):
                        note_on(deed, f"{self._by}: {NOT_STARTED}: {error}")
        return failed


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "”")) else f"{text}."
