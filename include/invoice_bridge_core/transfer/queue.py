"""Decides which waiting documents become a task of this run.

What decides (kind, date, office, project) is noted in the ledger when an id is seen for the first time. So a shared
queue full of held documents, or of those of others, costs one list call per run.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, ConfigurationError
from invoice_bridge_core.ledger.documents.queue_rows import QueueRow
from invoice_bridge_core.transfer import queue_reading
from invoice_bridge_core.transfer.candidates import Candidate, Named, known_well_enough, must_be_read
from invoice_bridge_core.transfer.fair_share import fair_share
from invoice_bridge_core.transfer.look_again import LookAgain, credited_states
from invoice_bridge_core.transfer.queue_reading import QueueReading
from invoice_bridge_core.transfer.reference import reference_data
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory, chosen_key, offered_again_key
from invoice_bridge_core.transfer.selection import Selection as Selection
from invoice_bridge_core.transfer.set_back import ENDED, still_offered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.connections.guard import Pause
    from invoice_bridge_core.documents.window import Window
    from invoice_bridge_core.ports import ReferenceData, WaitingItem
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

MANY = 50
"""With so many new documents, finance's limit of calls per minute decides how long a run takes.

So finance is called once before they are read: its first minute begins then.
"""

MOST_NAMES = 500
"""So many documents may be asked for by their names; each that does not wait is looked for in the ledger."""

REFERENCE_AGE = dt.timedelta(minutes=30)
"""How old accounts and currencies may be while only held documents wait.

Reading them in every run would use up the day's calls of the finance API.
"""


class Queue:
    """The waiting documents of one route.

    :param run_key: names the run; reference data is read once per key.
    """

    def __init__(self, session: RouteSession, run_key: str, *, dry_run: bool = False) -> None:
        self._route, self._ledger, self._guard = session.route, session.ledger, session.guard
        self._source, self._finance = session.source, session.finance
        self._run_key = run_key
        self._dry_run = dry_run
        self._finance_pause: Pause | None = None
        self._reference_data: ReferenceData | None = None
        self._reading = QueueReading(session, run_key, dry_run=dry_run)
        self._offered_again: set[str] = set()
        self._credited: Mapping[str, str] = {}
        self._session = session
        if dry_run:
            session.only_reads()

    def select(self, window: Window, *, only: Sequence[str] = (), limit: int, reference_age: dt.timedelta) -> Selection:
        """Choose the documents of this run, oldest first, at most `limit`.

        :param only: source ids or numbers asked for by hand: they are tried even when held or done.
        :param reference_age: how old the finance system's reference data may be while only held documents wait.
        :raises ConfigurationError: the route lacks what every document needs; too many names are in `only`; or none of
            them is waiting or known to the ledger; where some are, `unknown` names the others.
        :raises TransientError: none of them is, and some documents could not be read this time.
        """
        if (problem := self._route.start_problem) is not None:
            raise ConfigurationError(problem)
        if len(only) > MOST_NAMES:
            raise ConfigurationError(
                f"Documents: {len(only)} were given, and a run takes {MOST_NAMES} by their names. Start several runs, "
                "or leave the field empty and choose them by their dates"
            )
        if only:
            self._reading.keeps = False
        if (pause := self._guard.closed(self._source.conn_id)) is not None:
            return self._all_wait(pause, window)
        self._finance_pause = self._guard.closed(self._finance.conn_id)
        try:
            selection = self._choose(window, only, limit, reference_age)
            if selection.is_any and self._finance_pause is None and self._guard.is_refused(self._finance.conn_id):
                self._guard.check(self._finance.conn_id)
        except BridgeError as error:
            pause = self._guard.pause_after(error, checked=True)
            if pause is None:
                raise
            if pause.conn_id == self._source.conn_id:
                return self._all_wait(pause, window)
            self._finance_pause = pause
            selection = self._choose(window, only, limit, reference_age)
        self._reading.keep_only([*selection.invoices, *selection.credit_notes])
        if self._dry_run:
            chosen = {facts.ref.source_id: facts.number for facts in selection.invoices}
            LedgerRunMemory(self._ledger, self._run_key).once(chosen_key(self._route.route), lambda: chosen)
        return selection

    def _all_wait(self, pause: Pause, window: Window) -> Selection:
        """Choose nothing, since the source may not be asked; count the documents that the ledger knows to wait."""
        unended = (DocumentState.SEEN, DocumentState.WORKING, DocumentState.BOOKED)
        known = [
            row
            for row in self._ledger.queue_rows_in(self._source.system, self._source.conn_id, unended)
            if self._why_left(Candidate.known(row), window) is None
        ]
        return Selection(left=Counter({pause.of_many: len(known)}), was_listed=False)

    def _choose(self, window: Window, only: Sequence[str], limit: int, reference_age: dt.timedelta) -> Selection:
        selection = Selection()
        candidates = self._candidates(selection)
        if only:
            candidates = self._asked_for(candidates, only, selection)
        chosen = []
        self._again = LookAgain(self._session)
        self._credited = credited_states(self._ledger, [one.row for one in candidates if one.row is not None])
        # Those that were looked at longest ago have the first turn of the few that are tried.
        for candidate in sorted(candidates, key=lambda one: one.looked_at):
            reason = self._why_left(candidate, window)
            if reason is None and not only:
                reason = self._why_not_again(candidate, reference_age)
            if reason is None:
                chosen.append(candidate)
            else:
                selection.left[reason] += 1
        if self._finance_pause is not None:
            selection.left[self._finance_pause.of_many] += len(chosen)
            return selection
        if len(chosen) > limit:
            selection.left["waiting for the next run: documents_per_run reached"] = len(chosen) - limit
        for candidate, facts in self._with_facts(fair_share(chosen, limit)):
            (selection.credit_notes if candidate.is_credit_note else selection.invoices).append(facts)
        if chosen:
            self._reference()
        return selection

    def _with_facts(self, chosen: Sequence[Candidate]) -> list[tuple[Candidate, DocumentFacts]]:
        """Those that were chosen with all that is known of them, in their order."""
        noted = [one.source_id for one in chosen if isinstance(one.about, QueueRow)]
        rows = self._ledger.rows(self._source.system, self._source.conn_id, noted)
        facts = {source_id: row.facts for source_id, row in rows.items()}
        facts |= {one.source_id: one.about for one in chosen if isinstance(one.about, DocumentFacts)}
        return [(one, facts[one.source_id]) for one in chosen if one.source_id in facts]

    def _candidates(self, selection: Selection) -> list[Candidate]:
        items = {item.source_id: item for item in self._source.waiting()}
        if self._source.unreadable_entries:
            selection.left["listed without an id that can be used"] += self._source.unreadable_entries
        rows = self._known(items)
        self._offered_again = still_offered(self._source, rows)
        if self._offered_again:
            again = dict.fromkeys(sorted(self._offered_again))
            LedgerRunMemory(self._ledger, self._run_key).once(offered_again_key(self._route.route), lambda: again)
        unmet = {
            source_id: item
            for source_id, item in items.items()
            if source_id not in rows or must_be_read(rows[source_id], item)
        }
        for source_id in known_well_enough(unmet, rows, queue_reading.READ_PER_RUN):
            del unmet[source_id]
        candidates = [
            Candidate.known(row, is_offered=True, is_bare=items[source_id].is_bare)
            for source_id, row in rows.items()
            if source_id not in unmet
        ]
        candidates += self._read(unmet, rows, selection)
        for row in self._ledger.unfinished(self._source.system, self._source.conn_id):
            if row.ref.source_id not in items:
                candidates.append(Candidate.known(QueueRow.of(row)))
        return candidates

    def _known(self, source_ids: Mapping[str, object]) -> dict[str, QueueRow]:
        return self._ledger.queue_rows(self._source.system, self._source.conn_id, list(source_ids))

    def _read(
        self, unmet: Mapping[str, WaitingItem], rows: Mapping[str, QueueRow], selection: Selection
    ) -> list[Candidate]:
        """The documents that had to be read; what a dry run reads is not noted, so it has to remember."""
        if len(unmet) >= MANY and self._finance_pause is None:
            self._reference()
        read = self._reading.read_all(list(unmet.values()), selection.left)
        if self._dry_run:
            return [Candidate(facts, rows.get(facts.ref.source_id), is_offered=True) for facts in read]
        met = {facts.ref.source_id: None for facts in read}
        return [Candidate.known(row, is_offered=True) for row in self._known(met).values()]

    def _asked_for(self, candidates: Sequence[Candidate], only: Sequence[str], selection: Selection) -> list[Candidate]:
        """Those of these names; a name that nothing has keeps no other one."""
        chosen = {}
        missing = []
        waiting = Named(candidates)
        for name in dict.fromkeys(only):
            matches = waiting.of(name) or [
                Candidate.known(QueueRow.of(row))
                for row in self._ledger.find(name)
                if (row.ref.system, row.ref.conn_id) == (self._source.system, self._source.conn_id)
            ]
            if not matches:
                missing.append(name)
            chosen.update({match.source_id: match for match in matches})
        if missing and not chosen:
            if self._reading.unread:
                # Which number an unread document has, nobody knows.
                raise self._reading.unread.get(missing[0]) or next(iter(self._reading.unread.values()))
            raise ConfigurationError(self._not_found(missing))
        if missing:
            log.warning("%s", self._not_found(missing))
            selection.unknown += [self._not_found([name]) for name in missing]
        return list(chosen.values())

    def _not_found(self, names: Sequence[str]) -> str:
        is_one = len(names) == 1
        text = (
            f"Documents: {', '.join(names)} {'does' if is_one else 'do'} not wait in {self._source.name}, and the "
            f"ledger does not know {'it' if is_one else 'them'}. Give numbers or ids as the source shows them"
        )
        if not self._reading.unread:
            return text
        unread = "1 document" if len(self._reading.unread) == 1 else f"{len(self._reading.unread)} documents"
        return f"{text}. It may be among {unread} that could not be read this time: then ask for it once more"

    def _why_left(self, candidate: Candidate, window: Window) -> str | None:
        facts = candidate.about
        if not facts.is_readable and facts.office_id is None:
            return None
        if self._is_under_way(candidate.row):
            # Offices, projects and start_date may have changed since; what was sent is finished all the same.
            return None if window.contains(facts.document_date) else "outside the run's window"
        if not self._route.selects(facts.office_id, facts.project_id):
            return "other offices or projects"
        if not facts.is_readable:
            return None
        start_date = self._route.source.start_date
        if start_date is not None and (facts.document_date is None or facts.document_date < start_date):
            return "dated before the route's start_date"
        if not window.contains(facts.document_date):
            return "outside the run's window"
        return None

    def _is_under_way(self, row: QueueRow | None) -> bool:
        """Whether this route has sent the document to finance, and its source was not told of the end yet."""
        if row is None or row.state in ENDED or row.route != self._route.route:
            return False
        return row.finance_conn == self._finance.conn_id and (row.is_booked or row.has_intent)

    def _why_not_again(self, candidate: Candidate, reference_age: dt.timedelta) -> str | None:
        row = candidate.row
        if row is None or row.state not in (
            DocumentState.TRANSFERRED,
            DocumentState.REJECTED,
            DocumentState.HELD,
            DocumentState.IN_DOUBT,
        ):
            return None
        if row.state in ENDED:
            return None if row.source_id in self._offered_again else f"already {row.state}"
        if row.held_fingerprint is None or row.id in self._freed_by_booking:
            return None
        if self._finance_pause is not None:
            return f"{row.state}, and tried again later"
        entry = candidate.about.entry_fingerprint
        reference = self._reference(reference_age)
        return self._again.why_not(
            row,
            reference,
            entry,
            self._credited.get(row.source_id),
            is_offered=candidate.is_offered,
            is_bare=candidate.is_bare,
        )

    @cached_property
    def _freed_by_booking(self) -> frozenset[int]:
        """Rows that were not rejected because the route had booked nothing, and that it may reject now."""
        return self._ledger.rejections.freed_by_booking(self._route.route)

    def _reference(self, age: dt.timedelta | None = None) -> ReferenceData:
        if self._reference_data is None and age and self._finance.reference is not None:
            self._reference_data = self._ledger.recent_reference_data(self._finance.conn_id, age)
        if self._reference_data is None or age is None:
            self._reference_data = reference_data(self._finance, self._ledger, self._run_key)
        return self._reference_data
