"""Starts a route's transfer when something new waits: a watcher that looks at the queue every ten seconds.

All routes of a source connection share one look. The schedule goes on beside it as a net: a run that was missed, by a
triggerer that is down or an Airflow without one, is made by the schedule.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from invoice_bridge.triggers.look import look_at_connection
from invoice_bridge_core.errors import BridgeError
from invoice_bridge_core.transfer.queue_watch import NewEntries, NotLookedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Mapping

log = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds from the beginning of one look to that of the next: 8 640 calls a day of a connection."""

AFTER_TROUBLE = 30.0
"""Seconds to the next look after one that failed, or that was not allowed."""


class QueueTrigger(BaseEventTrigger):
    """Fires when the queue of a source connection holds an entry that was not in it before.

    :param route: the route whose transfer is to be started.
    :param conn_id: the connection of its source.
    """

    def __init__(self, route: str, conn_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's own has no types.
        self.route = route
        self.conn_id = conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments, as Airflow keeps them in its database."""
        return f"{__name__}.{type(self).__name__}", {"route": self.route, "conn_id": self.conn_id}

    def shared_stream_key(self) -> Hashable | None:
        """One look serves all routes of the connection."""
        return ("invoice_bridge_queue", self.conn_id)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """The queue as each look shows it; a look that fails shows nothing, and the next is made all the same."""
        loop = asyncio.get_running_loop()
        trouble = ""
        while True:
            began, pause = loop.time(), EVERY
            try:
                # The hooks are not asynchronous, and must not keep the triggerer from its other work.
                entries = await asyncio.to_thread(look_at_connection, kwargs["conn_id"], kwargs["route"])
            except (NotLookedError, BridgeError) as error:
                if str(error) != trouble:
                    log.warning("The queue of connection %s is not watched now: %s", kwargs["conn_id"], error)
                trouble, pause = str(error), AFTER_TROUBLE
            else:
                if trouble:
                    log.info("The queue of connection %s is watched again", kwargs["conn_id"])
                trouble = ""
                yield entries
            await asyncio.sleep(max(0.0, began + pause - loop.time()))

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Any]) -> AsyncIterator[TriggerEvent]:
        """One event for each look that shows something new; it holds counts, no documents."""
        new_entries = NewEntries()
        async for entries in shared_stream:
            if new := new_entries.of(entries):
                yield _event(len(new), len(entries))

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """The same without the triggerer's sharing."""
        shared: AsyncIterator[Mapping[str, str]] = type(self).open_shared_stream(self.serialize()[1])
        async for event in self.filter_shared_stream(shared):
            yield event


def _event(new: int, waiting: int) -> TriggerEvent:
    return TriggerEvent({"new": new, "waiting": waiting})  # type: ignore[no-untyped-call]
