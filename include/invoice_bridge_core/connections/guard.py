"""Whether a run may call its two systems now: the day's limits, pauses they asked for, refused credentials.

What one task learns of a connection is noted in the ledger, so that all others know it before they call. A closed
connection lets its documents wait for a later run, so that no worker sleeps through the pause; refused credentials are
announced by one run and tried again by each later one with a single call.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from invoice_bridge_core.connections.budget import is_in_last_fifth, is_worth_noting
from invoice_bridge_core.connections.pacer import LedgerPacer
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.errors import BridgeError, CredentialsRefusedError, LimitReachedError, TransientError
from invoice_bridge_core.ledger.connections.fingerprints import fingerprint, is_fingerprint_of, is_hash_of
from invoice_bridge_core.ledger.documents.lookups import REJECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.connections.fingerprints import Keys
    from invoice_bridge_core.ledger.connections.health import ConnectionHealth
    from invoice_bridge_core.ledger.documents.steps import StepRecord
    from invoice_bridge_core.ports.observations import ConnectionObservations

log = logging.getLogger(__name__)

LONGEST_PAUSE = dt.timedelta(minutes=10)
"""A task may wait so long for its next try; what takes longer is left to a later run."""


_OF_ONE = {"documents wait ": "document waits ", "documents are ": "document is "}


@dataclass(frozen=True)
class Pause:
    """Why a connection may not be called now, or a document is left to another run that works on it.

    :param outcome: what becomes of its documents: they wait, are held, or are busy.
    :param reason: follows the outcome: `until 14:05: Xero's day limit is used up`.
    :param run: the run that has to announce it; empty when it needs nobody.
    :param detail: what the system said of refused credentials.
    """

    conn_id: str
    outcome: Outcome
    reason: str
    run: str = ""
    detail: str = ""

    @property
    def of_one(self) -> str:
        """What becomes of a document: `waits until 14:05: Xero's day limit is used up`."""
        return f"waits {self.reason}" if self.outcome is Outcome.WAITS else f"held: {self.reason}"

    @property
    def of_many(self) -> str:
        """What becomes of many, whose number comes before it: `documents wait until 14:05: …`."""
        if self.outcome is Outcome.BUSY:
            return "documents are worked on by another run"
        is_waiting = self.outcome is Outcome.WAITS
        return f"documents wait {self.reason}" if is_waiting else f"documents are held: {self.reason}"


def counted_pause(count: int, reason: str) -> str:
    """How many documents were left, and why, where the reason is `Pause.of_many`: `1 document waits until 14:05: …`."""
    if count == 1:
        for many, one in _OF_ONE.items():
            if reason.startswith(many):
                return f"1 {one}{reason.removeprefix(many)}"
    return f"{count} {reason}"


class ConnectionGuard:
    """Tells one task whether it may call its connections, and hands out their calls to it.

    All methods raise `LedgerError` when the ledger cannot be used.

    :param observed: what was observed of each connection that the task works with, in the order of their calls.
    :param run: names the run; it announces what it is the first to meet.
    :param run_started: refusals from before are tried again; `None` heeds all of them.
    :param timezone: in which people are told times.
    :param credentials: everything in a connection that proves who we are, as one text.
    :param keys: secrets that are not in the ledger, with which it keeps fingerprints of credentials; without one, each
        fingerprint costs a tenth of a second.
    """

    def __init__(
        self,
        ledger: Ledger,
        observed: Sequence[ConnectionObservations],
        *,
        run: str,
        run_started: dt.datetime | None,
        timezone: str,
        credentials: Callable[[str], str],
        keys: Keys = (),
    ) -> None:
        self._ledger = ledger
        self._observed = {one.conn_id: one for one in observed}
        self._run = run
        self._run_started = run_started
        self._zone = ZoneInfo(timezone)
        self._credentials = credentials
        self._keys = keys
        for one in observed:
            one.pacer = LedgerPacer(ledger, one.conn_id, one.system)

    @cached_property
    def connections(self) -> str:
        """Changes with any field of the task's connections; none of them can be told from it."""
        return fingerprint(self._all_credentials, self._keys)

    def has_changed(self, connections: str) -> bool:
        """Whether the task's connections are others than those of which `connections` was kept, by whatever release."""
        return not is_fingerprint_of(connections, self._all_credentials, self._keys)

    def pause(self, conn_id: str | None = None) -> Pause | None:
        """Why no call may be made now on this connection, or on any of the task's; costs one query per task."""
        for one in self._chosen(conn_id):
            record = self._records.get(one)
            if record is not None and (record.is_closed or self._is_refused(record)):
                return self._pause_of(record)
        return None

    def closed(self, conn_id: str) -> Pause | None:
        """Why no call may be made, even to try whether refused credentials work again."""
        record = self._records.get(conn_id)
        return self._pause_of(record) if record is not None and record.is_closed else None

    def is_in_last_fifth(self, conn_id: str) -> bool:
        """Whether what is left of the connection's day belongs to the transfers."""
        record = self._records.get(conn_id)
        return record is not None and is_in_last_fifth(record)

    def is_refused(self, conn_id: str) -> bool:
        """Whether the credentials were refused when last tried, in whatever run, and no call succeeded since."""
        record = self._records.get(conn_id)
        return record is not None and record.refused_at is not None and not self._observed[conn_id].accepted

    def check(self, conn_id: str) -> None:
        """One call that shows whether refused credentials work again.

        :raises BridgeError: they do not, or it cannot be told.
        """
        self._observed[conn_id].check()

    def pause_after(self, error: BridgeError, *, checked: bool = False) -> Pause | None:
        """What an error says about its connection, noted for all; `None` when it says nothing about it as a whole.

        A refusal may be about one document, or one part of the API: unless it was met where all documents would meet
        it, one more call shows whether the credentials work at all.

        :param checked: the call that was refused is one that every run makes, so that it counts unless another one of
            this process succeeded.
        """
        observed = self._observed.get(error.conn_id or "")
        if observed is None:
            return None
        if isinstance(error, CredentialsRefusedError):
            refusal = error if checked and not observed.accepted else self._confirmed(observed, error)
            return None if refusal is None else self._refuse(observed, refusal)
        if isinstance(error, TransientError) and _is_long(error):
            return self._close(observed, error)
        return None

    def keep_observations(self) -> None:
        """Note what the answers told, where it is worth a write to the ledger; called at the end of a task."""
        for conn_id, observed in self._observed.items():
            if observed.day_left is None and not observed.accepted:
                continue
            record = self._records.get(conn_id)
            worth_it = observed.day_left is not None and is_worth_noting(record, observed.day_left)
            accepted_again = observed.accepted and record is not None and record.refused_at is not None
            if not worth_it and not accepted_again:
                continue
            self._ledger.connections.keep_observations(
                conn_id,
                observed.system,
                day_left=observed.day_left if worth_it else None,
                accepted=accepted_again,
            )
            if accepted_again:
                log.info("The credentials of connection %s are accepted again", conn_id)

    @cached_property
    def _all_credentials(self) -> list[str]:
        return [self._credentials(conn_id) for conn_id in self._observed]

    @cached_property
    def _records(self) -> Mapping[str, ConnectionHealth]:
        return self._ledger.connections.health(list(self._observed))

    def _chosen(self, conn_id: str | None) -> list[str]:
        return list(self._observed) if conn_id is None else [conn_id]

    def _is_refused(self, record: ConnectionHealth) -> bool:
        if record.refused_at is None or record.refused_last_at is None:
            return False
        if self._run_started is not None and record.refused_last_at < self._run_started:
            return False
        return is_hash_of(record.refused_credentials, self._credentials(record.conn_id), self._keys)

    def _pause_of(self, record: ConnectionHealth) -> Pause:
        return _refusal(record) if record.opens_at is None else _closing(record, record.opens_at, self._zone)

    def _confirmed(
        self, observed: ConnectionObservations, error: CredentialsRefusedError
    ) -> CredentialsRefusedError | None:
        try:
            observed.check()
        except CredentialsRefusedError:
            return error
        except BridgeError as failed:
            log.warning(
                "Whether the credentials of connection %s work at all cannot be seen: %s", observed.conn_id, failed
            )
        return None

    def _refuse(self, observed: ConnectionObservations, error: CredentialsRefusedError) -> Pause:
        observed.accepted = False
        credentials = self._credentials(observed.conn_id)
        self._ledger.connections.refuse(
            observed.conn_id,
            observed.system,
            str(error),
            run=self._run,
            credentials=credentials,
            keys=self._keys,
        )
        return self._pause_now(observed)

    def _close(self, observed: ConnectionObservations, error: TransientError) -> Pause:
        is_day = isinstance(error, LimitReachedError) and error.limit == "day"
        reason = f"{observed.system}'s day limit is used up" if is_day else f"{observed.system} asked us to wait"
        self._ledger.connections.close(observed.conn_id, observed.system, reason, error.retry_after)
        return self._pause_now(observed)

    def _pause_now(self, observed: ConnectionObservations) -> Pause:
        return self._pause_of(self._ledger.connections.health([observed.conn_id])[observed.conn_id])


def refusals(ledger: Ledger, conn_ids: Sequence[str]) -> list[Pause]:
    """Those of the connections whose credentials are refused; one query."""
    records = ledger.connections.health(conn_ids)
    return [_refusal(record) for record in records.values() if record.refused_at is not None]


def paused_result(ledger: Ledger, ref: DocumentRef, pause: Pause) -> Result:
    """What becomes of a document whose connection may not be called.

    A write whose answer was lost does not merely wait: nobody knows what became of it before somebody can look.
    """
    row = ledger.row(ref)
    if row is None:
        return Result(pause.outcome, str(ref), pause.reason, is_paused=True)
    is_unknown = row.intent_token is not None and row.booking is None
    if is_unknown or any(_matters(step, row) for step in ledger.steps(row)):
        return Result(
            Outcome.FAILED,
            row.label,
            f"an answer was lost: whether it was done is not known, and nobody could look yet ({pause.of_one})",
        )
    return Result(pause.outcome, row.label, pause.reason, is_paused=True)


def _matters(step: StepRecord, row: DocumentRow) -> bool:
    # A rejection no longer matters once its document was mended and booked.
    return step.is_unanswered and not (step.step == REJECTION and row.booking is not None)


def _is_long(error: TransientError) -> bool:
    if error.retry_after is None:
        return isinstance(error, LimitReachedError) and error.limit == "day"
    return error.retry_after > LONGEST_PAUSE or (isinstance(error, LimitReachedError) and error.limit == "day")


def _closing(record: ConnectionHealth, opens_at: dt.datetime, zone: ZoneInfo) -> Pause:
    until = _local_time(opens_at, record.now, zone)
    return Pause(record.conn_id, Outcome.WAITS, f"until {until}: {record.closed_reason}")


def _refusal(record: ConnectionHealth) -> Pause:
    return Pause(
        record.conn_id,
        Outcome.HELD,
        f"credentials of connection {record.conn_id} are refused",
        run=record.refused_run or "",
        detail=record.refused_reason or "",
    )


def _local_time(instant: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    there = instant.astimezone(zone)
    # Rounded up, so that nobody looks a moment too early.
    there = there if there.second == there.microsecond == 0 else there + dt.timedelta(minutes=1)
    is_today = there.date() == now.astimezone(zone).date()
    return f"{there:%H:%M}" if is_today else f"{there:%Y-%m-%d %H:%M}"
