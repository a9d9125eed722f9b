"""Adds the table of sales: what finance has sent, and what its source was shown of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sales",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_conn", sa.Text(), nullable=False),
        sa.Column("finance_conn", sa.Text(), nullable=False),
        sa.Column("finance_id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger()),
        sa.Column("project_id", sa.Text()),
        sa.Column("project_number", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date()),
        sa.Column("due_date", sa.Date()),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_excl_vat", sa.Numeric()),
        sa.Column("amount_incl_vat", sa.Numeric(), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.Column("paid_on", sa.Date()),
        sa.Column("gone", sa.Text()),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("told_fingerprint", sa.Text()),
        sa.Column("told_at", INSTANT),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("reason_at", INSTANT),
        sa.Column("announced", sa.Text()),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_token", sa.Text()),
        sa.Column("lease_until", INSTANT),
        sa.Column("intent", sa.Text()),
        sa.Column("intent_fingerprint", sa.Text()),
        sa.Column("intent_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_sales"),
        sa.ForeignKeyConstraint(["document_id"], [f"{SCHEMA}.documents.id"], name="fk_sales_document_id_documents"),
        sa.UniqueConstraint(
            "source_conn", "finance_conn", "finance_id", name="uq_sales_source_conn_finance_conn_finance_id"
        ),
        sa.CheckConstraint("kind IN ('invoice', 'card_payment', 'credit_note')", name=op.f("ck_sales_kind")),
        sa.CheckConstraint("intent IN ('insert', 'update')", name=op.f("ck_sales_intent")),
        sa.CheckConstraint(
            "(intent IS NULL) = (intent_at IS NULL) AND (intent IS NULL) = (intent_fingerprint IS NULL)",
            name=op.f("ck_sales_whole_intent"),
        ),
        sa.CheckConstraint("(told_fingerprint IS NULL) = (told_at IS NULL)", name=op.f("ck_sales_told")),
        sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name=op.f("ck_sales_lease")),
        schema=SCHEMA,
    )
    op.create_index("ix_sales_route", "sales", ["route"], schema=SCHEMA)
    op.create_index("ix_sales_document_id", "sales", ["document_id"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("sales", schema=SCHEMA)
