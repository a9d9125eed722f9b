"""Adds indexes of the sales that are open, and of what changed lately, which a poll of sales reads."""

from __future__ import annotations

from alembic import op

from invoice_bridge_core.ledger.database.open_work_indexes import SALE_INDEXES

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"


def upgrade() -> None:
    for name, made_of in SALE_INDEXES.items():
        # A ledger in use has them already: see `prepared_indexes`.
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {made_of}")


def downgrade() -> None:
    for name in SALE_INDEXES:
        op.execute(f"DROP INDEX {SCHEMA}.{name}")
