"""Reads the three sides of all documents of a few days. Nothing is written anywhere.

Tasks may move documents meanwhile, so the ledger is read once more at the end: what has changed is under way.

Calls: one list and, where the source still shows what was reported, one read per document, at most `limits.parallel`
side by side; of finance as many as listing its days takes (Xero: two for a thousand documents of each kind), one more
for 40 bookings that got another date there and for 40 contacts of bookings that are on another one now, or one per
booking where it cannot be asked by date (Quiddly). Where the route shows sales: one for each project of the days.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import Document, DocumentRef
from invoice_bridge_core.errors import NotFoundError, UnreadableError
from invoice_bridge_core.ledger.database.database import MOST_THREADS
from invoice_bridge_core.reconciliation.bookings import Bookings, living_first, unknown_to, with_payments
from invoice_bridge_core.reconciliation.merged_contacts import with_merged_contacts
from invoice_bridge_core.reconciliation.sales import with_sales
from invoice_bridge_core.reconciliation.sides import Sides, SourceWord, Systems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.payments.payment_rows import DatedDocument
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.transfer.route_session import RouteSession


@dataclass(frozen=True)
class _Found:
    """What the source answered for one id."""

    word: SourceWord
    document: Document | None = None


class ThreeSides:
    """Source, ledger and finance of one route."""

    def __init__(self, session: RouteSession) -> None:
        self._session = session
        self._route, self._ledger = session.route, session.ledger
        self._source, self._finance = session.source, session.finance

    @property
    def systems(self) -> Systems:
        """What the comparison has to know of the two systems."""
        return Systems(
            route=self._route,
            source=self._source.name,
            finance=self._finance.name,
            shows_reported=self._source.shows_reported,
            tells_payments=self._finance.booking_changes is not None,
        )

    def read(self, since: dt.date, until: dt.date) -> list[Sides]:
        """Every document that any side dates from `since` up to and without `until`, oldest first.

        :raises TransientError: a side could not be asked to the end; a report with holes would be worse than none.
        """
        entries = {str(entry.row.ref): entry for entry in self._entries(since, until)}
        waiting = {item.source_id for item in self._source.waiting()}
        bookings = self._bookings(list(entries.values()), since, until)
        unmet = waiting - self._known(waiting).keys()
        strangers = self._strangers(bookings, entries)
        found = self._read_all(self._to_read(entries.values(), strangers, unmet))
        latest = {str(entry.row.ref): entry for entry in self._entries(since, until)}
        met = {ref: entry for ref, entry in latest.items() if ref not in entries and entry.row.ref.source_id in waiting}
        sides = [
            replace(
                self._sides(latest.get(ref, entry), found, waiting, bookings),
                is_under_way=_has_moved(entries.get(ref), latest.get(ref)),
            )
            for ref, entry in {**entries, **met}.items()
        ]
        unmet -= {entry.row.ref.source_id for entry in met.values()}
        sides += self._only_in_finance(
            {ref: theirs for ref, theirs in strangers.items() if str(ref) not in met}, found, waiting
        )
        sides += self._only_in_source(unmet, found, bookings, since, until)
        sides = with_sales(with_merged_contacts(sides, self._finance), self._session)
        return sorted(sides, key=lambda one: (str(one.date or ""), one.number or "", str(one.ref)))

    def _entries(self, since: dt.date, until: dt.date) -> list[DatedDocument]:
        start = self._route.source.start_date
        found = self._ledger.payments.dated(
            self._source.system, self._source.conn_id, max(since, start or since), until
        )
        return [entry for entry in found if self._route.selects(entry.row.facts.office_id, entry.row.facts.project_id)]

    def _known(self, source_ids: Iterable[str]) -> dict[str, DocumentRow]:
        return self._ledger.rows(self._source.system, self._source.conn_id, list(source_ids))

    def _bookings(self, entries: Sequence[DatedDocument], since: dt.date, until: dt.date) -> Bookings:
        finance = self._finance
        dated = finance.dated_bookings.dated(since, until) if finance.dated_bookings is not None else None
        by_id = {one.booking.finance_id: one for one in dated or ()}
        ours = {
            payment.booking.finance_id: payment
            for entry in entries
            if (payment := entry.payment) is not None and self._is_here(entry.row)
        }
        elsewhere = [finance_id for finance_id in ours if finance_id not in by_id]
        found = self._found_by_id(elsewhere)
        by_id.update(found or {})
        if finance.booking_changes is None:
            by_id = {finance_id: with_payments(one, ours.get(finance_id)) for finance_id, one in by_id.items()}
        by_marker = defaultdict(list)
        for one in by_id.values():
            if one.booking.marker is not None:
                by_marker[one.booking.marker].append(one)
        # Where it has no call that tells, "not there" means nothing.
        return Bookings(by_marker, by_id, is_asked=dated is not None or found is not None)

    def _found_by_id(self, finance_ids: list[str]) -> Mapping[str, BookingStatus] | None:
        """How these bookings stand; `None` where finance cannot be asked, which says nothing of them."""
        if not finance_ids:
            return {}
        return self._finance.statuses.by_id(finance_ids) if self._finance.statuses is not None else None

    def _is_here(self, row: DocumentRow) -> bool:
        return row.finance_conn in (None, self._finance.conn_id)

    def _strangers(
        self, bookings: Bookings, entries: Mapping[str, DatedDocument]
    ) -> dict[DocumentRef, list[BookingStatus]]:
        """Living bookings with our mark whose document is not among those of these days."""
        strangers: dict[DocumentRef, list[BookingStatus]] = {}
        for marker, booking_statuses in bookings.by_marker.items():
            ref = _ref(marker)
            if ref is None or marker in entries or not self._is_of_source(ref):
                continue
            living = [one for one in booking_statuses if not one.is_gone]
            if living:
                strangers[ref] = living
        known = self._known(ref.source_id for ref in strangers)
        return {
            ref: left
            for ref, booking_statuses in strangers.items()
            if (left := unknown_to(known.get(ref.source_id), booking_statuses, self._route))
        }

    def _is_of_source(self, ref: DocumentRef) -> bool:
        return (ref.system, ref.conn_id) == (self._source.system, self._source.conn_id)

    def _to_read(
        self, entries: Iterable[DatedDocument], strangers: Iterable[DocumentRef], unmet: Iterable[str]
    ) -> list[str]:
        if not self._source.shows_reported:
            return sorted(unmet)
        wanted = [entry.row.ref.source_id for entry in entries] + [ref.source_id for ref in strangers]
        return sorted({*wanted, *unmet})

    def _read_all(self, source_ids: Sequence[str]) -> dict[str, _Found]:
        with ThreadPoolExecutor(min(self._route.limits.parallel, MOST_THREADS), thread_name_prefix="reconcile") as pool:
            return dict(zip(source_ids, pool.map(self._read_one, source_ids), strict=True))

    def _read_one(self, source_id: str) -> _Found:
        try:
            document = self._source.read(source_id)
        except NotFoundError:
            return _Found(SourceWord.NOT_THERE)
        except UnreadableError:
            return _Found(SourceWord.UNREADABLE)
        return _Found(SourceWord(document.state.value), document)

    def _sides(self, entry: DatedDocument, found: Mapping[str, _Found], waiting: set[str], bookings: Bookings) -> Sides:
        row, ref = entry.row, entry.row.ref
        answer = found.get(ref.source_id) or self._unread(entry, waiting)
        mine = {one.booking.finance_id: one for one in (*bookings.marked(ref), *bookings.sent_as(row))}
        known = row.booking
        if known is not None and known.finance_id in bookings.by_id:
            mine[known.finance_id] = bookings.by_id[known.finance_id]
        return Sides(
            ref=ref,
            row=row,
            payment=entry.payment,
            source_word=answer.word,
            document=answer.document,
            bookings=living_first(mine.values()),
            is_finance_asked=bookings.is_asked and self._is_here(row),
        )

    def _unread(self, entry: DatedDocument, waiting: set[str]) -> _Found:
        """What a source says that shows waiting documents alone: the rest is what it was told."""
        if entry.row.ref.source_id in waiting:
            return _Found(SourceWord.WAITING)
        return _Found(SourceWord.PAID if _told_on(entry) is not None else SourceWord.NOT_SHOWN)

    def _only_in_finance(
        self,
        strangers: Mapping[DocumentRef, Sequence[BookingStatus]],
        found: Mapping[str, _Found],
        waiting: set[str],
    ) -> list[Sides]:
        known = self._known(ref.source_id for ref in strangers)
        sides = []
        for ref, booking_statuses in strangers.items():
            row = known.get(ref.source_id)
            left = unknown_to(row, booking_statuses, self._route)
            if not left:
                # Its task has noted the booking since finance was read.
                continue
            word = SourceWord.WAITING if ref.source_id in waiting else SourceWord.NOT_SHOWN
            answer = found.get(ref.source_id) or _Found(word)
            if answer.document is not None and not self._is_chosen(answer.document):
                continue
            sides.append(
                Sides(
                    ref=ref,
                    row=row,
                    source_word=answer.word,
                    document=answer.document,
                    bookings=living_first(left),
                    is_second=row is not None,
                )
            )
        return sides

    def _only_in_source(
        self, unmet: Iterable[str], found: Mapping[str, _Found], bookings: Bookings, since: dt.date, until: dt.date
    ) -> list[Sides]:
        sides = []
        for source_id in sorted(unmet):
            answer = found[source_id]
            document = answer.document
            if document is None or document.invoice_date is None or not since <= document.invoice_date < until:
                continue
            if not self._is_chosen(document) or bookings.marked(document.ref):
                continue
            number = self._finance.bookings.booking_number(document)
            alike = bookings.unmarked(number, document.currency, document.total_incl_vat)
            sides.append(
                Sides(
                    ref=document.ref,
                    row=None,
                    source_word=answer.word,
                    document=document,
                    bookings=living_first(alike),
                )
            )
        return sides

    def _is_chosen(self, document: Document) -> bool:
        start = self._route.source.start_date
        is_early = start is not None and (document.invoice_date is None or document.invoice_date < start)
        return not is_early and self._route.selects(document.office_id, document.project_id)


def _has_moved(before: DatedDocument | None, latest: DatedDocument | None) -> bool:
    """Whether a task worked on the document between two readings of the ledger, or is at it now."""
    if before is None or latest is None:
        return True
    leased_until = latest.row.leased_until
    is_leased = leased_until is not None and leased_until > dt.datetime.now(dt.UTC)
    return is_leased or _stage(before) != _stage(latest)


def _stage(entry: DatedDocument) -> tuple[object, ...]:
    return (entry.row.state, entry.row.booking, _told_on(entry))


def _told_on(entry: DatedDocument) -> dt.date | None:
    return entry.payment.told_on if entry.payment else None


def _ref(marker: str) -> DocumentRef | None:
    try:
        return DocumentRef.parse(marker)
    except ValueError:
        return None
