"""Sending batches: written down before they leave, and their results before the next one does.

What is not certain is unknown: no member is sent again before it was looked for. A batch that finance refuses is sent
again in halves, so that the one that spoils it is found, and ends in its own task.
"""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.facts import DocumentFacts
from invoice_bridge_core.errors import (
    BridgeError,
    ContactUnusableError,
    LedgerError,
    LimitReachedError,
    NumberTakenError,
    OutcomeUnknownError,
    RefusedError,
    certainly_not_done,
)
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.documents.batches import BatchNote, Refusal
from invoice_bridge_core.ledger.documents.many_changes import Change
from invoice_bridge_core.ledger.documents.row import fact_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.ports.finance.batches import BookingBatches
    from invoice_bridge_core.transfer.ahead.looking import Looking
    from invoice_bridge_core.transfer.ahead.member import Member
    from invoice_bridge_core.transfer.route_session import RouteSession

log = logging.getLogger(__name__)

MOST_SENDS = 26
"""Batches that one portion of documents may take: to find one of fifty that spoils them takes 13."""
MOST_UNANSWERED = 2
"""Batches in a row without an answer that are borne; with one more, single documents show better what works."""
MOST_UNANSWERED_OF_PORTION = 2
"""Batches without an answer after which what is left of a portion is left to its tasks: each is waited for in vain."""
MOST_WAITS = 5
"""Limits that are waited for; with more, others use up the calls, and the tasks know how to share them."""
LONGEST_WAIT = 61.0
"""Seconds that a limit is waited for; what takes longer is left to the tasks."""
_SHORTEST_WAIT = 1.0


class Sending:
    """Sends the batches of one run.

    :param actor: the task, as the history names it.
    :param sleep: waits so many seconds.
    """

    def __init__(
        self,
        session: RouteSession,
        batches: BookingBatches,
        looking: Looking,
        *,
        run_key: str,
        actor: str,
        sleep: Callable[[float], None],
    ) -> None:
        self._session, self._ledger = session, session.ledger
        self._batches = batches
        self._looking = looking
        self._run_key = run_key
        self._actor = actor
        self._sleep = sleep
        self._unanswered = self._unanswered_of_portion = 0
        self._waits_left = MOST_WAITS
        self.sent = 0

    def send(self, members: Sequence[Member]) -> None:
        """Book documents of one kind.

        :raises BridgeError: batches do not get through now; what is left keeps its lease, and its intent if it has one.
        """
        self._unanswered_of_portion = 0
        groups = deque(group for group in self._fitting(members) if len(group) > 1)
        for _ in range(MOST_SENDS):
            if not groups:
                return
            groups.extendleft(reversed([again for again in self._send(groups.popleft()) if again]))

    def _fitting(self, members: Sequence[Member]) -> list[list[Member]]:
        """The members in groups that one call takes; one that is too large for any goes alone."""
        groups: list[list[Member]] = [[]]
        size = 0
        for member in members:
            length = len(member.element.encode()) + 1
            if groups[-1] and (
                len(groups[-1]) >= self._batches.most_members or size + length > self._batches.most_bytes
            ):
                groups.append([])
                size = 0
            groups[-1].append(member)
            size += length
        return groups

    def _send(self, group: list[Member]) -> list[list[Member]]:
        """Send one batch; the groups in which its members are to be sent again."""
        kind = self._batches.kind(is_credit_note=group[0].document.is_credit_note)
        body = self._batches.body(kind, [member.element for member in group])
        intents = [_intent(member) for member in group]
        key = idempotency_key(body, [str(change.values["intent_token"]) for change in intents])
        note = BatchNote(self._session.route.route, self._run_key, self._session.finance.conn_id, kind, key, body)
        batch_id = self._ledger.batches.note(note, intents, actor=self._actor)
        self.sent += 1
        documents = {member.number: member.document for member in group}
        try:
            told = self._batches.send(kind, body, documents, idempotency_key=key)
        except OutcomeUnknownError as error:
            return self._look(batch_id, group, error)
        except LedgerError:
            raise
        except BridgeError as error:
            self._not_sent(batch_id, group, error)
            raise
        self._unanswered = 0
        self._told(batch_id, group, told)
        return []

    def _not_sent(self, batch_id: int, group: Sequence[Member], error: BridgeError) -> None:
        """Note that nothing left this side; where that is not certain, the intents stay."""
        is_certain = certainly_not_done(error) and error.status is None
        changes = [
            Change(member.claim, member.claim.withdrawal(), f"not booked: batch {batch_id} was not sent: {error.text}")
            for member in group
            if is_certain
        ]
        self._ledger.batches.end(batch_id, changes, actor=self._actor, failure=str(error))

    def _told(self, batch_id: int, group: Sequence[Member], told: Mapping[str, Booking | BridgeError]) -> None:
        """Note what the answer says of each member, in one transaction; what it does not say is looked for."""
        changes, refusals, unknown = [], {}, []
        of = f"in batch {batch_id} of {len(group)}"
        for member in group:
            outcome, claim = told.get(member.number), member.claim
            if outcome is None or (isinstance(outcome, BridgeError) and not isinstance(outcome, RefusedError)):
                unknown.append(member)
            elif not isinstance(outcome, RefusedError):
                values = {**claim.as_booked(outcome), **NO_LEASE}
                changes.append(Change(claim, values, f"booked as {outcome.number}, {of}"))
            else:
                values = {**claim.withdrawal(), **NO_LEASE}
                # Another number or another contact may help: its own task finds out.
                if not isinstance(outcome, NumberTakenError | ContactUnusableError):
                    values["batch_id"] = batch_id
                    refusals[claim.row.id] = Refusal(str(outcome), outcome.reasons, member.document.payload_hash)
                changes.append(Change(claim, values, f"not booked, {of}: {outcome}"))
        self._ledger.batches.end(batch_id, changes, actor=self._actor, refusals=refusals)
        if unknown:
            log.warning("Of %d of %d documents of batch %d nothing was told", len(unknown), len(group), batch_id)
            self._looking.absent(unknown, batch_id, is_over=True)

    def _look(self, batch_id: int, group: list[Member], error: OutcomeUnknownError) -> list[list[Member]]:
        """Look for the members of a batch that failed; the groups of those that are not there."""
        log.warning("%s. Now looking for what became of batch %d", error, batch_id)
        self._ledger.batches.end(batch_id, [], actor=self._actor, failure=str(error))
        cause, is_over = error.__cause__, self._batches.is_over(error)
        self._unanswered += not is_over
        absent = self._looking.absent(group, batch_id, is_over=is_over)
        if self._unanswered > MOST_UNANSWERED:
            raise error
        if isinstance(cause, LimitReachedError):
            self._wait_for_limit(cause)
            return [absent]
        self._unanswered_of_portion += not is_over
        if len(group) == 1 or self._unanswered_of_portion >= MOST_UNANSWERED_OF_PORTION:
            # One of them spoils whatever it is in: its own task says why.
            return []
        middle = (len(absent) + 1) // 2
        return [absent[:middle], absent[middle:]]

    def _wait_for_limit(self, error: LimitReachedError) -> None:
        wait = None if error.retry_after is None else error.retry_after.total_seconds()
        if not self._waits_left or error.limit == "day" or (wait is not None and wait > LONGEST_WAIT):
            raise error
        self._waits_left -= 1
        self._sleep(max(wait or 0.0, _SHORTEST_WAIT))


def idempotency_key(body: bytes, tokens: Sequence[str]) -> str:
    """The key of these bytes: the same as long as none of the members' intents was withdrawn, and another after that.

    For some minutes finance answers an old key with its old answer, a failure too.
    """
    digest = hashlib.sha256(body)
    for token in tokens:
        digest.update(b"\n" + token.encode())
    return digest.hexdigest()


def _intent(member: Member) -> Change:
    """What is written of a member before it is sent: what was read, and the intent."""
    document = member.document
    facts = fact_columns(DocumentFacts.from_document(document))
    del facts["entry_fingerprint"]
    values = {**facts, **member.claim.intent(member.number, document.payload_hash)}
    return Change(member.claim, values, f"about to be booked as {member.number} on contact {member.contact_id}")
