"""The calls that each connection may make, handed out to all tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"


def upgrade() -> None:
    op.create_table(
        "call_slots",
        sa.Column("conn_id", sa.Text, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("day", sa.Date),
        sa.Column("calls", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("conn_id", "slot", name="pk_call_slots"),
        schema=SCHEMA,
        prefixes=["UNLOGGED"],
    )
