"""Which booked documents are wanted, as conditions on `documents` and `payment_statuses`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.indexes import UNDER_WAY
from invoice_bridge_core.ledger.database.open_payment_table import open_payments
from invoice_bridge_core.ledger.database.tables import documents, payment_statuses

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from invoice_bridge_core.documents import DocumentRef


class InPlay(StrEnum):
    """Which of the documents whose payment is not over."""

    ALL = "all"
    UNSEEN = "unseen"
    """Those that finance has said nothing of yet."""
    MAY_BE_TOLD = "may be told"
    """Those of which there may be something to tell: no source is told of an invoice of which nothing was paid."""


def of_source(system: str, conn_id: str, finance_conn: str) -> sa.ColumnElement[bool]:
    """The documents of one source that were booked through one finance connection."""
    return sa.and_(
        documents.c.source_system == system,
        documents.c.source_conn == conn_id,
        documents.c.finance_conn == finance_conn,
    )


def is_document(ref: DocumentRef) -> sa.ColumnElement[bool]:
    """The one document of this reference."""
    return sa.and_(
        documents.c.source_system == ref.system,
        documents.c.source_conn == ref.conn_id,
        documents.c.source_id == ref.source_id,
    )


def with_finance_ids(finance_conn: str, finance_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """The documents that were booked under these ids."""
    wanted = sa.any_(sa.literal(list(finance_ids), ARRAY(sa.Text)))
    return sa.and_(documents.c.finance_conn == finance_conn, documents.c.finance_id == wanted)


def with_numbers(finance_conn: str, numbers: Collection[str]) -> sa.ColumnElement[bool]:
    """The documents that were booked under these numbers."""
    wanted = sa.any_(sa.literal(list(numbers), ARRAY(sa.Text)))
    return sa.and_(documents.c.finance_conn == finance_conn, documents.c.finance_number == wanted)


def with_ids(document_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The documents with these ids of the ledger's own."""
    return documents.c.id == sa.any_(sa.literal(list(document_ids), ARRAY(sa.BigInteger)))


def in_play(
    system: str,
    conn_id: str,
    finance_conn: str,
    kinds_left: Collection[DocumentKind],
    told_since: dt.datetime | None = None,
    wanted: InPlay = InPlay.ALL,
) -> sa.ColumnElement[bool]:
    """All of one source and finance connection that is not over.

    That is what was never told, what was told since a moment, and what changed after it was told. What was paid too
    much is among it, whether people know it or not.

    :param kinds_left: kinds whose payment is never told; a document of these stays in play only while its source has to
        be told something else.
    """
    is_overpaid = (
        payment_statuses.c.paid + payment_statuses.c.credited
        > payment_statuses.c.total - payment_statuses.c.tax_reduction
    )
    conditions = [payment_statuses.c.told_on.is_(None), sa.not_(payment_statuses.c.is_paid_in_full), is_overpaid]
    left = sa.func.coalesce(documents.c.kind.in_([kind.value for kind in kinds_left]), sa.false())
    has_more_to_be_told = documents.c.finance_is_draft | (documents.c.state == DocumentState.BOOKED)
    told = [kind.value for kind in DocumentKind if kind not in kinds_left]
    of_kinds = open_payments.c.kind.in_(told) | open_payments.c.kind.is_(None)
    ids = sa.select(documents.c.id).where(of_source(system, conn_id, finance_conn)).correlate(None)
    candidates = [
        _open(system, conn_id, finance_conn).where(of_kinds),
        ids.where(UNDER_WAY, documents.c.state == DocumentState.BOOKED),
        ids.where(documents.c.finance_is_draft),
    ]
    if told_since is not None:
        conditions.append(payment_statuses.c.told_at >= told_since)
        candidates.append(sa.select(payment_statuses.c.document_id).where(conditions[-1]).correlate(None))
    return sa.and_(
        of_source(system, conn_id, finance_conn),
        documents.c.id == any_of(sa.union_all(*candidates)),
        sa.or_(*conditions),
        sa.not_(left) | has_more_to_be_told,
        _part(wanted),
    )


def _part(wanted: InPlay) -> sa.ColumnElement[bool]:
    if wanted is InPlay.ALL:
        return sa.true()
    is_unseen = payment_statuses.c.document_id.is_(None)
    if wanted is InPlay.UNSEEN:
        return is_unseen
    asks_for_nothing = documents.c.finance_total == documents.c.finance_tax_reduction
    was_moved = (
        payment_statuses.c.is_paid_in_full
        | (payment_statuses.c.paid + payment_statuses.c.credited != 0)
        | payment_statuses.c.telling_on.is_not(None)
        | (payment_statuses.c.total == payment_statuses.c.tax_reduction)
    )
    is_to_be_told_anew = documents.c.state == DocumentState.BOOKED
    return sa.or_(sa.and_(is_unseen, asks_for_nothing), was_moved, is_to_be_told_anew)


def gone(system: str, conn_id: str, finance_conn: str) -> sa.ColumnElement[bool]:
    """Reported documents whose booking was voided or deleted since, and whose payment the source was never told of."""
    return sa.and_(
        of_source(system, conn_id, finance_conn),
        documents.c.state == DocumentState.TRANSFERRED,
        payment_statuses.c.is_gone,
        payment_statuses.c.told_on.is_(None),
    )


def renumbered(system: str, conn_id: str, finance_conn: str) -> sa.ColumnElement[bool]:
    """Reported documents that finance has under another number than the ledger, by what finance said last."""
    return sa.and_(
        of_source(system, conn_id, finance_conn),
        documents.c.id == any_of(_open(system, conn_id, finance_conn).where(open_payments.c.is_renumbered)),
        documents.c.state == DocumentState.TRANSFERRED,
        payment_statuses.c.number != documents.c.finance_number,
        sa.not_(payment_statuses.c.is_gone),
        sa.not_(payment_statuses.c.is_draft),
    )


def became_real(system: str, conn_id: str, finance_conn: str) -> sa.ColumnElement[bool]:
    """Reported drafts that were approved in finance since, by what finance said last."""
    return sa.and_(
        of_source(system, conn_id, finance_conn),
        documents.c.finance_is_draft,
        documents.c.state == DocumentState.TRANSFERRED,
        sa.not_(payment_statuses.c.is_gone),
        sa.not_(payment_statuses.c.is_draft),
    )


def _open(system: str, conn_id: str, finance_conn: str) -> sa.Select[tuple[int]]:
    """The ids of all whose payment may not be over."""
    return sa.select(open_payments.c.document_id).where(
        open_payments.c.source_system == system,
        open_payments.c.source_conn == conn_id,
        open_payments.c.finance_conn == finance_conn,
    )


def any_of(ids: sa.SelectBase) -> sa.CollectionAggregate[bool]:
    """Any of what a query finds. It is asked first and as a whole, and each document is then looked up by its id."""
    return sa.any_(sa.func.array(ids.scalar_subquery(), type_=ARRAY(sa.BigInteger)))
