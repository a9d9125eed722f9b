"""One round over the channels of a route: each is told what it was not told yet.

A notice is noted in the ledger before it is sent. What certainly did not arrive is decided anew in the next round, so
that a channel that was down is told once, of what is open then. What may have arrived is sent again with the same id,
and says so: better twice than not at all, since it may be about money that was booked twice. After a few such rounds it
counts as told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from invoice_bridge_core.errors import LedgerError, TransientError
from invoice_bridge_core.ledger.notices import WATCHED_MARK
from invoice_bridge_core.notices.late import last_time_of_day
from invoice_bridge_core.notices.news import digest_item, items_of, local_day, notice_of, wanted
from invoice_bridge_core.notices.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.notices import PendingNotice, RouteView
    from invoice_bridge_core.notices.news import Item, Link
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.routes.notify import Channel, Notify

MOST_TRIES = 3
"""So often is a notice sent whose arrival nobody confirms."""
DIGEST_FOR = dt.timedelta(hours=4)
"""A digest that could not go out at its time still does so within this; later it is yesterday's paper."""

_WAIT_SECONDS = 2
_TAKEN = "23505"


class NotSentError(Exception):
    """The notice certainly did not arrive."""


class UnansweredError(Exception):
    """Nobody knows whether the notice arrived."""


class Sender(Protocol):
    """The way out of one channel."""

    def send(self, notice: Notice) -> None:
        """Send it.

        :raises NotSentError: it certainly did not arrive.
        :raises UnansweredError: it may have arrived.
        """


@dataclass
class Told:
    """What a round came to: lines for the log, and what went wrong."""

    lines: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Telling:
    """Tells the channels of one route.

    :param sender: makes the way out of a channel.
    :param link: the address of the page that shows what a filter names.
    """

    def __init__(
        self, ledger: Ledger, route: Route, notify: Notify, sender: Callable[[Channel], Sender], link: Link
    ) -> None:
        self._ledger, self._route, self._notify = ledger, route, notify
        self._sender, self._link = sender, link
        self.told = Told()

    def tell(self) -> Told:
        """One round; a channel that fails does not keep the others from being told.

        :raises LedgerError: the ledger cannot be used.
        """
        name = self._route.route
        self._ledger.notices.tidy(name)
        view = self._ledger.notices.view(name, (self._route.source.conn_id, self._route.finance.conn_id))
        items = items_of(self._route, self._notify, view)
        for channel in self._notify.channels:
            try:
                with self._ledger.locked(f"notices of {name}: {channel.key}", seconds=_WAIT_SECONDS):
                    self._tell(channel, items, view)
            except TransientError:
                self.told.lines.append(f"{channel.key}: another run is telling it")
        return self.told

    def _tell(self, channel: Channel, items: Sequence[Item], view: RouteView) -> None:
        ledger, name = self._ledger.notices, self._route.route
        if (pending := ledger.pending(name, channel.key)) is not None:
            if pending.tries == 0:
                ledger.withdraw(pending)
            elif not self._send(channel, pending):
                return
        news = wanted(items, self._notify.topics_of(channel), ledger.told(name, channel.key))
        if news and not self._note_and_send(channel, notice_of(self._route, news, self._link), _keys(news)):
            return
        if not news:
            self.told.lines.append(f"{channel.key}: nothing new")
        self._digest(channel, items, view)

    def _digest(self, channel: Channel, items: Sequence[Item], view: RouteView) -> None:
        time, timezone = self._notify.digest_time, self._route.schedule.timezone
        if time is None:
            return
        due = last_time_of_day(time, timezone, view.now)
        if view.now - due > DIGEST_FOR or due < view.marks[WATCHED_MARK].at:
            return
        name, item = self._route.route, digest_item(local_day(due, timezone))
        if item in self._ledger.notices.told(name, channel.key):
            return
        open_items = wanted(items, self._notify.topics_of(channel))
        if not open_items:
            self._ledger.notices.nothing_to_say(name, channel.key, item)
            return
        notice = notice_of(self._route, open_items, self._link, is_digest=True)
        self._note_and_send(channel, notice, {item: None})

    def _note_and_send(self, channel: Channel, notice: Notice, items: Mapping[str, int | None]) -> bool:
        try:
            pending = self._ledger.notices.note(self._route.route, channel.key, notice.body(), items)
        except LedgerError as error:
            if error.sql_state != _TAKEN:
                raise
            self.told.lines.append(f"{channel.key}: another run is telling it")
            return False
        return self._send(channel, pending)

    def _send(self, channel: Channel, pending: PendingNotice) -> bool:
        """Whether the channel may be told more."""
        ledger = self._ledger.notices
        notice = Notice.from_body(pending.body, pending.id, is_repeat=pending.tries > 0)
        if not ledger.sending(pending):
            self.told.lines.append(f"{channel.key}: another run is telling it")
            return False
        try:
            self._sender(channel).send(notice)
        except NotSentError as error:
            ledger.not_sent(pending, str(error))
            self.told.failures.append(f"{channel.key}: not sent, tried again by the next run: {error}")
            return False
        except UnansweredError as error:
            return self._unanswered(channel, pending, str(error))
        ledger.ended(pending)
        self.told.lines.append(f"{channel.key}: sent notice {pending.id}: {notice.subject}")
        return True

    def _unanswered(self, channel: Channel, pending: PendingNotice, failure: str) -> bool:
        if pending.tries + 1 >= MOST_TRIES:
            self._ledger.notices.ended(pending)
            end = f"sent {MOST_TRIES} times without an answer, and not again"
        else:
            self._ledger.notices.unanswered(pending, failure)
            end = "may have arrived; the next run sends it again and says so"
        self.told.failures.append(f"{channel.key}: notice {pending.id} {end}: {failure}")
        return False


def _keys(items: Sequence[Item]) -> dict[str, int | None]:
    return {item.key: None if item.document is None else item.document.id for item in items}
