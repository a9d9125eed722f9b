"""Single payments of bookings, kept and added up, where a finance system hands out nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from include.ledger.tables import documents, payments, settlements
from include.payment_sum import Part, reached_on
from include.standing import Standing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

    from include.ledger.settlements import SettlementRow
    from include.standing import ReceivedPayment


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
    """The documents of which something was set off by a credit note that we booked, and that are not settled yet."""
    credit_note, settlement = documents.alias("credit_note"), settlements
    query = (
        sa.select(documents.c.id)
        .join(
            credit_note,
            sa.and_(
                credit_note.c.credited_source_id == documents.c.source_id,
                credit_note.c.source_system == documents.c.source_system,
                credit_note.c.source_conn == documents.c.source_conn,
                credit_note.c.finance_conn == documents.c.finance_conn,
                credit_note.c.finance_id.is_not(None),
                sa.not_(credit_note.c.finance_is_draft),
            ),
        )
        .outerjoin(settlement, settlement.c.document_id == documents.c.id)
        .where(
            documents.c.finance_conn == finance_conn,
            documents.c.finance_id.is_not(None),
            sa.func.coalesce(sa.not_(settlement.c.is_settled), sa.true()),
        )
    )
    return set(connection.scalars(query))


def standings_of(
    connection: sa.Connection, known: Collection[SettlementRow], asked: Mapping[str, Standing]
) -> dict[str, Standing]:
    """How these bookings stand by the payments and credit notes that the ledger knows, by finance id.

    :param asked: what finance said of them just now, which knows nothing of payments.
    """
    found = {}
    for entry in known:
        assert entry.row.booking is not None  # noqa: S101 - only booked documents are asked for
        newest = asked.get(entry.row.booking.finance_id) or entry.standing
        booking, is_gone = (newest.booking, newest.is_gone) if newest else (entry.row.booking, False)
        money = _parts(connection, _payments_of(entry))
        credit = _parts(connection, _credit_notes_of(entry))
        counts = not booking.is_draft and not is_gone
        settled_on = reached_on([*money, *credit], booking.total) if counts else None
        found[booking.finance_id] = Standing(
            booking=booking,
            paid=sum((part.amount for part in money), Decimal(0)),
            credited=sum((part.amount for part in credit), Decimal(0)),
            is_settled=settled_on is not None,
            settled_on=settled_on,
            is_gone=is_gone,
        )
    return found


def numbers_of(connection: sa.Connection, known: Collection[SettlementRow]) -> dict[str, str]:
    """What the last payment of each of these is known by, else its last credit note; by finance id."""
    found = {}
    for entry in known:
        assert entry.row.booking is not None  # noqa: S101 - only booked documents are asked for
        for query in (_payments_of(entry), _credit_notes_of(entry)):
            # A correction takes money back; no invoice is paid by it.
            if names := [name for _on, amount, name in connection.execute(query) if amount > 0]:
                found[entry.row.booking.finance_id] = str(names[-1])
                break
    return found


def _payments_of(entry: SettlementRow) -> sa.Select[tuple[dt.date, Decimal, str]]:
    return (
        sa.select(payments.c.paid_on, payments.c.amount, payments.c.payment_id)
        .where(payments.c.document_id == entry.row.id)
        .order_by(payments.c.paid_on, payments.c.stored_at, payments.c.payment_id)
    )


def _credit_notes_of(entry: SettlementRow) -> sa.Select[tuple[dt.date, Decimal, str]]:
    ref = entry.row.ref
    on = sa.func.coalesce(documents.c.document_date, sa.cast(documents.c.booked_at, sa.Date))
    return (
        sa.select(on, documents.c.finance_total, documents.c.finance_number)
        .where(
            documents.c.source_system == ref.system,
            documents.c.source_conn == ref.conn_id,
            documents.c.credited_source_id == ref.source_id,
            documents.c.finance_conn == entry.row.finance_conn,
            documents.c.finance_id.is_not(None),
            sa.not_(documents.c.finance_is_draft),
        )
        .order_by(on, documents.c.id)
    )


def _parts(connection: sa.Connection, query: sa.Select[tuple[dt.date, Decimal, str]]) -> list[Part]:
    return [Part(on, amount) for on, amount, _name in connection.execute(query)]
