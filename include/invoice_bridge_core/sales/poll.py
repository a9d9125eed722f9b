"""The poll of finance for sales: what was sent and what changed of it, kept in the ledger before the cursor moves."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import BridgeError, ConfigurationError
from invoice_bridge_core.ledger.sales.candidates import SalePoll, SaleSource, SeenTo
from invoice_bridge_core.ledger.sales.row import Gone, SaleKey
from invoice_bridge_core.payments.unfinished import is_of_route
from invoice_bridge_core.ports.booking_status import BookingStatus
from invoice_bridge_core.ports.finance.issued_documents import IssuedChanges
from invoice_bridge_core.sales.facts import facts_of_former, facts_of_others, facts_of_ours
from invoice_bridge_core.sales.others import project_ids, project_number
from invoice_bridge_core.sales.wanted import document_kinds, fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.payments.polls import Cursor
    from invoice_bridge_core.ledger.sales.row import SaleFacts, SaleRow
    from invoice_bridge_core.ports.finance.issued_documents import IssuedDocument
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

ASK_ALL_AFTER = dt.timedelta(hours=24)
"""How often every open sale's booking is asked for by its id, in case the poll for changes missed one."""
ASK_PAID_AFTER = dt.timedelta(days=7)
"""The same of paid ones, as far as payments.lookback_days goes back, where finance does not tell what changed."""
OVERLAP = dt.timedelta(hours=1)
"""What was written may be seen later than its own moment says; no transaction takes so long."""
TRY_AGAIN_AFTER = dt.timedelta(hours=24)
"""When a sale is tried again that a person has to look at, though finance has no news of it."""


@dataclass
class _Seen:
    """What one poll has met.

    :param gone: asked for by id, and not there.
    """

    documents: dict[str, IssuedDocument] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


class SalesPoll:
    """The sales of one route."""

    def __init__(self, session: RouteSession) -> None:
        self._route, self._ledger, self._guard = session.route, session.ledger, session.guard
        self._source, self._finance = session.source, session.finance
        self._whose = SaleSource(self._source.system, self._source.conn_id, self._finance.conn_id)

    def poll(self, now: dt.datetime) -> str | None:
        """Ask finance what changed and keep it; one poll of a finance connection at a time.

        :param now: the moment of the poll; aware.
        :return: why finance was not asked; `None` when it was.
        :raises TransientError: finance, or another poll, could not be waited for; nothing was moved.
        :raises ConfigurationError: finance knows none of our bookings; nothing was moved.
        """
        if (reason := self._why_not()) is not None:
            return reason
        with self._ledger.locked(f"sales in {self._finance.conn_id}"):
            try:
                self._ask_and_keep(now)
            except BridgeError as error:
                # It is the call that every run makes, so a refusal needs no second one to be believed.
                if (pause := self._guard.pause_after(error, checked=True)) is None:
                    raise
                mark = "" if pause.outcome is Outcome.WAITS else ":"
                return f"{self._finance.name} is not asked{mark} {pause.reason}"
        return None

    def to_show(self, now: dt.datetime) -> list[SaleRow]:
        """The sales whose source shows something else than finance says, each a task of its own."""
        return [
            sale
            for sale in self._ledger.sales.unfinished(self._whose)
            if sale.has_news
            and sale.route == self._route.route
            and (sale.reason is None or sale.reason_at is None or sale.reason_at <= now - TRY_AGAIN_AFTER)
        ]

    def _why_not(self) -> str | None:
        if (pause := self._guard.closed(self._finance.conn_id)) is not None:
            return f"{self._finance.name} is not asked {pause.reason}"
        if self._guard.is_in_last_fifth(self._finance.conn_id):
            return f"{self._finance.name} is not asked now: the last fifth of the day's calls is kept for the transfers"
        return None

    def _ask_and_keep(self, now: dt.datetime) -> None:
        name = f"sales of {self._route.route}"
        known = self._ledger.sales.cursor(name)
        # Before anything is read: what changes meanwhile is newer than this, and is met by the next poll.
        seen_at = self._ledger.sales.now()
        asks_all = known is None or known.asked_at is None or known.asked_at <= now - ASK_ALL_AFTER
        changes = self._changes(known, now)
        seen = _Seen({one.status.booking.finance_id: one for one in changes.documents})
        look, settings = f"sales seen of {self._route.route}", self._settings
        missed = self._ledger.sales.documents_to_see(
            self._whose,
            kinds=document_kinds(self._route.sales.kinds),
            since=self._route.sales.since,
            with_payments=not self._tells_payments,
            # Now and then all are compared, in case a change was missed.
            changed_since=None if asks_all else self._ledger.sales.seen_to(look, settings),
            limit=self._route.limits.documents_per_run,
            is_wanted=lambda entry: is_of_route(entry, self._route),
        )
        due = {sale.key.finance_id for sale in self._due(now)} if asks_all else set()
        ids = {entry.booking.finance_id for entry in missed} | due
        sales = self._ledger.sales.known([self._key(one) for one in ids | set(seen.documents)])
        was_answered = self._ask(seen, ids, due, sales)
        is_whole = was_answered and len(missed) < self._route.limits.documents_per_run
        ours = self._ledger.payments.booked_as(self._finance.conn_id, ids | set(seen.documents))
        self._note_changes(seen, ours, name)
        found = [*self._ours(seen, ours, sales), *self._former(seen, ours, sales), *self._others(seen, ours, sales)]
        self._ledger.sales.keep_poll(
            SalePoll(
                name=name,
                route=self._route.route,
                found=[(facts, fingerprint_of(facts)) for facts in found],
                seen_at=seen_at,
                cursor=changes.cursor,
                asked_all=asks_all,
                seen_to=SeenTo(look, seen_at - OVERLAP, settings) if is_whole else None,
            )
        )

    def _note_changes(self, seen: _Seen, ours: Mapping[str, PaymentStatusRow], name: str) -> None:
        """Keep for people what was changed in finance since the documents were transferred."""
        told = {
            one: document.status.model_copy(update={"dated": document.on}) for one, document in seen.documents.items()
        }
        gone = {one: BookingStatus(booking=ours[one].booking, is_gone=True) for one in seen.gone if one in ours}
        self._ledger.desk.note_statuses(self._whose.finance_conn, told | gone, actor=name)

    def _changes(self, known: Cursor | None, now: dt.datetime) -> IssuedChanges:
        issued = self._finance.issued_documents
        if issued is None or not issued.tells_changes:
            return IssuedChanges()
        since = now - dt.timedelta(days=self._route.payments.lookback_days)
        if (first := self._route.sales.since) is not None:
            since = min(since, dt.datetime.combine(first, dt.time(), dt.UTC))
        return issued.changes(known.cursor if known else None, since)

    def _due(self, now: dt.datetime) -> list[SaleRow]:
        """The sales whose bookings are to be asked for by their ids."""
        still_open = self._ledger.sales.open(self._whose)
        issued = self._finance.issued_documents
        if issued is None or issued.tells_changes:
            return still_open
        since = now.date() - dt.timedelta(days=self._route.payments.lookback_days)
        return [*still_open, *self._ledger.sales.unseen(self._whose, now - ASK_PAID_AFTER, since)]

    @property
    def _settings(self) -> str:
        """What decides which documents are shown; when it changes, those of before are looked at again."""
        return hashlib.sha256(self._route.model_dump_json(include={"sales", "source", "payments"}).encode()).hexdigest()

    def _ask(self, seen: _Seen, ids: set[str], due: set[str], sales: Mapping[str, SaleRow]) -> bool:
        """Ask by id for what the changes say nothing of; whether finance answered.

        Where finance does not tell what is paid, a payment alone is no reason to ask for what is known already.
        """
        issued = self._finance.issued_documents
        if issued is None:
            return True
        wanted = ids - set(seen.documents)
        if not self._tells_payments:
            wanted = {one for one in wanted if one in due or one not in sales or not sales[one].is_whole}
        if not wanted:
            return True
        answered = self._answered(sorted(wanted))
        if answered is None:
            return False
        seen.documents |= answered
        missing = wanted - set(answered)
        if missing and not answered and issued.tells_changes:
            # Voided and deleted ones are shown by their ids: none at all is another organisation.
            raise ConfigurationError(
                f"{self._finance.name} knows none of the {len(missing)} documents that were booked through "
                f"{self._finance.conn_id}: does the connection still reach the same organisation?"
            )
        # Of several it would say that it was asked in the wrong place; of a single one it cannot tell.
        if missing and not issued.tells_changes and (len(wanted) > 1 or self._is_witnessed(missing)):
            seen.gone |= missing
        return True

    def _answered(self, finance_ids: list[str]) -> Mapping[str, IssuedDocument] | None:
        issued = self._finance.issued_documents
        if issued is None:
            return None
        if issued.tells_changes:
            return issued.by_id(finance_ids)
        try:
            return issued.by_id(finance_ids)
        except ConfigurationError as error:
            # What is paid is known without it, and need not wait.
            log.warning("%s", error)
            return None

    def _is_witnessed(self, missing: set[str]) -> bool:
        """Whether finance still shows another one, so that what it does not show is gone."""
        other = self._ledger.sales.another(self._whose, missing)
        return other is not None and bool(self._answered([other.key.finance_id]))

    def _ours(
        self, seen: _Seen, ours: Mapping[str, PaymentStatusRow], sales: Mapping[str, SaleRow]
    ) -> Iterator[SaleFacts]:
        for finance_id, entry in ours.items():
            ref = entry.row.ref
            if (ref.system, ref.conn_id) != (self._source.system, self._source.conn_id):
                continue
            sale, document = sales.get(finance_id), seen.documents.get(finance_id)
            if not is_of_route(entry, self._route) or entry.row.facts.project_id is None:
                continue
            if document is None and self._finance.issued_documents is not None and sale is None:
                log.warning("%s is not shown as a sale: %s could not be asked for it", entry.row.label,
                            self._finance.name)  # fmt: skip
                continue
            gone = Gone.DELETED if finance_id in seen.gone else None
            facts = facts_of_ours(self._route, self._key(finance_id), entry, document, sale, gone)
            if facts is not None and (sale is not None or self._is_wanted(facts)):
                yield facts

    def _former(
        self, seen: _Seen, ours: Mapping[str, PaymentStatusRow], sales: Mapping[str, SaleRow]
    ) -> Iterator[SaleFacts]:
        """Bookings whose document was set back and booked anew: where they are shown, they are not left alone."""
        for finance_id, sale in sales.items():
            is_seen = finance_id in seen.documents or finance_id in seen.gone
            if finance_id not in ours and sale.facts.document_id is not None and is_seen:
                yield facts_of_former(sale, seen.documents.get(finance_id))

    def _others(
        self, seen: _Seen, ours: Mapping[str, PaymentStatusRow], sales: Mapping[str, SaleRow]
    ) -> Iterator[SaleFacts]:
        others = self._route.sales.others
        if others is None:
            return
        strangers = {
            one: document
            for one, document in seen.documents.items()
            if one not in ours and (one not in sales or sales[one].facts.document_id is None)
        }
        numbers = {one: project_number(document.project_texts, others) for one, document in strangers.items()}
        named = {number for number in numbers.values() if number is not None}
        ids = project_ids(named, others, self._ledger.sales.projects(self._whose, named))
        for one, document in strangers.items():
            sale, number = sales.get(one), numbers[one]
            facts = facts_of_others(
                self._source.system, self._key(one), document, sale, number, ids.get(number) if number else None
            )
            if facts is not None and (sale is not None or self._is_wanted(facts)):
                yield facts

    def _is_wanted(self, facts: SaleFacts) -> bool:
        sales = self._route.sales
        is_early = sales.since is not None and facts.issued_on is not None and facts.issued_on < sales.since
        return facts.kind in sales.kinds and not is_early

    def _key(self, finance_id: str) -> SaleKey:
        return SaleKey(self._whose.conn_id, self._whose.finance_conn, finance_id)

    @property
    def _tells_payments(self) -> bool:
        issued = self._finance.issued_documents
        return issued is not None and issued.tells_payments
