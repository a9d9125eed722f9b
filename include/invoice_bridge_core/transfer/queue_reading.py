"""Reads the documents that the ledger does not know, or knows otherwise than the queue lists them.

Those that the route takes are kept for the tasks of the same run, which so need not read them again. Only a document
that waits, and that nobody asked for by hand, is kept. When a task uses it: `invoice_bridge_core.transfer.kept_read`.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentRef, SourceState
from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.errors import (
    CredentialsRefusedError,
    LimitReachedError,
    NotFoundError,
    RefusedError,
    TransientError,
    UnreadableError,
)
from invoice_bridge_core.ledger.database.database import MOST_THREADS
from invoice_bridge_core.ledger.queue_reads import QueueRead

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterator, Sequence

    from invoice_bridge_core.ports import WaitingItem
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

READ_PER_RUN = 10_000
"""So many unknown documents a run reads: it ends within its time, and the next one goes on behind them."""

READ_AT_ONCE = 100
"""Unknown documents are read and noted in portions, so that memory stays flat and a crash loses little."""

FORBIDDEN = 403
"""The status by which a source keeps one document from us."""


class QueueReading:
    """Reads documents for the queue step of one run.

    :param run_key: names the run and how often it was cleared.
    :param dry_run: nothing is noted, and nothing kept.
    """

    def __init__(self, session: RouteSession, run_key: str, *, dry_run: bool) -> None:
        self._route, self._ledger, self._source = session.route, session.ledger, session.source
        self._run_key = run_key
        self._dry_run = dry_run
        self.keeps = session.source.reads_cost_calls and not dry_run
        self._kept: set[str] = set()
        self.unread: dict[str, TransientError] = {}

    def read_all(self, items: Sequence[WaitingItem], left: Counter[str]) -> Iterator[DocumentFacts]:
        """The facts of the documents behind these entries, which are noted; those that are not there are counted.

        Those listed first are read first, and no more than a run may read; the rest waits for the next one.

        :raises LimitReachedError: the source takes no more calls for now.
        """
        if len(items) > READ_PER_RUN:
            left["new, and read by one of the next runs"] += len(items) - READ_PER_RUN
            items = items[:READ_PER_RUN]
        with ThreadPoolExecutor(min(self._route.limits.parallel, MOST_THREADS), thread_name_prefix="read") as pool:
            for start in range(0, len(items), READ_AT_ONCE):
                portion = items[start : start + READ_AT_ONCE]
                began = time.monotonic()
                facts, kept = [], []
                for item, read in zip(portion, pool.map(self._read, portion), strict=True):
                    if isinstance(read, LimitReachedError):
                        raise read
                    if isinstance(read, TransientError):
                        log.warning("%s; it waits for the next run", read)
                        self.unread[item.source_id] = read
                        left["could not be read this time"] += 1
                    elif read is None:
                        left["gone from the source since it was listed"] += 1
                    else:
                        log.debug("met %s", item.source_id)
                        facts.append(read if isinstance(read, DocumentFacts) else _facts(read))
                        if isinstance(read, QueueRead) and self._is_wanted(read, item):
                            kept.append(read)
                if not self._dry_run:
                    self._ledger.upsert_facts(facts)
                if kept:
                    age = dt.timedelta(seconds=time.monotonic() - began)
                    self._ledger.queue_reads.keep(self._run_key, kept, age)
                    self._kept.update(read.document.ref.source_id for read in kept)
                yield from facts

    def keep_only(self, chosen: Collection[DocumentFacts]) -> None:
        """Keep no document that gets no task, and none that is too old."""
        if self.keeps:
            others = self._kept - {facts.ref.source_id for facts in chosen}
            self._ledger.queue_reads.forget(self._run_key, self._source.system, self._source.conn_id, others)

    def _is_wanted(self, read: QueueRead, item: WaitingItem) -> bool:
        """Whether a task may book what was read.

        Moved to another office meanwhile, which a bare entry cannot show, it would be booked in another company. Credit
        notes have their turn when the run's invoices are over, and what they wait for is looked at last of all.
        """
        document = read.document
        if not self.keeps or document.state is not SourceState.WAITING or document.is_credit_note:
            return False
        if item.is_bare and self._route.source.is_selective:
            return False
        return self._route.selects(document.office_id, document.project_id)

    def _read(self, item: WaitingItem) -> QueueRead | DocumentFacts | TransientError | None:
        ref = DocumentRef(system=self._source.system, conn_id=self._source.conn_id, source_id=item.source_id)
        try:
            return QueueRead(self._source.read(item.source_id), item.fingerprint)
        except UnreadableError as error:
            # Its task says why it is held; here it only has to become one, of the route whose office it is.
            return DocumentFacts.unreadable(
                ref, item.fingerprint, office_id=error.office_id, project_id=error.project_id
            )
        except NotFoundError:
            return None
        except RefusedError as error:
            # Its task says what the source said; the others do not wait for it.
            log.warning("%s", error)
            return DocumentFacts.unreadable(ref, item.fingerprint)
        except CredentialsRefusedError as error:
            if error.status != FORBIDDEN or not self._source.observations.accepted:
                raise
            # The list was given out with the same credentials, so it is this document that is kept from us.
            log.warning("%s", error)
            return DocumentFacts.unreadable(ref, item.fingerprint)
        except TransientError as error:
            return error


def _facts(read: QueueRead) -> DocumentFacts:
    return DocumentFacts.from_document(read.document, read.entry_fingerprint)
