"""Drafts that a source was told of, and the customer codes that finance gave out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"


def upgrade() -> None:
    is_draft: sa.Column[bool] = sa.Column("finance_is_draft", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("documents", is_draft, schema=SCHEMA)
    op.add_column("documents", sa.Column("finance_customer_code", sa.Text()), schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("documents", "finance_customer_code", schema=SCHEMA)
    op.drop_column("documents", "finance_is_draft", schema=SCHEMA)
