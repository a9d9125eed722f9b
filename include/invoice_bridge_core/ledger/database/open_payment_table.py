"""The table of the booked documents whose payment may not be over."""

from __future__ import annotations

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import documents, metadata

open_payments = sa.Table(
    "open_payments",
    metadata,
    sa.Column(
        "document_id",
        sa.BigInteger,
        sa.ForeignKey(documents.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("source_system", sa.Text, nullable=False),
    sa.Column("source_conn", sa.Text, nullable=False),
    sa.Column("finance_conn", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("is_renumbered", sa.Boolean, nullable=False),
    sa.Index("ix_open_payments_source", "source_system", "source_conn", "finance_conn", "kind"),
)
"""The booked documents whose payment may not be over, or whose number in finance is not the one in the ledger.

Triggers of the database keep it, whoever writes: polls read it instead of all documents there ever were. It may hold
more than is open, and never less.
"""

sa.Index("ix_open_payments_renumbered", open_payments.c.source_conn, postgresql_where=open_payments.c.is_renumbered)
