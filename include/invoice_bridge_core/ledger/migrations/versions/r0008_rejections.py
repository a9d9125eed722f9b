"""Adds the table of rejections: which were let through, which were kept back and why, and who confirmed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rejections",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("let_through_at", INSTANT),
        sa.Column("kept_for", sa.Text()),
        sa.Column("kept_reason", sa.Text()),
        sa.Column("kept_at", INSTANT),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_at", INSTANT),
        sa.PrimaryKeyConstraint("document_id", name="pk_rejections"),
        sa.ForeignKeyConstraint(
            ["document_id"], [f"{SCHEMA}.documents.id"], name="fk_rejections_document_id_documents"
        ),
        schema=SCHEMA,
    )
    op.create_index("ix_rejections_route", "rejections", ["route"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("rejections", schema=SCHEMA)
