"""The leases on the members of a batch: taken together, each in the name of the document's own task."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import NOW, documents, steps
from invoice_bridge_core.ledger.documents.history import write_changes
from invoice_bridge_core.ledger.documents.lease import Claimant, LeasedRow, taken_note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from invoice_bridge_core.ledger.database.database import Database

MOST_WITHDRAWN = 3
"""A document that was sent so often, and never booked, may spoil the batches of others: it goes alone."""


def take_leases(
    database: Database, system: str, conn_id: str, claimants: Mapping[str, str], *, route: str, seconds: int
) -> list[LeasedRow]:
    """Take those of these documents that wait and nothing more, in the order in which they are given.

    :param claimants: source id → the task that each lease is taken for, which so can take it over.
    """
    with database.transaction() as connection:
        records = list(connection.execute(_fresh(system, conn_id, list(claimants))).mappings())
        names = {record["id"]: claimants[record["source_id"]] for record in records}
        before = {record["id"]: record for record in records if _is_free(record, names[record["id"]])}
        if not before:
            return []
        after = connection.execute(_taking({each: names[each] for each in before}, route, seconds)).mappings()
        taken = {record["source_id"]: record for record in after}
        for record in taken.values():
            earlier = before[record["id"]]
            note = taken_note(earlier, Claimant(names[record["id"]], route))
            if note is not None:
                write_changes(connection, str(record["lease_owner"]), [(note, earlier, record)])
    return [LeasedRow(database, taken[source_id], seconds) for source_id in claimants if source_id in taken]


def _fresh(system: str, conn_id: str, source_ids: Sequence[str]) -> sa.Select[Any]:
    """Those of the documents that wait and nothing more; locked, and nobody is waited for."""
    is_leased = sa.func.coalesce(documents.c.lease_until > NOW, sa.false()).label("is_leased")
    was_stepped = sa.select(steps.c.document_id).where(steps.c.document_id == documents.c.id).exists()
    return (
        sa.select(documents, is_leased)
        .where(
            documents.c.source_system == system,
            documents.c.source_conn == conn_id,
            documents.c.source_id == sa.any_(sa.literal(list(source_ids), ARRAY(sa.Text))),
            documents.c.state.in_([DocumentState.SEEN, DocumentState.HELD]),
            documents.c.finance_id.is_(None),
            documents.c.intent_token.is_(None),
            documents.c.intents_withdrawn <= MOST_WITHDRAWN,
            documents.c.aside_at.is_(None),
            ~was_stepped,
        )
        .order_by(documents.c.id)
        .with_for_update(of=documents, key_share=True, skip_locked=True)
    )


def _is_free(record: sa.RowMapping, claimant: str) -> bool:
    return not record["is_leased"] or record["lease_owner"] == claimant


def _taking(names: Mapping[int, str], route: str, seconds: int) -> sa.Update:
    """Takes a lease on each row, for the task that is named."""
    wanted = (
        sa.values(sa.column("id", sa.BigInteger), sa.column("owner", sa.Text), sa.column("token", sa.Text))
        .data([(each, name, uuid.uuid4().hex) for each, name in names.items()])
        .alias("wanted")
    )
    lease = {
        "lease_owner": wanted.c.owner,
        "lease_token": wanted.c.token,
        "lease_until": NOW + sa.cast(sa.literal(dt.timedelta(seconds=seconds)), sa.Interval),
        "route": route,
    }
    return sa.update(documents).where(documents.c.id == wanted.c.id).values(lease).returning(documents)
