"""Whether a task may use what the queue step of its run has read, instead of reading the document again.

What the source says wins, so only a document that nothing has happened to is used unread, and only to book it. Whatever
else would become of it is decided on a read of the task's own.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, LedgerError
from invoice_bridge_core.ledger.documents.lookups import REJECTION
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.documents import Document, DocumentRef
    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ledger.queue_reads import QueueRead
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

LISTED_AGAIN = dt.timedelta(seconds=30)
"""How old a read may be before the run's tasks look whether its entry is still in the queue: one list for all of them.

It is as long as a task itself may take from its read to its booking where finance is slow.
"""


class KeptReads:
    """What the queue step of one run keeps for its tasks.

    :param run_key: names the run and how often it was cleared.
    """

    def __init__(self, session: RouteSession, run_key: str) -> None:
        self._ledger, self._source = session.ledger, session.source
        self._run_key = run_key

    def see(self, refs: Sequence[DocumentRef]) -> dict[DocumentRef, QueueRead]:
        """What was read of these documents; it stays for their own tasks."""
        return self._ledger.queue_reads.see(self._run_key, refs) if self._source.reads_cost_calls else {}

    def keep(self, reads: Sequence[QueueRead]) -> None:
        """Keep what was read for the documents' own tasks, which have to finish what is booked."""
        if self._source.reads_cost_calls and reads:
            self._ledger.queue_reads.keep(self._run_key, reads)

    def take(self, ref: DocumentRef) -> QueueRead | None:
        """What was read of the document; gone with this, so that whoever tries again reads for itself."""
        return self._ledger.queue_reads.take(self._run_key, ref) if self._source.reads_cost_calls else None

    def usable(self, kept: QueueRead | None, claim: Claim, *, is_booked_ahead: bool = False) -> Document | None:
        """The document, unless an earlier attempt got anywhere, or it may be another one by now.

        :param is_booked_ahead: the run has booked it in a batch as it was read, so that it only has to be finished.
        """
        row = claim.row
        if kept is None or (row.state not in (DocumentState.SEEN, DocumentState.HELD) and not is_booked_ahead):
            return None
        if not is_booked_ahead and (was_sent(claim) or claim.steps.was_tried(REJECTION)):
            return None
        noted = (row.facts.payload_hash, row.facts.entry_fingerprint)
        if noted != (kept.document.payload_hash, kept.entry_fingerprint):
            return None
        if kept.age >= LISTED_AGAIN and not self._is_listed(kept):
            return None
        log.debug("%s is used as the queue step of this run has read it", row.label)
        return kept.document

    def _is_listed(self, kept: QueueRead) -> bool:
        """Whether its entry still waits unchanged, by a list that the run's tasks share for half a minute."""
        turn = int(time.time() // LISTED_AGAIN.total_seconds())
        memory = LedgerRunMemory(self._ledger, self._run_key)
        try:
            listed = memory.once(f"listed again by {self._source.conn_id}: {turn}", self._list)
        except LedgerError:
            raise
        except BridgeError as error:
            log.info("the queue could not be listed again, so the document is read: %s", error)
            return False
        return bool(listed.get(kept.document.ref.source_id) == kept.entry_fingerprint)

    def _list(self) -> dict[str, str]:
        return {item.source_id: item.fingerprint for item in self._source.waiting()}


def was_sent(claim: Claim) -> bool:
    """Whether the document was ever sent to finance, or was about to be, whatever came of it."""
    row = claim.row
    return row.booking is not None or row.intent_token is not None or claim.leased.record["intents_withdrawn"] > 0
