"""What the two systems said of our connections to them: the day's budget, closed doors, refused credentials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("conn_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("day_left", sa.Integer()),
        sa.Column("day_left_at", INSTANT),
        sa.Column("day_size", sa.Integer()),
        sa.Column("day_size_at", INSTANT),
        sa.Column("closed_until", INSTANT),
        sa.Column("closed_reason", sa.Text()),
        sa.Column("refused_at", INSTANT),
        sa.Column("refused_last_at", INSTANT),
        sa.Column("refused_reason", sa.Text()),
        sa.Column("refused_run", sa.Text()),
        sa.Column("refused_credentials", sa.Text()),
        sa.Column("refused_announced_at", INSTANT),
        sa.PrimaryKeyConstraint("conn_id", name="pk_connections"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("connections", schema=SCHEMA)
