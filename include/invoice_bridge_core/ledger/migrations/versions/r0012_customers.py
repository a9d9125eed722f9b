"""Adds the tables of customers that are kept in step, and of their contact persons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "customer_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source_conn", sa.Text(), nullable=False),
        sa.Column("finance_conn", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text()),
        sa.Column("finance_id", sa.Text()),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("source_card", JSONB()),
        sa.Column("finance_card", JSONB()),
        sa.Column("source_read_at", INSTANT),
        sa.Column("finance_read_at", INSTANT),
        sa.Column("base", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("changes", JSONB(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("wanted_at", INSTANT),
        sa.Column("written", JSONB(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("written_at", INSTANT),
        sa.Column("written_by", sa.Text()),
        sa.Column("intent", JSONB()),
        sa.Column("intent_at", INSTANT),
        sa.Column("batch_token", sa.Text()),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_token", sa.Text()),
        sa.Column("lease_until", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_customer_links"),
        sa.CheckConstraint("source_key IS NOT NULL OR finance_id IS NOT NULL", name=op.f("ck_customer_links_side")),
        sa.CheckConstraint(
            "state IN ('in step', 'wanted', 'held', 'conflict', 'alone')", name=op.f("ck_customer_links_state")
        ),
        sa.CheckConstraint("(intent IS NULL) = (intent_at IS NULL)", name=op.f("ck_customer_links_intent")),
        sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name=op.f("ck_customer_links_lease")),
        schema=SCHEMA,
    )
    op.create_index("ix_customer_links_route_state", "customer_links", ["route", "state"], schema=SCHEMA)
    for column, name in (
        ("source_key", "uq_customer_links_source_key"),
        ("finance_id", "uq_customer_links_finance_id"),
    ):
        op.create_index(
            name,
            "customer_links",
            ["source_conn", "finance_conn", column],
            unique=True,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
            schema=SCHEMA,
        )
    op.create_table(
        "customer_persons",
        sa.Column("link_id", sa.BigInteger(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("base", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("intent_at", INSTANT),
        sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("link_id", "person_key", name="pk_customer_persons"),
        sa.ForeignKeyConstraint(
            ["link_id"],
            [f"{SCHEMA}.customer_links.id"],
            name="fk_customer_persons_link_id_customer_links",
            ondelete="CASCADE",
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("customer_persons", schema=SCHEMA)
    op.drop_table("customer_links", schema=SCHEMA)
