"""Adds the table of decisions: what people answered when they were asked about a document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("carried_out_at", INSTANT),
        sa.PrimaryKeyConstraint("document_id", "kind", name="pk_decisions"),
        sa.ForeignKeyConstraint(["document_id"], [f"{SCHEMA}.documents.id"], name="fk_decisions_document_id_documents"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("decisions", schema=SCHEMA)
