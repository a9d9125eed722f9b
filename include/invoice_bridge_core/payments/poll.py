"""The poll of finance: what became of the payments of one route's documents, and which of them are to be told.

Everything that a poll finds is in the ledger before its cursor moves and before a payment is marked in finance, so a
poll that dies is made again from where the last whole one ended.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, ConfigurationError, NotFoundError, RefusedError
from invoice_bridge_core.ledger.payments.conditions import InPlay
from invoice_bridge_core.ledger.payments.polls import Poll
from invoice_bridge_core.payments.findings import Finding, finding, kinds_left
from invoice_bridge_core.payments.taken_over import TakeOver
from invoice_bridge_core.payments.unfinished import each_unfinished_payment, unfinished_payments
from invoice_bridge_core.payments.what_counts import as_it_counts, is_nothing_to_pay
from invoice_bridge_core.ports.booking_status import BookingStatus, PaymentChanges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ledger.payments.polls import Cursor, PollResult
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

ASK_ALL_AFTER = dt.timedelta(hours=24)
"""How often every open booking is asked for by its id, in case the poll for changes missed one (contract xero.md)."""
ASK_DRAFTS_AFTER = dt.timedelta(hours=1)
"""The same for drafts, where finance does not tell what changed."""
REFRESH_AFTER = dt.timedelta(minutes=45)
"""What still waits to be told is asked for again, many at a time, before each task would ask for its own."""


class PaymentPoll:
    """The payments of one route.

    :param actor: who polls, for the history.
    """

    def __init__(self, session: RouteSession, actor: str) -> None:
        self._route, self._ledger, self._guard = session.route, session.ledger, session.guard
        self._source, self._finance = session.source, session.finance
        self._actor = actor
        self._take_over = TakeOver(session, actor)

    def poll(self, now: dt.datetime, *, unless_within: dt.timedelta | None = None) -> str | None:
        """Ask finance what changed and keep it; one poll of a finance connection at a time.

        :param now: the moment of the poll; aware.
        :param unless_within: a poll that is not older than this is good enough.
        :return: why finance was not asked; `None` when it was.
        :raises TransientError: finance, or another poll, could not be waited for; nothing was moved.
        :raises ConfigurationError: finance knows none of our bookings; what else it told is kept.
        """
        if (reason := self._why_not()) is not None:
            return reason
        with self._ledger.locked(self._turn):
            known = self._ledger.payments.cursor(self._name)
            if known is not None and unless_within is not None and known.polled_at > now - unless_within:
                return f"{self._finance.name} was asked a moment ago"
            try:
                self._ask_and_keep(known, now)
            except BridgeError as error:
                # It is the call that every run makes, so a refusal needs no second one to be believed.
                if (pause := self._guard.pause_after(error, checked=True)) is None:
                    raise
                mark = "" if pause.outcome is Outcome.WAITS else ":"
                return f"{self._finance.name} is not asked{mark} {pause.reason}"
        self._keep_nothing_to_pay()
        self._take_over.take_over_changes()
        return None

    def _why_not(self) -> str | None:
        if (pause := self._guard.closed(self._finance.conn_id)) is not None:
            return f"{self._finance.name} is not asked {pause.reason}"
        if self._gives_way:
            return f"{self._finance.name} is not asked now: the last fifth of the day's calls is kept for the transfers"
        return None

    def _ask_and_keep(self, known: Cursor | None, now: dt.datetime) -> None:
        changes = PaymentChanges()
        if (told := self._finance.booking_changes) is not None:
            since = now - dt.timedelta(days=self._route.payments.lookback_days)
            changes = told.changes(known.cursor if known else None, since)
        elif (received := self._finance.received_payments) is not None:
            changes = PaymentChanges(payments=tuple(received.waiting()))
        self._keep(known, changes, now)

    def entries(self, wanted: InPlay = InPlay.ALL) -> list[PaymentStatusRow]:
        """The route's documents whose payment is not over, as they stood when finance was asked last.

        :param wanted: only this part of them.
        """
        return unfinished_payments(self._ledger, self._route, wanted=wanted)

    def to_tell(self, now: dt.datetime) -> list[PaymentStatusRow]:
        """The documents whose source has to be told something, each a task of its own.

        While the poll leaves the last calls to the transfers, documents that finance would have to be asked about
        again wait.
        """
        return [
            entry
            for entry in self.entries(InPlay.MAY_BE_TOLD)
            if self._is_to_tell(entry, now) and not (self._gives_way and self._is_ageing(entry, now))
        ]

    @property
    def _name(self) -> str:
        return f"payments of {self._route.route}"

    @property
    def _gives_way(self) -> bool:
        return self._guard.is_in_last_fifth(self._finance.conn_id)

    @property
    def _turn(self) -> str:
        """The lock of a poll, which keeps what it found of all bookings of the connection, other routes' too."""
        return f"payments in {self._finance.conn_id}"

    def _keep(self, known: Cursor | None, changes: PaymentChanges, now: dt.datetime) -> None:
        asks_all = known is None or known.asked_at is None or known.asked_at <= now - self._ask_after
        to_ask = self._to_ask(changes, now, asks_all=asks_all)
        found = self._find_statuses(to_ask)
        # Where changes are told, voided and deleted ones are shown by their ids: none at all is another organisation.
        is_elsewhere = self._tells_changes and bool(to_ask) and found == {}
        if is_elsewhere:
            # The changes are kept, and the next poll begins where this one did.
            found, changes = None, replace(changes, cursor=None)
        asked = _statuses(to_ask, found) if found is not None else {}
        booking_statuses = {one.booking.finance_id: one for one in changes.booking_statuses} | asked
        # Before the cursor moves: a poll that dies between the two sees them again.
        self._ledger.desk.note_statuses(self._finance.conn_id, booking_statuses, actor=self._actor)
        result = self._ledger.payments.keep_poll(
            Poll(
                name=self._name,
                finance_conn=self._finance.conn_id,
                changes=changes,
                asked=asked,
                payment_numbers=self._payment_numbers(booking_statuses),
                asked_all=asks_all and found is not None,
                adds_up=not self._tells_changes,
            )
        )
        self._acknowledge(result)
        if is_elsewhere:
            raise ConfigurationError(
                f"{self._finance.name} knows none of the {len(to_ask)} open documents that were booked through "
                f"{self._finance.conn_id}: does the connection still reach the same organisation?"
            )

    def _find_statuses(self, to_ask: Mapping[str, Booking]) -> Mapping[str, BookingStatus] | None:
        """What finance has under these ids; `None` when it cannot be asked for them."""
        if not to_ask:
            return {}
        if (statuses := self._finance.statuses) is None:
            return None
        try:
            return statuses.by_id(list(to_ask))
        except ConfigurationError as error:
            # Payments are handed out all the same, and must not wait for drafts that cannot be followed.
            log.warning("%s", error)
            return None

    @property
    def _tells_changes(self) -> bool:
        return self._finance.booking_changes is not None

    @property
    def _ask_after(self) -> dt.timedelta:
        return ASK_ALL_AFTER if self._tells_changes else ASK_DRAFTS_AFTER

    def _to_ask(self, changes: PaymentChanges, now: dt.datetime, *, asks_all: bool) -> dict[str, Booking]:
        """The bookings to ask for by id, since the changes say nothing of them.

        That is what waits to be told and was not seen for long, and what nobody has seen yet: the ledger may have
        learned of a booking after the poll had passed its last change. Now and then it is also all that are open, or
        only the drafts where payments are handed out.
        """
        tells_changes = self._tells_changes
        told = {one.booking.finance_id for one in changes.booking_statuses}
        return {
            booking.finance_id: booking
            for entry in self._may_be_asked_for(asks_all=asks_all)
            if (booking := entry.booking).finance_id not in told
            and (
                (asks_all and _is_open(entry) and (tells_changes or _is_draft(entry)))
                or (tells_changes and entry.booking_status is None and _is_open(entry))
                or (self._is_to_tell(entry, now) and self._is_ageing(entry, now))
            )
        }

    def _may_be_asked_for(self, *, asks_all: bool) -> Iterable[PaymentStatusRow]:
        """An ordinary poll reads no more than what is new, and what may have to be told."""
        if asks_all:
            return each_unfinished_payment(self._ledger, self._route)
        if not self._tells_changes:
            return ()
        parts = (*self.entries(InPlay.UNSEEN), *self.entries(InPlay.MAY_BE_TOLD))
        return list({entry.row.id: entry for entry in parts}.values())

    def _is_ageing(self, entry: PaymentStatusRow, now: dt.datetime) -> bool:
        """Whether what is to be told was seen so long ago that it may have been taken back since."""
        return self._tells_changes and entry.seen_at is not None and entry.seen_at <= now - REFRESH_AFTER

    def _payment_numbers(self, booking_statuses: Mapping[str, BookingStatus]) -> dict[str, str]:
        if (changes := self._finance.booking_changes) is None or not self._source.wants_payment_number:
            return {}
        paid = [key for key, status in booking_statuses.items() if status.is_paid_in_full or status.paid > 0]
        known = {
            finance_id: as_it_counts(replace(entry, booking_status=booking_statuses[finance_id]), self._route)
            for finance_id, entry in self._ledger.payments.booked_as(self._finance.conn_id, paid).items()
        }
        # One that waits to be told is asked for again: its payment may have been replaced by another one.
        untold = [finance_id for finance_id, entry in known.items() if self._wants_number(entry)]
        return changes.payment_numbers(untold) if untold else {}

    def _wants_number(self, entry: PaymentStatusRow) -> bool:
        ref = entry.row.ref
        is_ours = (ref.system, ref.conn_id) == (self._source.system, self._source.conn_id)
        status = entry.booking_status
        if status is None or not status.is_paid_in_full or is_nothing_to_pay(status.booking):
            return False
        return is_ours and entry.told_on is None and entry.row.facts.kind not in kinds_left(self._route)

    def _acknowledge(self, result: PollResult) -> None:
        for payment in result.odd:
            log.warning(
                "Payment %s of %s is in %s, but its invoice is not. It was left in %s: a person has to look",
                payment.payment_id, payment.number, payment.currency, self._finance.name,
            )  # fmt: skip
        if (received := self._finance.received_payments) is None:
            return
        for ref, payment in result.ours:
            try:
                received.acknowledge(payment, str(ref))
            except (RefusedError, NotFoundError) as error:
                # It is stored and counts once, however often it is handed out; the others must not wait for it.
                log.warning("Payment %s of %s is stored here, but %s still lists it: %s", payment.payment_id,
                            payment.number, self._finance.name, error)  # fmt: skip

    def _keep_nothing_to_pay(self) -> None:
        """Note what asks for no money as paid, where finance will never tell of a payment."""
        for known in self._ledger.payments.unfinished(
            self._source.system,
            self._source.conn_id,
            self._finance.conn_id,
            kinds_left=kinds_left(self._route),
            wanted=InPlay.UNSEEN,
        ):
            status = as_it_counts(known, self._route).booking_status
            if known.booking_status is None and status is not None:
                self._ledger.payments.keep_booking_status(self._finance.conn_id, status, actor=self._actor)

    def _is_to_tell(self, entry: PaymentStatusRow, now: dt.datetime) -> bool:
        if entry.row.state is DocumentState.BOOKED:
            # It became real, got another number, or its transfer died before the source was told of it.
            return entry.booking_status is not None and not entry.booking_status.is_gone
        if entry.row.state is not DocumentState.TRANSFERRED:
            return False
        is_due = entry.reason is None or entry.reason_at is None or entry.reason_at < now - ASK_ALL_AFTER
        if finding(entry, self._route) is not Finding.TO_REPORT:
            # It may have been told of a payment that was taken back since, and maybe shows it.
            return entry.telling_on is not None and (entry.reason is None or (is_due and self._source.shows_reported))
        return is_due


def _statuses(asked: Mapping[str, Booking], found: Mapping[str, BookingStatus]) -> dict[str, BookingStatus]:
    return {
        finance_id: found.get(finance_id) or BookingStatus(booking=booking, is_gone=True)
        for finance_id, booking in asked.items()
    }


def _is_draft(entry: PaymentStatusRow) -> bool:
    """Whether the ledger or the last poll has it as a draft; a transfer may have told it as a real invoice since."""
    seen = entry.booking_status
    return entry.booking.is_draft or (seen is not None and seen.booking.is_draft)


def _is_open(entry: PaymentStatusRow) -> bool:
    booking_status = entry.booking_status
    return entry.told_on is None and (
        booking_status is None or not (booking_status.is_paid_in_full or booking_status.is_gone)
    )
