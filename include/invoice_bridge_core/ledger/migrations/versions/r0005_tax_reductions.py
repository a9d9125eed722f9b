"""What the state pays of a booking instead of the customer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
COLUMNS = {"documents": "finance_tax_reduction", "settlements": "tax_reduction"}


def upgrade() -> None:
    for table, name in COLUMNS.items():
        op.add_column(table, sa.Column(name, sa.Numeric(), nullable=False, server_default=sa.text("0")), schema=SCHEMA)


def downgrade() -> None:
    for table, name in COLUMNS.items():
        op.drop_column(table, name, schema=SCHEMA)
