"""Books the documents of a run ahead, many in a call; what it cannot, their own tasks do.

It is never in the way: it takes only documents with which nothing has happened yet, in the names of their own tasks,
and stops at the first sign that batches do not get through.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import BridgeError, ConfigurationError, LedgerError
from invoice_bridge_core.ledger.ledger import LEASE_SECONDS
from invoice_bridge_core.ledger.queue_reads import QueueRead
from invoice_bridge_core.transfer.ahead.contacts import ContactsAhead
from invoice_bridge_core.transfer.ahead.looking import Looking
from invoice_bridge_core.transfer.ahead.reading import MemberReading
from invoice_bridge_core.transfer.ahead.sending import Sending
from invoice_bridge_core.transfer.kept_read import KeptReads
from invoice_bridge_core.transfer.reference import reference_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.ports.finance.batches import BookingBatches, ContactBatches
    from invoice_bridge_core.transfer.ahead.member import Member, Wanted
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

LONGEST = 900.0
"""Seconds after which no further batch is begun: the documents' own tasks are waiting."""
FEW_CALLS_LEFT = 10
"""With fewer calls left of the day no batch is begun: its look-ups could not be paid."""


@dataclass
class AheadSummary:
    """What came of it.

    :param booked: documents that finance has.
    :param batches: calls that booked, or tried to.
    :param left: documents that are left to their own tasks.
    :param stopped: why it ended before all documents had their turn.
    """

    booked: int = 0
    batches: int = 0
    left: int = 0
    stopped: str | None = None


class BookAhead:
    """Books documents of one route ahead.

    :param run_key: names the run and how often it was cleared.
    :param actor: the task, as the history names it.
    :param sleep: waits so many seconds.
    :param lease_seconds: how long a lease lasts after each write.
    :raises ConfigurationError: the route books each document by itself, or a lease does not outlast a batch.
    """

    def __init__(
        self,
        session: RouteSession,
        run_key: str,
        *,
        actor: str,
        sleep: Callable[[float], None] = time.sleep,
        lease_seconds: int = LEASE_SECONDS,
    ) -> None:
        self._session, self._ledger = session, session.ledger
        self._run_key = run_key
        self._actor = actor
        self._sleep = sleep
        self._lease_seconds = lease_seconds
        self._batches, contacts = _capabilities(session)
        require_lasting_lease(lease_seconds, self._batches.longest_call, session.finance.name)
        self._contacts = ContactsAhead(session, contacts)
        self._kept_reads = KeptReads(session, run_key)
        self._booked = self._sent = 0

    def book(self, invoices: Sequence[Wanted], credit_notes: Sequence[Wanted]) -> AheadSummary:
        """Book what can be booked: invoices first, since credit notes refer to them.

        :raises LedgerError: the ledger cannot be used.
        """
        summary = AheadSummary()
        # An earlier try of this task may have ended without a word.
        self._ledger.batches.give_up(self._run_key)
        if (pause := self._session.guard.pause()) is not None:
            summary.stopped = pause.of_many
        deadline = time.monotonic() + LONGEST
        size = min(self._session.route.limits.batch, self._batches.most_members)
        portions = [
            wanted[start : start + size] for wanted in (invoices, credit_notes) for start in range(0, len(wanted), size)
        ]
        for portion in portions:
            if summary.stopped is None:
                summary.stopped = self._why_stop(deadline)
            if summary.stopped is None and len(portion) > 1:
                self._portion(portion, summary)
        summary.booked, summary.batches = self._booked, self._sent
        summary.left = len(invoices) + len(credit_notes) - summary.booked
        return summary

    def _why_stop(self, deadline: float) -> str | None:
        left = self._session.finance.observations.day_left
        if left is not None and left < FEW_CALLS_LEFT:
            return f"{self._session.finance.name} allows only {left} more calls today"
        return "it has taken long enough" if time.monotonic() > deadline else None

    def _portion(self, wanted: Sequence[Wanted], summary: AheadSummary) -> None:
        claims = self._ledger.batches.take(
            self._session.source.system,
            self._session.source.conn_id,
            {one.ref.source_id: one.claimant for one in wanted},
            route=self._session.route.route,
            finance_conn=self._session.finance.conn_id,
            seconds=self._lease_seconds,
        )
        reason: str | None = None
        try:
            if len(claims) > 1:
                self._book(claims)
        except LedgerError:
            raise
        except BridgeError as error:
            log.warning("Documents are booked one by one from here on: %s", error)
            cause = error.__cause__ if isinstance(error.__cause__, BridgeError) else error
            self._session.guard.pause_after(cause)
            reason = summary.stopped = str(error)
        finally:
            # A process that is being ended has its leases taken over by the documents' own tasks.
            with suppress(LedgerError):
                self._let_go(claims, reason)

    def _book(self, claims: Sequence[Claim]) -> None:
        members = self._reading.members(claims)
        if len(members) > 1:
            members = self._contacts.settled(members)
        if len(members) < 2:
            return
        for member in members:
            text = self._batches.element(member.document, member.contact_id, self._reference, member.credited)
            member.element = text or ""
        try:
            self._sending.send([member for member in members if member.element])
        finally:
            self._booked += sum(member.claim.row.booking is not None for member in members)
            self._sent = self._sending.sent
        self._keep_reads(members)
        for reason in {member.held_for for member in members if member.held_for and member.claim.row.booking}:
            self._ledger.wake_alike(self._session.route.route, reason)

    def _keep_reads(self, members: Sequence[Member]) -> None:
        """Keep what was read here for the tasks that finish what is booked."""
        rows = [(member, member.claim.row) for member in members if not member.was_kept]
        reads = [
            QueueRead(member.document, row.facts.entry_fingerprint) for member, row in rows if row.booking is not None
        ]
        self._kept_reads.keep(reads)

    def _let_go(self, claims: Sequence[Claim], reason: str | None) -> None:
        leased = [claim for claim in claims if claim.leased.record["lease_token"] is not None]
        sent = [claim for claim in leased if claim.row.intent_token is not None]
        self._ledger.batches.let_go([claim for claim in leased if claim not in sent], actor=self._actor)
        self._ledger.batches.let_go(sent, actor=self._actor, reason=reason)

    @cached_property
    def _reference(self) -> ReferenceData:
        return reference_data(self._session.finance, self._ledger, self._run_key)

    @cached_property
    def _reading(self) -> MemberReading:
        return MemberReading(self._session, self._batches, self._kept_reads, self._reference)

    @cached_property
    def _sending(self) -> Sending:
        looking = Looking(self._session, self._batches, self._reference, actor=self._actor, sleep=self._sleep)
        return Sending(
            self._session, self._batches, looking, run_key=self._run_key, actor=self._actor, sleep=self._sleep
        )


def require_lasting_lease(lease_seconds: float, longest_call: float, finance: str) -> None:
    """Make sure that nobody takes over a document whose batch may still be on its way.

    :raises ConfigurationError: a lease ends before a batch does.
    """
    if lease_seconds <= longest_call:
        raise ConfigurationError(
            f"A lease on a document lasts {lease_seconds:g} seconds, but a batch of {finance} may take "
            f"{longest_call:g} seconds: another task could take over a document that is still being sent. The "
            "lease has to be longer"
        )


def _capabilities(session: RouteSession) -> tuple[BookingBatches, ContactBatches]:
    finance, route = session.finance, session.route
    if finance.booking_batches is None or finance.contact_batches is None or not route.limits.batch:
        raise ConfigurationError(f"Route {route.route} books each document by itself in {finance.name}")
    return finance.booking_batches, finance.contact_batches
