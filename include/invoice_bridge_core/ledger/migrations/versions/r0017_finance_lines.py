"""Adds what bookings consisted of when a poll first saw them, so that a changed line is seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"


def upgrade() -> None:
    op.create_table(
        "finance_lines",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("finance_id", sa.Text(), nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("changed_lines", JSONB()),
        sa.PrimaryKeyConstraint("document_id", name="pk_finance_lines"),
        sa.ForeignKeyConstraint(
            ["document_id"],
            [f"{SCHEMA}.documents.id"],
            name="fk_finance_lines_document_id_documents",
            ondelete="CASCADE",
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("finance_lines", schema=SCHEMA)
