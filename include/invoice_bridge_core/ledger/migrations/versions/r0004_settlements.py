"""How bookings stand in finance, single payments, and how far each route has looked for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
DOCUMENT = f"{SCHEMA}.documents.id"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "settlements",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Date()),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("paid", sa.Numeric(), nullable=False),
        sa.Column("credited", sa.Numeric(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("settled_on", sa.Date()),
        sa.Column("payment_number", sa.Text()),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("telling_on", sa.Date()),
        sa.Column("told_on", sa.Date()),
        sa.Column("told_at", instant),
        sa.Column("reason", sa.Text()),
        sa.Column("reason_at", instant),
        sa.Column("announced", sa.Text()),
        sa.PrimaryKeyConstraint("document_id", name="pk_settlements"),
        sa.ForeignKeyConstraint(["document_id"], [DOCUMENT], name="fk_settlements_document_id_documents"),
        sa.CheckConstraint("(told_on IS NULL) = (told_at IS NULL)", name=op.f("ck_settlements_told")),
        sa.CheckConstraint("NOT (is_settled AND (is_draft OR is_gone))", name=op.f("ck_settlements_settled")),
        schema=SCHEMA,
    )
    op.create_table(
        "payments",
        sa.Column("finance_conn", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("stored_at", instant, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("finance_conn", "payment_id", name="pk_payments"),
        sa.ForeignKeyConstraint(["document_id"], [DOCUMENT], name="fk_payments_document_id_documents"),
        schema=SCHEMA,
    )
    op.create_index("ix_payments_document_id", "payments", ["document_id"], schema=SCHEMA)
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("looked_at", instant, nullable=False),
        sa.Column("asked_at", instant),
        sa.PrimaryKeyConstraint("name", name="pk_cursors"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("cursors", "payments", "settlements"):
        op.drop_table(table, schema=SCHEMA)
