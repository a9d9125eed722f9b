"""The tables of what people changed in bookings after the documents were transferred."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from invoice_bridge_core.ledger.database.tables import INSTANT, documents, metadata

finance_changes = sa.Table(
    "finance_changes",
    metadata,
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), primary_key=True, autoincrement=False),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("finance_id", sa.Text, nullable=False),
    sa.Column("sent", sa.Text, nullable=False),
    sa.Column("held", sa.Text, nullable=False),
    sa.Column("seen_at", INSTANT, nullable=False),
    sa.Column("ended_at", INSTANT),
    sa.Column("ended_as", sa.Text),
    sa.Column("ended_by", sa.Text),
    sa.Column("ended_reason", sa.Text),
    sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name="ended"),
)
"""What was sent and what finance holds, by field, as texts. It ends when both agree again, or by a person's word."""

finance_lines = sa.Table(
    "finance_lines",
    metadata,
    sa.Column(
        "document_id",
        sa.BigInteger,
        sa.ForeignKey(documents.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("finance_id", sa.Text, nullable=False),
    sa.Column("lines", JSONB(none_as_null=True), nullable=False),
    sa.Column("changed_lines", JSONB(none_as_null=True)),
)
"""The lines of a booking as a poll saw them first, or as a person agreed to them, and what they were changed to."""
