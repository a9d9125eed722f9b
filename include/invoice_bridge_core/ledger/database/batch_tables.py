"""The table of the batches in which documents are booked many at a time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from invoice_bridge_core.ledger.database.tables import INSTANT, NOW, metadata

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("run_key", sa.Text, nullable=False),
    sa.Column("finance_conn", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("document_ids", ARRAY(sa.BigInteger), nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("refusals", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("failure", sa.Text),
    sa.Column("noted_at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("ended_at", INSTANT),
    sa.CheckConstraint("state IN ('sent', 'answered', 'unknown')", name="state"),
    sa.CheckConstraint("(state = 'sent') = (ended_at IS NULL)", name="ended"),
    sa.Index(
        "ix_batches_noted_at",
        "noted_at",
        postgresql_where=sa.text("body IS NOT NULL"),
    ),
)
"""What was sent, written down before it is sent: the members in order, the very bytes, and what became of it."""
