"""The look at finance: what became of the payments of one route's documents, and which of them are to be told.

Everything that a look finds is in the ledger before its cursor moves and before a payment is marked in finance, so a
look that dies is made again from where the last whole one ended.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import BridgeError, ConfigurationError, NotFoundError, RefusedError
from invoice_bridge_core.ledger.payments.polls import Look
from invoice_bridge_core.payments.findings import Finding, finding, for_a_person, kinds_left
from invoice_bridge_core.ports.booking_status import Standing
from invoice_bridge_core.transfer.report import REPORT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.payments.payment_status import SettlementRow
    from invoice_bridge_core.ledger.payments.polls import Cursor, Kept
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.ports.booking_status import PaymentNews
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

ASK_ALL_AFTER = dt.timedelta(hours=24)
"""How often every open booking is asked for by its id, as a net under the look at what changed (contract xero.md)."""
ASK_DRAFTS_AFTER = dt.timedelta(hours=1)
"""The same for drafts, where finance does not tell what changed."""
REFRESH_AFTER = dt.timedelta(minutes=45)
"""What still waits to be told is asked for again, many at a time, before each task would ask for its own."""


class PaymentLook:
    """The payments of one route.

    :param actor: who looks, for the history.
    """

    def __init__(self, session: RouteSession, actor: str) -> None:
        self._route, self._ledger, self._gate = session.route, session.ledger, session.gate
        self._source, self._finance = session.source, session.finance
        self._actor = actor

    def look(self, now: dt.datetime, *, unless_within: dt.timedelta | None = None) -> str | None:
        """Ask finance what changed and keep it; one look of the route at a time.

        :param now: the moment of the look; aware.
        :param unless_within: a look that is not older than this is good enough.
        :return: why finance was not asked; `None` when it was.
        :raises TransientError: finance, or another look, could not be waited for; nothing was moved.
        :raises ConfigurationError: finance knows none of our bookings; what else it told is kept.
        """
        if (reason := self._why_not()) is not None:
            return reason
        with self._ledger.locked(self._turn):
            known = self._ledger.cursor(self._name)
            if known is not None and unless_within is not None and known.looked_at > now - unless_within:
                return f"{self._finance.name} was asked a moment ago"
            try:
                self._ask_and_keep(known, now)
            except BridgeError as error:
                # It is the call that every run makes, so a refusal needs no second one to be believed.
                if (stop := self._gate.stop_after(error, checked=True)) is None:
                    raise
                return f"{self._finance.name} is not asked: {stop.reason}"
        self._take_over_changes()
        return None

    def _why_not(self) -> str | None:
        if (stop := self._gate.closed(self._finance.conn_id)) is not None:
            return f"{self._finance.name} is not asked {stop.reason}"
        if self._gives_way:
            return f"{self._finance.name} is not asked: the last fifth of its day's calls belongs to the transfers"
        return None

    def _ask_and_keep(self, known: Cursor | None, now: dt.datetime) -> None:
        since = now - dt.timedelta(days=self._route.payments.lookback_days)
        news = self._finance.payment_news(known.cursor if known else None, since)
        self._keep(known, news, now)

    def entries(self) -> list[SettlementRow]:
        """The route's documents whose payment is not over, as they stood when finance was looked at last."""
        return unsettled(self._ledger, self._route)

    def to_tell(self, now: dt.datetime) -> list[SettlementRow]:
        """The documents whose source has something to hear, each a task of its own.

        While a look gives way to the transfers, those wait for whom finance would have to be asked again.
        """
        return [
            entry
            for entry in self.entries()
            if self._is_to_tell(entry, now) and not (self._gives_way and self._is_ageing(entry, now))
        ]

    @property
    def _name(self) -> str:
        return f"payments of {self._route.route}"

    @property
    def _gives_way(self) -> bool:
        return self._gate.is_in_last_fifth(self._finance.conn_id)

    @property
    def _turn(self) -> str:
        """What a look holds: it keeps what it found of all bookings of the connection, those of other routes too."""
        return f"payments in {self._finance.conn_id}"

    def _keep(self, known: Cursor | None, news: PaymentNews, now: dt.datetime) -> None:
        asks_all = known is None or known.asked_at is None or known.asked_at <= now - self._ask_after
        to_ask = self._to_ask(news, now, asks_all=asks_all)
        held = self._held(to_ask)
        # Where changes are told, voided and deleted ones are shown by their ids: none at all is another organisation.
        is_elsewhere = self._finance.shows_changes and bool(to_ask) and held == {}
        if is_elsewhere:
            # The news are kept, and the next look begins where this one did.
            held, news = None, replace(news, cursor=None)
        asked = _standings(to_ask, held) if held is not None else {}
        standings = {one.booking.finance_id: one for one in news.standings} | asked
        kept = self._ledger.keep_look(
            Look(
                name=self._name,
                finance_conn=self._finance.conn_id,
                news=news,
                asked=asked,
                payment_numbers=self._payment_numbers(standings),
                asked_all=asks_all and held is not None,
                adds_up=not self._finance.shows_changes,
            )
        )
        self._acknowledge(kept)
        if is_elsewhere:
            raise ConfigurationError(
                f"{self._finance.name} knows none of the {len(to_ask)} open documents that were booked through "
                f"{self._finance.conn_id}: does the connection still reach the same organisation?"
            )

    def _held(self, to_ask: Mapping[str, Booking]) -> Mapping[str, Standing] | None:
        """What finance holds under these ids; `None` when it cannot be asked for them."""
        if not to_ask:
            return {}
        try:
            return self._finance.standings(list(to_ask))
        except ConfigurationError as error:
            # Payments are handed out all the same, and must not wait for drafts that cannot be followed.
            log.warning("%s", error)
            return None

    @property
    def _ask_after(self) -> dt.timedelta:
        return ASK_ALL_AFTER if self._finance.shows_changes else ASK_DRAFTS_AFTER

    def _to_ask(self, news: PaymentNews, now: dt.datetime, *, asks_all: bool) -> dict[str, Booking]:
        """The bookings to ask for by id, since the news say nothing of them.

        What waits to be told and was not seen for long; and as a net all that are open, or only drafts where payments
        are handed out.
        """
        shows_changes = self._finance.shows_changes
        told = {one.booking.finance_id for one in news.standings}
        return {
            booking.finance_id: booking
            for entry in (self.entries() if asks_all or shows_changes else ())
            if (booking := entry.row.booking) is not None
            and booking.finance_id not in told
            and (
                (asks_all and _is_open(entry) and (shows_changes or booking.is_draft))
                or (self._is_to_tell(entry, now) and self._is_ageing(entry, now))
            )
        }

    def _is_ageing(self, entry: SettlementRow, now: dt.datetime) -> bool:
        """Whether what is to be told was seen so long ago that it may have been taken back since."""
        return self._finance.shows_changes and entry.seen_at is not None and entry.seen_at <= now - REFRESH_AFTER

    def _payment_numbers(self, standings: Mapping[str, Standing]) -> dict[str, str]:
        if not self._source.wants_payment_number or not self._finance.shows_changes:
            return {}
        settled = [finance_id for finance_id, standing in standings.items() if standing.is_settled]
        known = self._ledger.bookings_known(self._finance.conn_id, settled)
        # One that waits to be told is asked for again: its payment may have been replaced by another one.
        untold = [finance_id for finance_id, entry in known.items() if self._wants_number(entry)]
        return self._finance.payment_numbers(untold) if untold else {}

    def _wants_number(self, entry: SettlementRow) -> bool:
        ref = entry.row.ref
        is_ours = (ref.system, ref.conn_id) == (self._source.system, self._source.conn_id)
        return is_ours and entry.told_on is None and entry.row.facts.kind not in kinds_left(self._route)

    def _acknowledge(self, kept: Kept) -> None:
        for payment in kept.odd:
            log.warning(
                "Payment %s of %s is in %s and its invoice is not: it was left in %s for a person",
                payment.payment_id, payment.number, payment.currency, self._finance.name,
            )  # fmt: skip
        for ref, payment in kept.ours:
            try:
                self._finance.acknowledge(payment, str(ref))
            except (RefusedError, NotFoundError) as error:
                # It is stored and counts once, however often it is handed out; the others must not wait for it.
                log.warning("Payment %s of %s stays in the list of %s: %s", payment.payment_id, payment.number,
                            self._finance.name, error)  # fmt: skip

    def _take_over_changes(self) -> None:
        """Note what a person changed in bookings; where the source was told otherwise, it has to hear again."""
        for entry in self.entries():
            if entry.row.state is DocumentState.TRANSFERRED and _is_changed(entry):
                self._take_over(entry)

    def _take_over(self, entry: SettlementRow) -> None:
        assert entry.standing is not None  # noqa: S101 - `_is_changed` says so
        now = entry.standing.booking
        problems = self._source.number_problems(now.number) if self._source.follows_drafts else []
        if problems and entry.reason == problems[0].message:
            return
        claim = self._ledger.claim(entry.row.ref, route=self._route.route, claimant=self._actor)
        if claim is None:
            return
        if problems:
            claim.payment_held(problems[0].message)
            return
        # The claim's row is newer than the list: another run may have been faster.
        known = claim.row.booking
        if claim.row.state is not DocumentState.TRANSFERRED or known is None or not _differs(known, now):
            claim.release()
            return
        booking = known.model_copy(update={name: getattr(now, name) for name in _TAKEN_OVER})
        if not self._source.follows_drafts:
            claim.update_booking(booking)
            claim.release()
        elif known.is_draft:
            claim.became_real(booking)
        else:
            claim.steps.reopen(REPORT)
            claim.renumbered(booking)

    def _is_to_tell(self, entry: SettlementRow, now: dt.datetime) -> bool:
        if entry.row.state is DocumentState.BOOKED:
            # It became real, got another number, or its transfer died before the source heard of it.
            return entry.standing is not None and not entry.standing.is_gone
        if entry.row.state is not DocumentState.TRANSFERRED:
            return False
        is_due = entry.reason is None or entry.reason_at is None or entry.reason_at < now - ASK_ALL_AFTER
        if finding(entry, self._route) is not Finding.TO_REPORT:
            # It may have heard of a payment that was taken back since, and maybe shows it.
            return entry.telling_on is not None and (entry.reason is None or (is_due and self._source.shows_reported))
        return is_due


def unsettled(ledger: Ledger, route: Route, told_since: dt.datetime | None = None) -> list[SettlementRow]:
    """The documents of a route whose payment is not over, and those whose source was told since a moment; oldest first.

    What was paid too much is over when people were told by how much.
    A document that an older route dealt with belongs to the route whose filters choose it now.
    """
    found = ledger.settlements(
        route.source.system,
        route.source.conn_id,
        route.finance.conn_id,
        kinds_left=kinds_left(route),
        told_since=told_since,
    )
    return [
        entry
        for entry in found
        if (entry.row.route == route.route or route.selects(entry.row.facts.office_id, entry.row.facts.project_id))
        and not _is_over(entry, route, told_since)
    ]


_TAKEN_OVER = ("number", "status", "due_date", "is_draft")


def _standings(asked: Mapping[str, Booking], held: Mapping[str, Standing]) -> dict[str, Standing]:
    return {
        finance_id: held.get(finance_id) or Standing(booking=booking, is_gone=True)
        for finance_id, booking in asked.items()
    }


def _is_over(entry: SettlementRow, route: Route, told_since: dt.datetime | None) -> bool:
    if entry.told_at is None or entry.standing is None or not entry.standing.is_settled:
        return False
    if told_since is not None and entry.told_at >= told_since:
        return False
    return for_a_person(entry, route) in (None, entry.announced)


def _is_open(entry: SettlementRow) -> bool:
    standing = entry.standing
    return entry.told_on is None and (standing is None or not (standing.is_settled or standing.is_gone))


def _is_changed(entry: SettlementRow) -> bool:
    standing, known = entry.standing, entry.row.booking
    return standing is not None and known is not None and not standing.is_gone and _differs(known, standing.booking)


def _differs(known: Booking, now: Booking) -> bool:
    """Whether a draft became real, or a real invoice got another number; a draft's number means nothing yet."""
    return not now.is_draft and (known.is_draft or known.number != now.number)
