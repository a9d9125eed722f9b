"""The table of sales. Amounts are positive, in the document's currency; what the source is shown has a sign."""

from __future__ import annotations

import sqlalchemy as sa

from invoice_bridge_core.ledger.database.tables import INSTANT, documents, metadata

sales = sa.Table(
    "sales",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("source_system", sa.Text, nullable=False),
    sa.Column("source_conn", sa.Text, nullable=False),
    sa.Column("finance_conn", sa.Text, nullable=False),
    sa.Column("finance_id", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id)),
    sa.Column("project_id", sa.Text),
    sa.Column("project_number", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("issued_on", sa.Date),
    sa.Column("due_date", sa.Date),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_excl_vat", sa.Numeric),
    sa.Column("amount_incl_vat", sa.Numeric, nullable=False),
    sa.Column("is_paid", sa.Boolean, nullable=False),
    sa.Column("paid_on", sa.Date),
    sa.Column("gone", sa.Text),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("told_fingerprint", sa.Text),
    sa.Column("told_at", INSTANT),
    sa.Column("seen_at", INSTANT, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("reason_at", INSTANT),
    sa.Column("announced", sa.Text),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", INSTANT),
    sa.Column("intent", sa.Text),
    sa.Column("intent_fingerprint", sa.Text),
    sa.Column("intent_at", INSTANT),
    sa.UniqueConstraint("source_conn", "finance_conn", "finance_id"),
    sa.CheckConstraint("kind IN ('invoice', 'card_payment', 'credit_note')", name="kind"),
    sa.CheckConstraint("intent IN ('insert', 'update')", name="intent"),
    sa.CheckConstraint(
        "(intent IS NULL) = (intent_at IS NULL) AND (intent IS NULL) = (intent_fingerprint IS NULL)",
        name="whole_intent",
    ),
    sa.CheckConstraint("(told_fingerprint IS NULL) = (told_at IS NULL)", name="told"),
    sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name="lease"),
    sa.Index(None, "route"),
    sa.Index(None, "document_id"),
)
"""What finance has sent, and what the source was shown of it: one row for each booking and source connection."""
