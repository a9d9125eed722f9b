"""Whether a document that was left becomes a task of this run, decided with as few calls as can be.

20,000 held documents must not use up a day's calls. So a run tries only so many of those of which only another try can
tell, those first that were tried longest ago. Of those that were left for the same reason it tries a few. When one of
these moves, the ledger lets the next run take all others.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import Document, DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, CredentialsRefusedError, LimitReachedError, WakesOn
from invoice_bridge_core.transfer.recheck import (
    LOOK_AGAIN_AFTER,
    Waiting,
    fingerprint_of,
    is_due,
    seen_under_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.documents.queue_rows import QueueRow
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

TRIES_PER_RUN = 50
"""So many documents a run tries again of which only another try can tell whether they wait no more."""

READ_AGAIN_AFTER = dt.timedelta(minutes=55)
"""Where the queue tells nothing but ids, a held document is read again no sooner than this."""

TRIES_PER_REASON = 3
"""So many of those that were left for the same reason."""


def credited_states(ledger: Ledger, rows: Iterable[QueueRow]) -> dict[str, str]:
    """What became of the invoices that credit notes of one source name, by the credit notes' ids; one query."""
    notes = [row for row in rows if row.credited_number or row.credited_source_id]
    if not notes:
        return {}
    found = ledger.credited_rows(notes[0].system, notes[0].conn_id, notes)
    return {source_id: f"{row.state} {row.booking is not None}" for source_id, row in found.items()}


class LookAgain:
    """Decides for the documents of one queue step."""

    def __init__(self, session: RouteSession) -> None:
        self._session = session
        self._route_fingerprint = session.route.fingerprint
        self._is_short_of_calls = session.guard.is_in_last_fifth(session.finance.conn_id)
        self._now = dt.datetime.now(dt.UTC)
        self._tries = 0
        self._tries_per_reason: Counter[str] = Counter()

    def why_not(
        self,
        row: QueueRow,
        reference: ReferenceData,
        entry_fingerprint: str | None,
        credited: str | None,
        *,
        is_offered: bool,
        is_bare: bool,
    ) -> str | None:
        """Why a document that is held or in doubt is left; `None` when it is worth another try.

        :param credited: what became of the invoice that it names, as `credited_states` says it.
        :param is_offered: whether it stands in the source's queue.
        :param is_bare: whether the queue's entry would not show a change of the document.
        :raises LimitReachedError: finance wants no more calls.
        :raises CredentialsRefusedError: finance takes none of ours.
        """
        if row.held_fingerprint is None or row.updated_at < self._now - LOOK_AGAIN_AFTER:
            return None
        waiting = Waiting.parse(row.held_fingerprint)
        current = fingerprint_of(self._route_fingerprint, reference.fingerprint, entry_fingerprint, credited)
        if current != waiting.fingerprint:
            return None
        if waiting.connections and self._session.guard.has_changed(waiting.connections):
            return None
        if row.state is DocumentState.IN_DOUBT:
            if self._looks_other(row, lambda whole: self._has_another(whole, waiting)) or self._reads_again(
                row, is_bare=is_bare
            ):
                return None
            return _unchanged(row)
        if waiting.wakes_on >= {WakesOn.INVOICE, WakesOn.NUMBER} and self._looks_other(row, self._has_invoice):
            return None
        shows_by_trying = waiting.shows_by_trying and WakesOn.INVOICE not in waiting.wakes_on
        if shows_by_trying or (is_offered and WakesOn.OFFERED in waiting.wakes_on):
            return None if self._may_try(row, row.reason or "") else f"{row.state}, and tried again later"
        reads_again = WakesOn.ENTRY in waiting.wakes_on and self._reads_again(row, is_bare=is_bare)
        return None if reads_again else _unchanged(row)

    def _reads_again(self, row: QueueRow, *, is_bare: bool) -> bool:
        """Whether the document is read again since its entry does not show whether it changed."""
        return is_bare and self._may_try(row, str(row.ref), at_least=READ_AGAIN_AFTER)

    def _may_try(self, row: QueueRow, group: str, at_least: dt.timedelta = dt.timedelta(0)) -> bool:
        if self._is_short_of_calls or self._tries >= TRIES_PER_RUN:
            return False
        if not is_due(row, self._now, at_least):
            return False
        if self._tries_per_reason[group] >= TRIES_PER_REASON:
            return False
        self._tries += 1
        self._tries_per_reason[group] += 1
        return True

    def _looks_other(self, row: QueueRow, look: Callable[[DocumentRow], bool]) -> bool:
        """Whether finance shows that the document is worth another try.

        Looked for here and not by its task, which would end as before in every run.
        """
        if row.is_booked or not self._may_try(row, str(row.ref)):
            return False
        whole = self._session.ledger.row(row.ref)
        try:
            return whole is not None and look(whole)
        except (LimitReachedError, CredentialsRefusedError):
            raise
        except BridgeError as error:
            log.warning(
                "What %s waits for cannot be looked for this time: %s", whole.label if whole else row.ref, error
            )
            return False

    def _has_another(self, row: DocumentRow, waiting: Waiting) -> bool:
        """Whether finance has something else under the number of a document in doubt than when it was left."""
        if not waiting.seen or row.intent_number is None:
            return False
        is_credit_note = row.facts.kind is DocumentKind.CREDIT_NOTE
        found = self._session.finance.bookings.find_by_number(row.intent_number, is_credit_note=is_credit_note)
        return seen_under_number(found) != waiting.seen

    def _has_invoice(self, row: DocumentRow) -> bool:
        """Whether somebody booked the invoice by hand that a credit note waits for."""
        facts, credited = row.facts, self._session.finance.credited_invoices
        if credited is None or facts.number is None or facts.kind is None or facts.total is None:
            return False
        note = Document(
            ref=facts.ref,
            number=facts.number,
            kind=facts.kind,
            currency=facts.currency,
            credited_source_id=facts.credited_source_id,
            credited_number=facts.credited_number,
            total_incl_vat=facts.total,
            payload_hash=facts.payload_hash or "",
        )
        invoice = self._session.ledger.credited_row(row)
        return (invoice is None or invoice.intent_token is None) and credited.find_credited(note) is not None


def _unchanged(row: QueueRow) -> str:
    return f"{row.state}, and nothing changed"
