"""Indexes that keep the cost of a look from growing with what is finished. Migrations 0015, 0018 and 0019 make them.

Most of them hold only what is open. A query uses such an index when its conditions say the same as the index does.
"""

from __future__ import annotations

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.change_tables import finance_changes
from invoice_bridge_core.ledger.database.sale_tables import sales
from invoice_bridge_core.ledger.database.tables import (
    contacts,
    documents,
    history,
    payment_statuses,
    queue_reads,
    steps,
)

OPEN: sa.ColumnElement[bool] = sa.literal_column("(aside_at IS NULL AND state <> 'transferred')", sa.Boolean)
"""All that may be looked at as open, and what is rejected until somebody puts it aside."""
UNDER_WAY = sa.text("(state IN ('working', 'booked') OR (state = 'held' AND finance_id IS NOT NULL))")

_IS_OPEN_SALE = (
    "(NOT is_paid AND gone IS NULL OR told_fingerprint IS DISTINCT FROM fingerprint"
    " OR intent IS NOT NULL OR announced IS NOT NULL)::integer"
)
# As an expression, of which PostgreSQL knows how often it is 1; of its parts it would take nearly all sales for open.
OPEN_SALES: sa.ColumnElement[bool] = sa.literal_column(f"(({_IS_OPEN_SALE}) = 1)", sa.Boolean)
"""The sales that are not over, that the source has to be shown, or that people were told of."""

_SOURCE = (documents.c.source_system, documents.c.source_conn)

sa.Index("ix_documents_open", documents.c.route, documents.c.state, postgresql_where=OPEN)
sa.Index("ix_documents_under_way", *_SOURCE, postgresql_where=UNDER_WAY)
sa.Index("ix_documents_drafts", documents.c.route, postgresql_where=documents.c.finance_is_draft)
sa.Index(
    "ix_documents_intents",
    documents.c.finance_conn,
    documents.c.intent_number,
    postgresql_where=sa.text("intent_token IS NOT NULL AND finance_id IS NULL"),
)
sa.Index(
    "ix_documents_finance_number",
    documents.c.finance_conn,
    documents.c.finance_number,
    postgresql_where=documents.c.finance_id.is_not(None),
)
sa.Index("ix_documents_dated", *_SOURCE, documents.c.document_date)
sa.Index(
    "ix_documents_credited_source_id",
    *_SOURCE,
    documents.c.credited_source_id,
    postgresql_where=documents.c.credited_source_id.is_not(None),
)
sa.Index(
    "ix_documents_credited_number",
    *_SOURCE,
    documents.c.credited_number,
    postgresql_where=documents.c.credited_number.is_not(None),
)
# What people type is found in any case.
sa.Index("ix_documents_number_folded", sa.func.lower(documents.c.number))
sa.Index(
    "ix_steps_rejections",
    steps.c.document_id,
    postgresql_where=sa.text("step = 'rejection' AND state <> 'refused'"),
)
sa.Index("ix_payment_statuses_told_at", payment_statuses.c.told_at)
sa.Index(
    "ix_payment_statuses_gone",
    payment_statuses.c.document_id,
    postgresql_where=sa.text("is_gone AND told_on IS NULL"),
)
sa.Index("ix_documents_aside", documents.c.route, postgresql_where=documents.c.aside_at.is_not(None))
# The tasks of a run are found by the beginning of their names; equal names take little room.
sa.Index("ix_history_actor", history.c.actor, postgresql_ops={"actor": "text_pattern_ops"})
sa.Index("ix_finance_changes_open", finance_changes.c.seen_at, postgresql_where=finance_changes.c.ended_at.is_(None))
sa.Index("ix_contacts_finance_conn_contact_id", contacts.c.finance_conn, contacts.c.contact_id)
sa.Index("ix_queue_reads_read_at", queue_reads.c.read_at)
sa.Index(
    "ix_documents_changed",
    *_SOURCE,
    documents.c.finance_conn,
    documents.c.updated_at,
    postgresql_where=documents.c.finance_id.is_not(None) & documents.c.project_id.is_not(None),
)
sa.Index("ix_documents_project", *_SOURCE, documents.c.project_id, postgresql_where=documents.c.project_id.is_not(None))
sa.Index("ix_payment_statuses_seen_at", payment_statuses.c.seen_at)
sa.Index("ix_sales_open", sa.text(f"({_IS_OPEN_SALE})"), sales.c.source_conn, sales.c.finance_conn)
sa.Index("ix_sales_told_at", sales.c.told_at)
sa.Index(
    "ix_sales_issued_on",
    sales.c.source_conn,
    sales.c.finance_conn,
    sales.c.issued_on,
    postgresql_where=sales.c.gone.is_(None),
)
