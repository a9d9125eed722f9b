"""Which documents go into a batch: those that nothing speaks against. All others are left to their own tasks.

What is wrong with a document is said by its own task, which reads and checks it anew.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, SourceState
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, LedgerError, LimitReachedError
from invoice_bridge_core.ledger.database.database import MOST_THREADS
from invoice_bridge_core.transfer.ahead.member import Member
from invoice_bridge_core.transfer.all_checks import all_problems, why_not_ours
from invoice_bridge_core.transfer.booking_step import NEW_CONTACT
from invoice_bridge_core.transfer.item_step import ItemStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Claim, DocumentRow
    from invoice_bridge_core.ports import Booking, ReferenceData
    from invoice_bridge_core.ports.finance.batches import BookingBatches
    from invoice_bridge_core.transfer.kept_read import KeptReads
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)


class NotAheadError(Exception):
    """The document is left to its own task; the text says why."""


class MemberReading:
    """Reads and checks documents of one route, as their own tasks do."""

    def __init__(
        self, session: RouteSession, batches: BookingBatches, kept_reads: KeptReads, reference: ReferenceData
    ) -> None:
        self._route, self._ledger = session.route, session.ledger
        self._source, self._finance = session.source, session.finance
        self._batches = batches
        self._kept_reads = kept_reads
        self._reference = reference
        self._items = ItemStep(session.finance, session.ledger)

    def members(self, claims: Sequence[Claim]) -> list[Member]:
        """Those that can be booked; a number that two of them have goes to one of them.

        :raises LimitReachedError: the source takes no more calls for now.
        """
        found = list(self._documents(claims))
        credited_rows = self._credited_rows([document for _, document, _ in found])
        members: dict[str, Member] = {}
        for claim, document, was_kept in found:
            try:
                credited = self._credited(document, credited_rows)
                member = self._member(claim, document, credited, was_kept=was_kept)
                if member.number.casefold() in members:
                    raise NotAheadError(f"another document of the batch is {member.number} too")
            except LedgerError:
                raise
            except (NotAheadError, BridgeError) as reason:
                log.info("%s is left to its own task: %s", document.label, reason)
            else:
                members[member.number.casefold()] = member
        return list(members.values())

    def _documents(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Document, bool]]:
        kept = self._kept_reads.see([claim.row.ref for claim in claims])
        unread = []
        for claim in claims:
            document = self._kept_reads.usable(kept.get(claim.row.ref), claim)
            if document is None:
                unread.append(claim)
            else:
                yield claim, document, True
        with ThreadPoolExecutor(min(self._route.limits.parallel, MOST_THREADS), thread_name_prefix="ahead") as pool:
            for claim, read in zip(unread, pool.map(self._read, unread), strict=True):
                if isinstance(read, LimitReachedError):
                    raise read
                if isinstance(read, BridgeError):
                    log.info("%s is left to its own task: %s", claim.row.label, read)
                else:
                    yield claim, read, False

    def _read(self, claim: Claim) -> Document | BridgeError:
        try:
            return self._source.read(claim.row.ref.source_id)
        except LedgerError:
            raise
        except BridgeError as error:
            return error

    def _member(self, claim: Claim, document: Document, credited: Booking | None, *, was_kept: bool) -> Member:
        if document.state is not SourceState.WAITING:
            raise NotAheadError(f"{self._source.name} says {document.state}")
        if (reason := why_not_ours(document, self._route)) is not None:
            raise NotAheadError(reason)
        problems = all_problems(document, self._route, self._source, self._finance, self._reference)
        if problems or document.party is None:
            raise NotAheadError("; ".join(problem.message for problem in problems) or "it has no customer")
        number = self._finance.bookings.booking_number(document)
        if number != number.strip() or "," in number:
            raise NotAheadError(f"number '{number}' cannot be looked for among others")
        # Before anything is written: what has no body makes no item and no contact either.
        self._batches.element(document, NEW_CONTACT, self._reference, credited)
        self._items.ensure(document)
        held_for = claim.row.reason if claim.row.state is DocumentState.HELD else None
        return Member(claim, document, number, credited, was_kept=was_kept, held_for=held_for)

    def _credited_rows(self, documents: Sequence[Document]) -> Mapping[str, DocumentRow]:
        notes = [document for document in documents if document.is_credit_note]
        return self._ledger.credited_rows(self._source.system, self._source.conn_id, notes) if notes else {}

    def _credited(self, document: Document, rows: Mapping[str, DocumentRow]) -> Booking | None:
        """The booking of the invoice that a credit note names, as far as the ledger knows it."""
        credited = self._finance.credited_invoices
        if not document.is_credit_note or credited is None or not credited.refers_to_credited(document):
            return None
        if document.credited_source_id is None and document.credited_number is None:
            return None
        row = rows.get(document.ref.source_id)
        is_here = row is not None and row.booking is not None and row.finance_conn == self._finance.conn_id
        if row is None or not is_here or row.facts.kind is DocumentKind.CREDIT_NOTE:
            raise NotAheadError("its invoice is not booked by this package yet")
        return row.booking
