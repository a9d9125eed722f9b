"""When a document that was left is worth another look.

Each reason says what ends it (`WakesOn`). What shows without a call is compared in every run: the route, what finance
says of itself, the connections, the entry in the queue, the credited invoice. What shows only when the document is
tried again, such as a restored contact, is tried in every run at first and more seldom later. Once a day everything is
looked at: that is the net, and not the rule.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from invoice_bridge_core.errors import WakesOn

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.errors import BridgeError
    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import ReferenceData
    from invoice_bridge_core.ports.booking_status import BookingStatus

LOOK_AGAIN_AFTER = dt.timedelta(hours=24)
"""The net: whatever a document waits for, it is looked at again after this time."""

OFTEN_FOR = dt.timedelta(hours=6)
"""As long as a reason is as young as this, what only a look can tell is looked for in every run."""

HOURLY_FOR = dt.timedelta(days=7)
"""After that once an hour, and later every six hours."""

_HOURLY, _SELDOM = dt.timedelta(minutes=55), dt.timedelta(hours=6)

_LOOKED_FOR = frozenset({WakesOn.CONTACT, WakesOn.NUMBER, WakesOn.PERSON})

_BY_NAME = {str(wake): wake for wake in WakesOn}

_WORDS = {
    WakesOn.ROUTE: "when the route or its mapping changes",
    WakesOn.FINANCE_DATA: "when accounts, tax rates, currencies or lock dates change in finance",
    WakesOn.CONNECTION: "when a connection is changed",
    WakesOn.ENTRY: "when it changes in its source",
    WakesOn.INVOICE: "when its invoice moves",
    WakesOn.OFFERED: "when its source offers it again",
}


@dataclass(frozen=True)
class Waiting:
    """What a document waits for, as the ledger keeps it with the document.

    :param fingerprint: of all that shows without a call, as it was before the document was left.
    :param seen: of what finance had under the number of a document in doubt; empty where nobody looked.
    :param connections: of the two connections; empty where the document waits for neither.
    """

    fingerprint: str
    wakes_on: frozenset[WakesOn] = frozenset({WakesOn.PERSON})
    seen: str = ""
    connections: str = ""

    def __str__(self) -> str:
        return f"{self.fingerprint};{','.join(sorted(self.wakes_on))};{self.seen};{self.connections}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote; what earlier releases wrote is a fingerprint alone."""
        fingerprint, *rest = text.split(";")
        if len(rest) != 3:
            return cls(fingerprint)
        known = (_BY_NAME[name] for name in rest[0].split(",") if name in _BY_NAME)
        return cls(fingerprint, frozenset(known), rest[1], rest[2])

    @property
    def shows_by_trying(self) -> bool:
        """Whether it takes another try to see that it waits no more."""
        return bool(self.wakes_on & _LOOKED_FOR)


def left_for(error: BridgeError, fingerprint: str | None, connections: Callable[[], str]) -> str | None:
    """What a document waits for that an error left; `None` when every run has to look again.

    :param fingerprint: what `held_fingerprint` said before the attempt; `None` when it stopped before that was known.
    :param connections: says the fingerprint of the two connections.
    """
    if fingerprint is None:
        return None
    named = connections() if WakesOn.CONNECTION in error.wakes_on else ""
    return str(Waiting(fingerprint, error.wakes_on, getattr(error, "seen", ""), named))


def held_fingerprint(
    row: DocumentRow, route_fingerprint: str, reference: ReferenceData, ledger: Ledger, entry_fingerprint: str | None
) -> str:
    """Changes when anything changes that shows without a call.

    That is the route with its mapping, the finance system's accounts, currencies and lock dates, the document's entry
    in the queue, and, for a credit note, what became of its invoice.

    :param route_fingerprint: the route's own.
    """
    credited = credited_state(row, ledger)
    return fingerprint_of(route_fingerprint, reference.fingerprint, entry_fingerprint, credited)


def credited_state(row: DocumentRow, ledger: Ledger) -> str | None:
    """What became of the invoice that a credit note names; `None` of all other documents."""
    credited = ledger.credited_row(row) if row.credited_number or row.credited_source_id else None
    return None if credited is None else f"{credited.state} {credited.booking is not None}"


def fingerprint_of(route: str, reference: str, entry: str | None, credited: str | None) -> str:
    """The same, of the fingerprints and of what became of the credited invoice."""
    return hashlib.sha256("\n".join((route, reference, entry or "", credited or "")).encode()).hexdigest()


def seen_under_number(status: BookingStatus | None) -> str:
    """Changes when finance has something else under a number than before, or has it in another way."""
    if status is None:
        return "nothing"
    found = status.booking
    parts = (found.finance_id, found.status, found.contact_id, found.currency, found.total, found.marker)
    text = "\n".join(map(str, (*parts, status.is_gone)))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Left(Protocol):
    """A document that was left."""

    @property
    def updated_at(self) -> dt.datetime:
        """When it was looked at last."""

    @property
    def announced_at(self) -> dt.datetime | None:
        """When people were told last that somebody has to act."""


def is_due(row: Left, now: dt.datetime, at_least: dt.timedelta = dt.timedelta(0)) -> bool:
    """Whether a document is tried again of which only another try can tell whether it waits no more.

    :param at_least: the time since the last look, however young the reason is.
    """
    return now - row.updated_at >= max(_pace(row, now), at_least)


def when_looked_at(row: DocumentRow, now: dt.datetime) -> str:
    """When a document that was left is looked at again, for people."""
    if row.held_fingerprint is None:
        return "in every run"
    waiting = Waiting.parse(row.held_fingerprint)
    words = [text for wake, text in _WORDS.items() if wake in waiting.wakes_on]
    if waiting.shows_by_trying:
        pace = _pace(row, now)
        every = "every run" if not pace else "the next run after an hour" if pace == _HOURLY else "a run every 6 hours"
        words.insert(0, f"in {every}")
    return f"{', '.join([*words, 'and once a day'])}"


def _pace(row: Left, now: dt.datetime) -> dt.timedelta:
    age = now - (row.announced_at or row.updated_at)
    if age < OFTEN_FOR:
        return dt.timedelta(0)
    return _HOURLY if age < HOURLY_FOR else _SELDOM
