"""Adds an index of the documents that are open, which the desk, the preflight and the notices read."""

from __future__ import annotations

from alembic import op

from invoice_bridge_core.ledger.database.open_work_indexes import OPEN_INDEXES

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"


def upgrade() -> None:
    for name, made_of in OPEN_INDEXES.items():
        # A ledger in use has them already: see `prepared_indexes`.
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {made_of}")


def downgrade() -> None:
    for name in OPEN_INDEXES:
        op.execute(f"DROP INDEX {SCHEMA}.{name}")
