"""Adds the table of batches, and to each document the batch that it was sent in last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("finance_conn", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_ids", ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refusals", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("failure", sa.Text()),
        sa.Column("noted_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.CheckConstraint("state IN ('sent', 'answered', 'unknown')", name=op.f("ck_batches_state")),
        sa.CheckConstraint("(state = 'sent') = (ended_at IS NULL)", name=op.f("ck_batches_ended")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_batches_noted_at",
        "batches",
        ["noted_at"],
        postgresql_where=sa.text("body IS NOT NULL"),
        schema=SCHEMA,
    )
    op.add_column("documents", sa.Column("batch_id", sa.BigInteger()), schema=SCHEMA)
    op.create_foreign_key(
        "fk_documents_batch_id_batches",
        "documents",
        "batches",
        ["batch_id"],
        ["id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_column("documents", "batch_id", schema=SCHEMA)
    op.drop_table("batches", schema=SCHEMA)
