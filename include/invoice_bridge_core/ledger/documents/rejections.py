"""How many documents a route rejects: counted for all its tasks and runs together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.locks import lock_number
from invoice_bridge_core.ledger.database.tables import LATELY, NOW, documents, rejections
from invoice_bridge_core.ledger.documents.row import DocumentRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from invoice_bridge_core.ledger.database.database import Database

_DAY, _TWO_DAYS = sa.text("interval '24 hours'"), sa.text("interval '48 hours'")
_BOOKED = (DocumentState.BOOKED, DocumentState.TRANSFERRED)
_ONE_IN = 5
"""More than one in so many documents has to be rejected before further ones are kept."""


class KeptFor(StrEnum):
    """Why a document is held that would be rejected otherwise."""

    FIRST_BOOKING = "first booking"
    """Its route has booked nothing yet: the mapping may be wrong, and not the document."""
    MANY_REJECTIONS = "many rejections"
    """Its route rejected so many within a day that the reason may be on our side."""


@dataclass(frozen=True)
class KeptDocument:
    """A document that is held instead of being rejected; `confirmed_by` has let it go, where somebody has."""

    row: DocumentRow
    kept_for: KeptFor
    kept_at: dt.datetime
    confirmed_by: str | None


@dataclass(frozen=True)
class ForeseenEnd:
    """What a dry run foresees of one document, as far as it counts here.

    :param document_id: 0 while the ledger has not met it.
    :param is_handled: whether it would come to an end that is no rejection kept back.
    """

    document_id: int
    is_booked: bool
    is_let_through: bool
    is_handled: bool


class RejectionLedger:
    """What is let through and what is kept, of all routes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def let_through(self, document_id: int, route: str, most: int) -> KeptFor | None:
        """Count one more rejection of the route, if it may have one; else why the document has to be kept.

        Tasks that ask at the same time wait for each other, so that two are never both the last one.

        :param most: so many rejections within 24 hours are never too many.
        """
        with self._database.transaction() as connection:
            lock = sa.func.pg_advisory_xact_lock(lock_number(f"rejections of {route}"))
            connection.execute(sa.select(lock))
            kept_for = _judged(connection, document_id, route, most, ())
            if kept_for is None:
                _upsert(connection, document_id, {"route": route, "let_through_at": NOW})
        return kept_for

    def foreseen(self, document_id: int, route: str, most: int, others: Collection[ForeseenEnd] = ()) -> KeptFor | None:
        """What `let_through` would say, without counting, if others had ended before as it is foreseen of them.

        :param document_id: 0 while the ledger has not met the document.
        """
        with self._database.transaction() as connection:
            return _judged(connection, document_id, route, most, others)

    def keep(self, document_id: int, route: str, kept_for: KeptFor, reason: str) -> None:
        """Note that the document is held instead of being rejected, and for which text."""
        with self._database.transaction() as connection:
            known = connection.execute(sa.select(rejections).where(rejections.c.document_id == document_id))
            record = known.mappings().first()
            if record is not None and (record["kept_for"], record["kept_reason"]) == (kept_for, reason):
                return
            values = {"route": route, "kept_for": kept_for, "kept_reason": reason, "kept_at": NOW}
            _upsert(connection, document_id, values)

    def kept(self, route: str) -> list[KeptDocument]:
        """The documents of the route that are held instead of being rejected; those kept longest ago first."""
        query = (
            sa.select(documents, *_OF_REJECTION)
            .join(rejections, rejections.c.document_id == documents.c.id)
            .where(documents.c.route == route, _IS_KEPT)
            .order_by(rejections.c.kept_at, documents.c.id)
        )
        with self._database.transaction() as connection:
            return [
                KeptDocument(
                    DocumentRow.from_record(record),
                    KeptFor(record["kept_for"]),
                    record["kept_at"],
                    record["confirmed_by"],
                )
                for record in connection.execute(query).mappings()
            ]

    def freed_by_booking(self, route: str) -> frozenset[int]:
        """The ids of the rows that waited for the route's first booking, once there is one."""
        with self._database.transaction() as connection:
            if not _has_booked(connection, route):
                return frozenset()
            query = (
                sa.select(documents.c.id)
                .join(rejections, rejections.c.document_id == documents.c.id)
                .where(documents.c.route == route, _IS_KEPT, rejections.c.kept_for == KeptFor.FIRST_BOOKING)
            )
            return frozenset(connection.scalars(query))


def confirm(connection: sa.Connection, *, document_id: int, by: str) -> None:
    """Note that a person lets the document be rejected."""
    row = rejections.c.document_id == document_id
    connection.execute(sa.update(rejections).where(row).values(confirmed_by=by, confirmed_at=NOW))


_OF_REJECTION = (rejections.c.kept_for, rejections.c.kept_at, rejections.c.confirmed_by)

# What is held for another reason by now is kept no longer.
_IS_KEPT = (
    (documents.c.state == DocumentState.HELD)
    & (documents.c.reason == rejections.c.kept_reason)
    & rejections.c.let_through_at.is_(None)
)


def _judged(
    connection: sa.Connection, document_id: int, route: str, most: int, others: Collection[ForeseenEnd]
) -> KeptFor | None:
    known = connection.execute(sa.select(rejections).where(rejections.c.document_id == document_id)).mappings().first()
    if known is not None and (known["let_through_at"] is not None or known["confirmed_by"] is not None):
        return None
    if not any(other.is_booked for other in others) and not _has_booked(connection, route):
        return KeptFor.FIRST_BOOKING
    rejected = _rejected(connection, route, [other for other in others if other.is_let_through])
    if rejected < most or rejected * _ONE_IN <= _handled(connection, route, others):
        return None
    return KeptFor.MANY_REJECTIONS


def _rejected(connection: sa.Connection, route: str, others: Collection[ForeseenEnd]) -> int:
    """The documents that were let through within 24 hours."""
    query = (
        sa.select(sa.func.count())
        .select_from(rejections)
        .where(
            rejections.c.route == route,
            rejections.c.let_through_at > NOW - _DAY,
            rejections.c.document_id.not_in([other.document_id for other in others]),
        )
    )
    return _count(connection, query) + len(others)


def _has_booked(connection: sa.Connection, route: str) -> bool:
    # In the order of an index, so that the first one is found there and the others are not looked at.
    told = sa.select(documents.c.id).where(documents.c.route == route, documents.c.state.in_(_BOOKED))
    first = told.order_by(documents.c.route, documents.c.office_id).limit(1)
    left = documents.c.state.in_([state for state in DocumentState if state not in (*_BOOKED, DocumentState.REJECTED)])
    of_others = sa.select(documents.c.id).where(documents.c.route == route, left, documents.c.finance_id.is_not(None))
    return connection.scalar(first) is not None or connection.scalar(of_others.limit(1)) is not None


def _handled(connection: sa.Connection, route: str, others: Collection[ForeseenEnd]) -> int:
    """The documents that came to an end within 24 hours, without those that would have been rejected."""
    told = documents.c.state.in_([DocumentState.TRANSFERRED, DocumentState.REJECTED])
    left = documents.c.state.in_([DocumentState.HELD, DocumentState.IN_DOUBT])
    recent = (
        # What ended within a day has stood so for no longer, which an index knows.
        told & (documents.c.reported_at > NOW - _DAY) & (documents.c.state_since > LATELY - _TWO_DAYS),
        left & (documents.c.announced_at > NOW - _DAY),
    )
    kept = sa.select(rejections.c.document_id).where(rejections.c.document_id == documents.c.id, _IS_KEPT).exists()
    query = sa.select(sa.func.count()).select_from(documents)
    is_other = documents.c.id.in_([other.document_id for other in others])
    handled = sum(
        _count(connection, query.where(documents.c.route == route, each, ~kept, ~is_other)) for each in recent
    )
    return handled + sum(other.is_handled for other in others)


def _count(connection: sa.Connection, query: sa.Select[tuple[int]]) -> int:
    return connection.scalar(query) or 0


def _upsert(connection: sa.Connection, document_id: int, values: dict[str, Any]) -> None:
    connection.execute(
        insert(rejections)
        .values(document_id=document_id, **values)
        .on_conflict_do_update(index_elements=["document_id"], set_=values)
    )
