"""Whose turn it is to call: the limit per second is kept by all tasks together, before the system has to say so."""

from __future__ import annotations

import datetime as dt
import random
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import LedgerError, LimitReachedError, TransientError
from invoice_bridge_core.ports.pacing import OWN_PACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ledger.connections.call_slots import Slot
    from invoice_bridge_core.ports.pacing import Pace

LONGEST_TURN = 15.0
"""Seconds that a call waits for its turn in place; after that its task gives its worker slot back."""
COME_BACK_AFTER = dt.timedelta(seconds=15)
_SPREAD = 0.2
"""Seconds over which those who wait spread their next look; who has waited longer looks sooner."""


class LedgerPacer:
    """Hands out a connection's calls through the ledger. Implements `invoice_bridge_core.ports.pacing.Pacer`.

    :param system: the system's name as people write it.
    :param clock: seconds that never go back.
    """

    def __init__(
        self, ledger: Ledger, conn_id: str, system: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._slots = ledger.connections
        self._conn_id = conn_id
        self._system = system
        self._clock = clock

    @contextmanager
    def turn(self, pace: Pace, sleep: Callable[[float], None]) -> Iterator[int]:
        """See `Pacer.turn`."""
        number, calls_today = self._wait(pace, sleep)
        try:
            yield calls_today
        finally:
            # What the system answered counts, whether or not the slot could be given back: it comes back by itself.
            with suppress(LedgerError):
                self._slots.give_slot_back(self._conn_id, number, dt.timedelta(seconds=pace.seconds))

    def _wait(self, pace: Pace, sleep: Callable[[float], None]) -> tuple[int, int]:
        began = self._clock()
        while True:
            slot = self._take(pace)
            if slot.number is not None:
                return slot.number, slot.calls_today
            if pace.per_day is not None and slot.calls_today >= pace.per_day:
                raise self._stopped(f"{pace.per_day} calls a day, and all are made", limit="day")
            waited = self._clock() - began
            pause = min(slot.wait, pace.seconds) + random.uniform(0.0, _SPREAD / (1.0 + waited))  # noqa: S311 - only spreads tries
            if waited + pause > LONGEST_TURN:
                raise self._stopped(
                    f"{pace.calls} calls in {pace.seconds:.1f} s, and too many tasks wait for theirs",
                    limit=OWN_PACE,
                    retry_after=COME_BACK_AFTER,
                )
            sleep(pause)

    def _take(self, pace: Pace) -> Slot:
        try:
            return self._slots.take_slot(self._conn_id, pace.calls, pace.per_day)
        except LedgerError as error:
            # Nothing was sent, which an error of the ledger does not say.
            raise TransientError(f"No call of connection {self._conn_id} could be planned: {error}") from error

    def _stopped(self, why: str, *, limit: str, retry_after: dt.timedelta | None = None) -> LimitReachedError:
        error = LimitReachedError(
            f"{self._system} takes {why} (connection {self._conn_id})", limit=limit, retry_after=retry_after
        )
        error.conn_id = self._conn_id
        return error
