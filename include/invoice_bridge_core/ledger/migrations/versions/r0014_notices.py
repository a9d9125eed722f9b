"""Adds the tables of what people were told, and of what a route did last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("body", JSONB()),
        sa.Column("noted_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("tried_at", INSTANT),
        sa.Column("failure", sa.Text()),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.CheckConstraint("(ended_at IS NULL) = (body IS NOT NULL)", name=op.f("ck_notices_ended")),
        sa.CheckConstraint("(tries = 0) = (tried_at IS NULL)", name=op.f("ck_notices_tried")),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_notices_route_channel",
        "notices",
        ["route", "channel"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        schema=SCHEMA,
    )
    op.create_table(
        "notices_told",
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.BigInteger()),
        sa.Column("document_id", sa.BigInteger()),
        sa.Column("noted_at", INSTANT, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("route", "channel", "item", name="pk_notices_told"),
        sa.ForeignKeyConstraint(["notice_id"], [f"{SCHEMA}.notices.id"], name="fk_notices_told_notice_id_notices"),
        sa.ForeignKeyConstraint(
            ["document_id"], [f"{SCHEMA}.documents.id"], name="fk_notices_told_document_id_documents"
        ),
        schema=SCHEMA,
    )
    op.create_index("ix_notices_told_notice_id", "notices_told", ["notice_id"], schema=SCHEMA)
    op.create_index("ix_notices_told_document_id", "notices_told", ["document_id"], schema=SCHEMA)
    op.create_table(
        "route_marks",
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("route", "mark", name="pk_route_marks"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("route_marks", schema=SCHEMA)
    op.drop_table("notices_told", schema=SCHEMA)
    op.drop_table("notices", schema=SCHEMA)
