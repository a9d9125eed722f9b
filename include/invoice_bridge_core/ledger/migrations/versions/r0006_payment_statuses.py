"""Renames a table and columns of payments, steps and cursors to the words of the glossary; no value changes."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
COLUMNS = (
    ("payment_statuses", "is_settled", "is_paid_in_full"),
    ("payment_statuses", "settled_on", "paid_in_full_on"),
    ("steps", "settled_at", "ended_at"),
    ("cursors", "looked_at", "polled_at"),
)
CONSTRAINTS = (
    ("pk_settlements", "pk_payment_statuses"),
    ("fk_settlements_document_id_documents", "fk_payment_statuses_document_id_documents"),
    ("ck_settlements_told", "ck_payment_statuses_told"),
    ("ck_settlements_settled", "ck_payment_statuses_paid_in_full"),
)


def upgrade() -> None:
    op.rename_table("settlements", "payment_statuses", schema=SCHEMA)
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new, schema=SCHEMA)
    for old, new in CONSTRAINTS:
        _rename_constraint(old, new)


def downgrade() -> None:
    for old, new in CONSTRAINTS:
        _rename_constraint(new, old)
    for table, old, new in COLUMNS:
        op.alter_column(table, new, new_column_name=old, schema=SCHEMA)
    op.rename_table("payment_statuses", "settlements", schema=SCHEMA)


def _rename_constraint(old: str, new: str) -> None:
    op.execute(f"ALTER TABLE {SCHEMA}.payment_statuses RENAME CONSTRAINT {old} TO {new}")
