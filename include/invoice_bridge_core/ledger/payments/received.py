"""Single payments of bookings, kept and added up, where a finance system hands out nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from invoice_bridge_core.documents import DocumentKind
from invoice_bridge_core.documents.payment_sum import Part, reached_on
from invoice_bridge_core.ledger.database.open_payment_table import open_payments
from invoice_bridge_core.ledger.database.tables import documents, payment_statuses, payments
from invoice_bridge_core.ports.booking_status import BookingStatus

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import ReceivedPayment


@dataclass(frozen=True)
class Amount(Part):
    """One payment or credit note towards a booking, and what it is known by.

    :param name: the payment's id, or the credit note's number.
    """

    name: str
    is_money: bool


def keep(connection: sa.Connection, finance_conn: str, received: Iterable[tuple[int, ReceivedPayment]]) -> None:
    """Keep payments with the document that each belongs to; one that is known already is left as it is."""
    values = [
        {
            "finance_conn": finance_conn,
            "payment_id": payment.payment_id,
            "document_id": document_id,
            "amount": payment.amount,
            "paid_on": payment.paid_on,
        }
        for document_id, payment in received
    ]
    if values:
        connection.execute(insert(payments).on_conflict_do_nothing(), values)


def credited_documents(connection: sa.Connection, finance_conn: str) -> set[int]:
    """The documents, not paid in full yet, of which a credit note that we booked set something off."""
    is_unpaid = sa.func.coalesce(sa.not_(payment_statuses.c.is_paid_in_full), sa.true())
    unpaid = (
        sa.select(documents.c.id, documents.c.source_system, documents.c.source_conn, *_NAMED_BY)
        .join(open_payments, open_payments.c.document_id == documents.c.id)
        .outerjoin(payment_statuses, payment_statuses.c.document_id == documents.c.id)
        .where(
            open_payments.c.finance_conn == finance_conn,
            open_payments.c.kind.is_distinct_from(DocumentKind.CREDIT_NOTE.value),
            is_unpaid,
        )
        .subquery("unpaid")
    )
    credit = _credits(finance_conn, unpaid).subquery()
    return set(connection.scalars(sa.select(unpaid.c.id).join(credit, credit.c.document_id == unpaid.c.id)))


def amounts_of(
    connection: sa.Connection, finance_conn: str, known: Collection[PaymentStatusRow]
) -> dict[int, list[Amount]]:
    """Every payment and then every credit note of these bookings, each in order of their days; by the row's id.

    What was refunded of a credit note is handed out as negative; here it counts towards the credit note's total.
    """
    if not known:
        return {}
    ids = [entry.row.id for entry in known]
    refunded = {entry.row.id for entry in known if entry.row.facts.kind is DocumentKind.CREDIT_NOTE}
    found: dict[int, list[Amount]] = {document_id: [] for document_id in ids}
    for document_id, on, amount, name in connection.execute(_payments(ids)):
        found[document_id].append(Amount(on, -amount if document_id in refunded else amount, name, is_money=True))
    columns = (documents.c.id, documents.c.source_system, documents.c.source_conn, *_NAMED_BY)
    these = sa.select(*columns).where(documents.c.id == _any(ids)).subquery("these")
    credit = _credits(finance_conn, these).subquery()
    query = sa.select(credit).where(credit.c.document_id == _any(ids)).order_by(credit.c.on, credit.c.id)
    for row in connection.execute(query):
        found[row.document_id].append(Amount(row.on, row.amount, row.name, is_money=False))
    return found


def statuses_of(
    known: Collection[PaymentStatusRow], amounts: Mapping[int, Collection[Amount]], asked: Mapping[str, BookingStatus]
) -> dict[str, BookingStatus]:
    """How these bookings stand by the payments and credit notes that the ledger knows, by finance id.

    :param asked: what finance said of them just now, which knows nothing of payments.
    """
    found = {}
    for entry in known:
        newest = asked.get(entry.booking.finance_id) or entry.booking_status
        booking, is_gone = (newest.booking, newest.is_gone) if newest else (entry.booking, False)
        counts = not booking.is_draft and not is_gone
        paid_in_full_on = reached_on(amounts[entry.row.id], booking.to_pay) if counts else None
        found[booking.finance_id] = BookingStatus(
            booking=booking,
            paid=sum((one.amount for one in amounts[entry.row.id] if one.is_money), Decimal(0)),
            credited=sum((one.amount for one in amounts[entry.row.id] if not one.is_money), Decimal(0)),
            is_paid_in_full=paid_in_full_on is not None,
            paid_in_full_on=paid_in_full_on or (_last_paid_on(amounts[entry.row.id]) if counts else None),
            is_gone=is_gone,
        )
    return found


def _last_paid_on(amounts: Collection[Amount]) -> dt.date | None:
    return max((one.on for one in amounts if one.is_money and one.amount > 0), default=None)


def numbers_of(known: Collection[PaymentStatusRow], amounts: Mapping[int, Collection[Amount]]) -> dict[str, str]:
    """What the last payment of each of these is known by, else its last credit note; by finance id."""
    found = {}
    for entry in known:
        # A correction takes money back; no invoice is paid by it.
        counting = [one for one in amounts[entry.row.id] if one.amount > 0]
        if counting:
            money = [one for one in counting if one.is_money]
            found[entry.booking.finance_id] = (money or counting)[-1].name
    return found


def _payments(ids: Collection[int]) -> sa.Select[tuple[int, dt.date, Decimal, str]]:
    return (
        sa.select(payments.c.document_id, payments.c.paid_on, payments.c.amount, payments.c.payment_id)
        .where(payments.c.document_id == _any(ids))
        .order_by(payments.c.paid_on, payments.c.stored_at, payments.c.payment_id)
    )


def _credits(finance_conn: str, of: sa.Subquery) -> sa.Select[tuple[int, int, dt.date, Decimal, str]]:
    """The credit notes that we booked and that are not drafts, each with the document that it names.

    That is, as for `lookups.credited_row`, the one with the id, else one with the number, a booked one before others.

    :param of: the documents in question; credit notes that name none of them are left out.
    """
    note, named = documents.alias("credit_note"), documents.alias("named")
    naming = documents.alias("naming")
    of_these = sa.and_(naming.c.source_system == of.c.source_system, naming.c.source_conn == of.c.source_conn)
    notes = sa.union(
        sa.select(naming.c.id).join(of, of_these & (naming.c.credited_source_id == of.c.source_id)),
        sa.select(naming.c.id).join(of, of_these & (naming.c.credited_number == of.c.number)),
    )
    named_by = sa.select(named.c.id).where(
        named.c.source_system == note.c.source_system, named.c.source_conn == note.c.source_conn
    )
    by_id = named_by.where(named.c.source_id == note.c.credited_source_id)
    by_number = (
        named_by.where(
            named.c.number == note.c.credited_number,
            named.c.kind.is_distinct_from(DocumentKind.CREDIT_NOTE.value),
        )
        .order_by(named.c.finance_id.is_not(None).desc(), named.c.updated_at.desc(), named.c.id.desc())
        .limit(1)
    )
    return sa.select(
        note.c.id,
        sa.func.coalesce(by_id.scalar_subquery(), by_number.scalar_subquery()).label("document_id"),
        sa.func.coalesce(note.c.document_date, sa.cast(note.c.booked_at, sa.Date)).label("on"),
        (note.c.finance_total - note.c.finance_tax_reduction).label("amount"),
        note.c.finance_number.label("name"),
    ).where(
        note.c.id.in_(notes),
        note.c.finance_conn == finance_conn,
        note.c.finance_id.is_not(None),
        sa.not_(note.c.finance_is_draft),
        sa.or_(note.c.credited_source_id.is_not(None), note.c.credited_number.is_not(None)),
    )


_NAMED_BY = (documents.c.source_id, documents.c.number)
"""What credit notes name a document by."""


def _any(ids: Collection[int]) -> sa.CollectionAggregate[bool]:
    return sa.any_(sa.literal(list(ids), ARRAY(sa.BigInteger)))
