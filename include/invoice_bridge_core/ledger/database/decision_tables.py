"""The table of decisions: what people answered when they were asked about a document."""

from __future__ import annotations

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import INSTANT, documents, metadata

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("is_approved", sa.Boolean, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("decided_at", INSTANT, nullable=False),
    sa.Column("carried_out_at", INSTANT),
)
"""The newest answer of each kind; `about` is what was asked, so that the same is not asked again."""
