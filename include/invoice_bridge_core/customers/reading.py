"""Reading both sides: in full at first and once a day, otherwise what was changed, where a system can tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.customer_card import CustomerCard, CustomerStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invoice_bridge_core.customers.direction import Direction
    from invoice_bridge_core.ledger.customers.customer_ledger import CustomerLedger
    from invoice_bridge_core.ledger.customers.customer_rows import CustomerRow

FULL_AGE = dt.timedelta(hours=24)
"""After this, both sides are read in full again, so that what was deleted is noticed."""
_MOST_REFRESHED = 500
"""So many customers of a source are read in full again in one run, though their entries look unchanged."""
_OVERLAP = dt.timedelta(minutes=1)
"""What was just written may show late."""
_AT_A_TIME = 100


@dataclass
class BothSides:
    """What is known of both sides now.

    :param rows: the ledger's rows, as they were after the reading.
    :param source: by key; likewise `finance` by id.
    :param read: the keys of the source that were read just now.
    :param began: when the reading began, by the database's clock.
    :param changed_until: the last change that was seen, by the finance system's clock.
    """

    rows: Sequence[CustomerRow]
    source: dict[str, CustomerCard]
    finance: dict[str, CustomerCard]
    began: dt.datetime
    is_full: bool
    read: set[str] = field(default_factory=set)
    changed_until: dt.datetime | None = None


def read_both(
    direction: Direction,
    ledger: CustomerLedger,
    conns: tuple[str, str],
    route: str,
    *,
    cursor: str,
    keeps: bool,
) -> BothSides:
    """Read both sides.

    :param conns: the connections of source and finance.
    :param cursor: the name under which the ledger keeps how far changes were read.
    :param keeps: whether what is read of the source is kept as it comes; a dry run keeps nothing.
    """
    began = ledger.now()
    changed_until, full_at = ledger.cursor(cursor)
    is_full = full_at is None or began - full_at > FULL_AGE
    since = None if is_full or changed_until is None else changed_until - _OVERLAP
    rows = ledger.rows(*conns)
    source, fresh = _source(direction, ledger, conns, route, rows, began, since, keeps=keeps)
    if keeps and fresh:
        rows = ledger.rows(*conns)
    finance = _finance(direction, rows, since)
    seen = (changed_until, direction.finance.changed_until)
    last = max(filter(None, seen), default=None)
    return BothSides(rows, source, finance, began, is_full, fresh, last)


def _source(
    direction: Direction,
    ledger: CustomerLedger,
    conns: tuple[str, str],
    route: str,
    rows: Iterable[CustomerRow],
    began: dt.datetime,
    since: dt.datetime | None,
    *,
    keeps: bool,
) -> tuple[dict[str, CustomerCard], set[str]]:
    known = {row.source_key: row for row in rows if row.source_key is not None and row.source is not None}
    versions = {key: row.source.version for key, row in known.items() if row.source is not None}
    old = [row for row in known.values() if row.source_read_at is None or began - row.source_read_at > FULL_AGE]
    old.sort(key=lambda row: row.source_read_at or began)
    refresh = {row.source_key for row in old[:_MOST_REFRESHED] if row.source_key is not None}
    since = since if direction.source.lists_changes else None
    cards = {key: row.source for key, row in known.items() if row.source is not None}
    seen: set[str] = set()
    fresh: set[str] = set()
    waiting: list[CustomerCard] = []
    for item in direction.source.read(since, versions, refresh):
        key = item if isinstance(item, str) else item.key
        seen.add(key)
        if isinstance(item, str):
            continue
        cards[key] = item
        fresh.add(key)
        waiting.append(item)
        if keeps and len(waiting) >= _AT_A_TIME:
            ledger.note_read(*conns, route, waiting)
            waiting = []
    if keeps and waiting:
        ledger.note_read(*conns, route, waiting)
    if since is None:
        cards = _with_gone(cards, seen)
    return cards, fresh


def _finance(direction: Direction, rows: Iterable[CustomerRow], since: dt.datetime | None) -> dict[str, CustomerCard]:
    cards = {row.finance_id: row.finance for row in rows if row.finance_id is not None and row.finance is not None}
    since = since if direction.finance.lists_changes else None
    seen: set[str] = set()
    for item in direction.finance.read(since, {}, ()):
        key = item if isinstance(item, str) else item.key
        seen.add(key)
        if isinstance(item, CustomerCard):
            cards[key] = item
    return _with_gone(cards, seen) if since is None else cards


def _with_gone(cards: dict[str, CustomerCard], seen: set[str]) -> dict[str, CustomerCard]:
    gone = {"status": CustomerStatus.GONE, "version": ""}
    return {key: card if key in seen else card.model_copy(update=gone) for key, card in cards.items()}
