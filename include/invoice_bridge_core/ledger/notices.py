"""What people were told, on each channel of each route, and what there is to tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.indexes import OPEN
from invoice_bridge_core.ledger.database.notice_tables import notices, notices_told, route_marks
from invoice_bridge_core.ledger.database.tables import LATELY, NOW, connections, documents, rejections
from invoice_bridge_core.ledger.documents.row import facts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ledger.database.database import Database

QUEUE_MARK, CLOSE_MARK, WATCHED_MARK, LATE_RUN = "queue", "close", "watched", "late run "
"""The marks of a route: its queue was looked at, a day was closed, since when it is watched; and a run that is late."""

REJECTED_LATELY = dt.timedelta(days=7)
"""What was rejected longer ago is no news, and no open work."""

_LEFT_FOR = dt.timedelta(hours=1)
"""A document that is being tried again is not out of its trouble yet."""
_KEPT = dt.timedelta(days=90)
_LATE_RUNS_KEPT = dt.timedelta(days=2)
_OVER = (DocumentState.TRANSFERRED, DocumentState.REJECTED)
_OPEN = (DocumentState.HELD, DocumentState.IN_DOUBT, DocumentState.REJECTED)


@dataclass(frozen=True)
class OpenDocument:
    """A document that somebody has to know of; what a person has put aside is dealt with.

    :param reason: what people are to be told, not what the last attempt stumbled over.
    :param is_kept: whether it is held instead of being rejected.
    :param withdrawn: how often it was found not to be booked after it was sent; each time begins anew.
    """

    id: int
    facts: DocumentFacts
    state: DocumentState
    reason: str
    is_kept: bool
    withdrawn: int

    @classmethod
    def from_record(cls, record: sa.RowMapping) -> Self:
        """A row of the table `documents` with what is known of its rejection."""
        state = DocumentState(record["state"])
        announced = None if state is DocumentState.REJECTED else record["announced_reason"]
        kept_for = None if record["let_through"] else record["kept_reason"]
        return cls(
            id=record["id"],
            facts=facts_of(record),
            state=state,
            reason=announced or record["reason"] or "",
            is_kept=state is DocumentState.HELD and kept_for is not None and kept_for == record["reason"],
            withdrawn=record["intents_withdrawn"],
        )


@dataclass(frozen=True)
class RefusedConnection:
    """Credentials that do not work now.

    :param announced_at: when it was first noticed; on and off, it is the same for a day.
    """

    conn_id: str
    system: str
    reason: str
    refused_at: dt.datetime
    announced_at: dt.datetime


@dataclass(frozen=True)
class Mark:
    """When a route did something last; `day`: up to which day; `note`: what is to be said of it."""

    at: dt.datetime
    day: dt.date | None
    note: str | None


@dataclass(frozen=True)
class RouteView:
    """All that there is to tell of a route, at one moment of the database's clock."""

    now: dt.datetime
    documents: list[OpenDocument]
    refused: list[RefusedConnection]
    marks: dict[str, Mark]


@dataclass(frozen=True)
class PendingNotice:
    """A notice that is noted and not over.

    :param tries: how often it was sent without knowing whether it arrived.
    """

    id: int
    body: dict[str, Any]
    tries: int


class NoticeLedger:
    """The notices of one ledger. All methods raise `LedgerError` when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, route: str, mark: str, *, day: dt.date | None = None, note: str | None = None) -> None:
        """Note that the route did something now; a day never becomes an earlier one."""
        statement = insert(route_marks).values(route=route, mark=mark, at=NOW, day=day, note=note)
        later = sa.func.greatest(route_marks.c.day, statement.excluded.day)
        changed = {"at": NOW, "day": later, "note": statement.excluded.note}
        with self._database.transaction() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["route", "mark"], set_=changed))

    def view(self, route: str, conn_ids: Collection[str]) -> RouteView:
        """What there is to tell of the route now; the first time begins to watch it."""
        watched = insert(route_marks).values(route=route, mark=WATCHED_MARK, at=NOW).on_conflict_do_nothing()
        with self._database.transaction() as connection:
            connection.execute(watched)
            marks = connection.execute(sa.select(route_marks).where(route_marks.c.route == route)).mappings()
            return RouteView(
                marks={record["mark"]: Mark(record["at"], record["day"], record["note"]) for record in marks},
                documents=_open_documents(connection, route),
                refused=_refused(connection, conn_ids),
                now=connection.execute(sa.select(NOW)).scalar_one(),
            )

    def open_documents(self, route: str) -> list[OpenDocument]:
        """The documents of the route that somebody has to know of."""
        with self._database.transaction() as connection:
            return _open_documents(connection, route)

    def told(self, route: str, channel: str) -> frozenset[str]:
        """The items that the channel was told, or is being told."""
        query = sa.select(notices_told.c.item).where(notices_told.c.route == route, notices_told.c.channel == channel)
        with self._database.transaction() as connection:
            return frozenset(connection.scalars(query))

    def note(self, route: str, channel: str, body: Mapping[str, Any], items: Mapping[str, int | None]) -> PendingNotice:
        """Note what is about to be sent, and that these items are told by it.

        :param items: each with the id of its document, where it is about one.
        :raises LedgerError: another notice of the channel is under way.
        """
        with self._database.transaction() as connection:
            made = sa.insert(notices).values(route=route, channel=channel, body=dict(body)).returning(notices.c.id)
            notice_id = connection.execute(made).scalar_one()
            _note_items(connection, route, channel, items, notice_id)
        return PendingNotice(notice_id, dict(body), 0)

    def nothing_to_say(self, route: str, channel: str, item: str) -> None:
        """Note that the time of an item has come and gone in silence."""
        with self._database.transaction() as connection:
            _note_items(connection, route, channel, {item: None}, None)

    def pending(self, route: str, channel: str) -> PendingNotice | None:
        """The notice of the channel that is not over."""
        query = sa.select(notices).where(
            notices.c.route == route, notices.c.channel == channel, notices.c.ended_at.is_(None)
        )
        with self._database.transaction() as connection:
            record = connection.execute(query).mappings().first()
        return None if record is None else PendingNotice(record["id"], record["body"], record["tries"])

    def sending(self, notice: PendingNotice) -> bool:
        """Note that it is sent now; `False` when somebody else has done so since it was read."""
        mine = (notices.c.id == notice.id) & (notices.c.tries == notice.tries) & notices.c.ended_at.is_(None)
        with self._database.transaction() as connection:
            sent = sa.update(notices).where(mine).values(tries=notice.tries + 1, tried_at=NOW)
            return connection.execute(sent).rowcount == 1

    def not_sent(self, notice: PendingNotice, failure: str) -> None:
        """Note that this time it certainly did not arrive.

        One that never was sent before is dropped, and its items are news again, so that what goes out is never old.
        """
        if notice.tries == 0:
            self.withdraw(notice)
            return
        with self._database.transaction() as connection:
            row = notices.c.id == notice.id
            connection.execute(sa.update(notices).where(row).values(tries=notice.tries, failure=failure))

    def withdraw(self, notice: PendingNotice) -> None:
        """Drop a notice that certainly was not sent."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(notices_told).where(notices_told.c.notice_id == notice.id))
            connection.execute(sa.delete(notices).where(notices.c.id == notice.id))

    def unanswered(self, notice: PendingNotice, failure: str) -> None:
        """Note that nobody knows whether it arrived."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(notices).where(notices.c.id == notice.id).values(failure=failure))

    def ended(self, notice: PendingNotice) -> None:
        """Note that it arrived, or is given up; what it said is kept no longer."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(notices).where(notices.c.id == notice.id).values(ended_at=NOW, body=sa.null()))

    def tidy(self, route: str) -> None:
        """Forget what was told of documents that are out of their trouble, so that new trouble is told again."""
        told = notices_told.c
        still = sa.select(documents.c.id).where(
            documents.c.id == told.document_id,
            documents.c.state.in_(_OPEN)
            | documents.c.lease_token.is_not(None)
            | (
                documents.c.state.in_([DocumentState.SEEN, DocumentState.WORKING, DocumentState.BOOKED])
                & (documents.c.updated_at > NOW - sa.literal(_LEFT_FOR))
            ),
        )
        under_way = sa.select(notices.c.id).where(notices.c.id == told.notice_id, notices.c.ended_at.is_(None))
        closed = told.document_id.is_not(None) & ~still.exists()
        old = told.document_id.is_(None) & (told.noted_at < NOW - sa.literal(_KEPT))
        said = sa.select(told.notice_id).where(told.notice_id == notices.c.id)
        with self._database.transaction() as connection:
            connection.execute(sa.delete(notices_told).where(told.route == route, closed | old, ~under_way.exists()))
            connection.execute(
                sa.delete(notices).where(
                    notices.c.route == route, notices.c.ended_at < NOW - sa.literal(_KEPT), ~said.exists()
                )
            )
            connection.execute(
                sa.delete(route_marks).where(
                    route_marks.c.route == route,
                    route_marks.c.mark.startswith(LATE_RUN, autoescape=True),
                    route_marks.c.at < NOW - sa.literal(_LATE_RUNS_KEPT),
                )
            )

    def last_moved_at(self, route: str) -> dt.datetime | None:
        """When anything was last written of a document of the route that is open, or came to its end today."""
        of_route = sa.select(sa.func.max(documents.c.updated_at)).where(documents.c.route == route)
        is_over = documents.c.state.in_(_OVER)
        is_open = documents.c.state.in_([state for state in DocumentState if state not in _OVER])
        lately = documents.c.state_since > LATELY - sa.literal(dt.timedelta(days=1))
        moments = (of_route.where(is_open).scalar_subquery(), of_route.where(is_over, lately).scalar_subquery())
        query = sa.select(sa.func.greatest(*moments))
        with self._database.transaction() as connection:
            moved: dt.datetime | None = connection.scalar(query)
        return moved


def _open_documents(connection: sa.Connection, route: str) -> list[OpenDocument]:
    is_lately = documents.c.reported_at > NOW - sa.literal(REJECTED_LATELY)
    since = LATELY - sa.literal(REJECTED_LATELY + dt.timedelta(days=1))
    query = (
        sa.select(documents, rejections.c.kept_reason, rejections.c.let_through_at.is_not(None).label("let_through"))
        .outerjoin(rejections, rejections.c.document_id == documents.c.id)
        .where(
            documents.c.route == route,
            documents.c.state.in_(_OPEN),
            OPEN,
            # The second moment says the same of what was rejected, and has an index.
            (documents.c.state != DocumentState.REJECTED) | (is_lately & (documents.c.state_since > since)),
        )
        .order_by(documents.c.id)
    )
    return [OpenDocument.from_record(record) for record in connection.execute(query).mappings()]


def _refused(connection: sa.Connection, conn_ids: Collection[str]) -> list[RefusedConnection]:
    query = (
        sa.select(connections)
        .where(connections.c.conn_id.in_(conn_ids), connections.c.refused_at.is_not(None))
        .order_by(connections.c.conn_id)
    )
    return [
        RefusedConnection(
            conn_id=record["conn_id"],
            system=record["system"],
            reason=record["refused_reason"] or "",
            refused_at=record["refused_at"],
            announced_at=record["refused_announced_at"] or record["refused_at"],
        )
        for record in connection.execute(query).mappings()
    ]


def _note_items(
    connection: sa.Connection, route: str, channel: str, items: Mapping[str, int | None], notice_id: int | None
) -> None:
    rows = [
        {"route": route, "channel": channel, "item": item, "document_id": document_id, "notice_id": notice_id}
        for item, document_id in items.items()
    ]
    if rows:
        connection.execute(insert(notices_told).values(rows).on_conflict_do_nothing())
