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
from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.errors import BridgeError, CredentialsRefusedError, LimitReachedError, TransientError
from invoice_bridge_core.ledger.connections import observations
from invoice_bridge_core.ledger.connections.observations import is_hash_of
from invoice_bridge_core.ledger.documents.lookups import REJECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from invoice_bridge_core.connections.budget import ConnectionNews
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ledger.connections.observations import ConnectionRecord
    from invoice_bridge_core.ledger.documents.steps import StepRecord

log = logging.getLogger(__name__)

LONGEST_PAUSE = dt.timedelta(minutes=10)
"""A task may wait so long for its next try; what takes longer is left to a later run."""


@dataclass(frozen=True)
class Stop:
    """Why a connection may not be called now, or a document is left to another run that is at it.

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


class Gate:
    """The way of one task to its connections. All methods raise `LedgerError` when the ledger cannot be used.

    :param news: of the connections that the task works with; the order in which they are called.
    :param run: names the run; it announces what it is the first to meet.
    :param run_started: refusals from before are tried again; `None` heeds all of them.
    :param timezone: in which people are told times.
    :param credentials: all of a connection by which its system knows us, as one text.
    """

    def __init__(
        self,
        ledger: Ledger,
        news: Sequence[ConnectionNews],
        *,
        run: str,
        run_started: dt.datetime | None,
        timezone: str,
        credentials: Callable[[str], str],
    ) -> None:
        self._ledger = ledger
        self._news = {one.conn_id: one for one in news}
        self._run = run
        self._run_started = run_started
        self._zone = ZoneInfo(timezone)
        self._credentials = credentials

    def stop(self, conn_id: str | None = None) -> Stop | None:
        """Why no call may be made now on this connection, or on any of the task's; costs one query per task."""
        for one in self._chosen(conn_id):
            record = self._records.get(one)
            if record is not None and (record.is_closed or self._is_refused(record)):
                return self._stop_of(record)
        return None

    def closed(self, conn_id: str) -> Stop | None:
        """Why no call may be made, even to try whether refused credentials work again."""
        record = self._records.get(conn_id)
        return self._stop_of(record) if record is not None and record.is_closed else None

    def is_in_last_fifth(self, conn_id: str) -> bool:
        """Whether what is left of the connection's day belongs to the transfers."""
        record = self._records.get(conn_id)
        return record is not None and is_in_last_fifth(record)

    def is_refused(self, conn_id: str) -> bool:
        """Whether the credentials were refused when last tried, in whatever run, and no call succeeded since."""
        record = self._records.get(conn_id)
        return record is not None and record.refused_at is not None and not self._news[conn_id].accepted

    def check(self, conn_id: str) -> None:
        """One call that shows whether refused credentials work again.

        :raises BridgeError: they do not, or it cannot be told.
        """
        self._news[conn_id].check()

    def stop_after(self, error: BridgeError, *, checked: bool = False) -> Stop | None:
        """What an error says about its connection, noted for all; `None` when it says nothing about it as a whole.

        A refusal may be about one document, or one part of the API: unless it was met where all documents would meet
        it, one more call shows whether the credentials work at all.

        :param checked: the call that was refused is one that every run makes, so that it counts unless another one of
            this process succeeded.
        """
        news = self._news.get(error.conn_id or "")
        if news is None:
            return None
        if isinstance(error, CredentialsRefusedError):
            refusal = error if checked and not news.accepted else self._confirmed(news, error)
            return None if refusal is None else self._refuse(news, refusal)
        if isinstance(error, TransientError) and _is_long(error):
            return self._close(news, error)
        return None

    def keep_news(self) -> None:
        """Note what the answers told, as far as it is worth a statement: at the end of a task."""
        for conn_id, news in self._news.items():
            if news.day_left is None and not news.accepted:
                continue
            record = self._records.get(conn_id)
            worth_it = news.day_left is not None and is_worth_noting(record, news.day_left)
            accepted_again = news.accepted and record is not None and record.refused_at is not None
            if not worth_it and not accepted_again:
                continue
            with self._ledger.transaction() as connection:
                if worth_it and news.day_left is not None:
                    observations.note_day(connection, conn_id, news.system, news.day_left)
                if accepted_again:
                    observations.accept(connection, conn_id)
                    log.info("The credentials of connection %s are accepted again", conn_id)

    @cached_property
    def _records(self) -> Mapping[str, ConnectionRecord]:
        with self._ledger.transaction() as connection:
            return observations.records_of(connection, list(self._news))

    def _chosen(self, conn_id: str | None) -> list[str]:
        return list(self._news) if conn_id is None else [conn_id]

    def _is_refused(self, record: ConnectionRecord) -> bool:
        if record.refused_at is None or record.refused_last_at is None:
            return False
        if self._run_started is not None and record.refused_last_at < self._run_started:
            return False
        return is_hash_of(record.refused_credentials, self._credentials(record.conn_id))

    def _stop_of(self, record: ConnectionRecord) -> Stop:
        return _closing(record, self._zone) if record.is_closed else _refusal(record)

    def _confirmed(self, news: ConnectionNews, error: CredentialsRefusedError) -> CredentialsRefusedError | None:
        try:
            news.check()
        except CredentialsRefusedError:
            return error
        except BridgeError as failed:
            log.warning("Whether the credentials of connection %s work at all cannot be seen: %s", news.conn_id, failed)
        return None

    def _refuse(self, news: ConnectionNews, error: CredentialsRefusedError) -> Stop:
        news.accepted = False
        with self._ledger.transaction() as connection:
            credentials = self._credentials(news.conn_id)
            observations.refuse(
                connection, news.conn_id, news.system, str(error), run=self._run, credentials=credentials
            )
        return self._stop_now(news)

    def _close(self, news: ConnectionNews, error: TransientError) -> Stop:
        is_day = isinstance(error, LimitReachedError) and error.limit == "day"
        reason = f"{news.system}'s day limit is used up" if is_day else f"{news.system} wants no calls before"
        with self._ledger.transaction() as connection:
            observations.close(connection, news.conn_id, news.system, reason, error.retry_after)
        return self._stop_now(news)

    def _stop_now(self, news: ConnectionNews) -> Stop:
        with self._ledger.transaction() as connection:
            record = observations.records_of(connection, [news.conn_id])[news.conn_id]
        return self._stop_of(record)


def refusals(ledger: Ledger, conn_ids: Sequence[str]) -> list[Stop]:
    """Those of the connections whose credentials are refused; one query."""
    with ledger.transaction() as connection:
        records = observations.records_of(connection, conn_ids)
    return [_refusal(record) for record in records.values() if record.refused_at is not None]


def stopped_result(ledger: Ledger, ref: DocumentRef, stop: Stop) -> Result:
    """What becomes of a document whose connection may not be called.

    A write whose answer was lost does not merely wait: nobody knows what became of it before somebody can look.
    """
    row = ledger.row(ref)
    if row is None:
        return Result(stop.outcome, str(ref), stop.reason, is_stopped=True)
    is_unknown = row.intent_token is not None and row.booking is None
    if is_unknown or any(_matters(step, row) for step in ledger.steps(row)):
        return Result(
            Outcome.FAILED,
            row.label,
            f"an answer was lost, so something may have been done that nobody could look for yet ({stop.of_one})",
        )
    return Result(stop.outcome, row.label, stop.reason, is_stopped=True)


def _matters(step: StepRecord, row: DocumentRow) -> bool:
    # A rejection is of no matter any more once its document was mended and booked.
    return step.is_unanswered and not (step.step == REJECTION and row.booking is not None)


def _is_long(error: TransientError) -> bool:
    if error.retry_after is None:
        return isinstance(error, LimitReachedError) and error.limit == "day"
    return error.retry_after > LONGEST_PAUSE or (isinstance(error, LimitReachedError) and error.limit == "day")


def _closing(record: ConnectionRecord, zone: ZoneInfo) -> Stop:
    assert record.closed_until is not None  # noqa: S101 - it is closed
    until = _local_time(record.closed_until, record.now, zone)
    return Stop(record.conn_id, Outcome.WAITS, f"until {until}: {record.closed_reason}")


def _refusal(record: ConnectionRecord) -> Stop:
    return Stop(
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
