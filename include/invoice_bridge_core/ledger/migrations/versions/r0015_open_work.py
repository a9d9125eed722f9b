"""Adds indexes of what is open, and the table of payments that may not be over, kept by triggers."""

# ruff: noqa: S608 - the texts are put together of constants alone
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from invoice_bridge_core.ledger.database.open_work_indexes import INDEXES

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"

_IS_RENUMBERED = "status.number <> one.finance_number AND NOT status.is_gone AND NOT status.is_draft"
_MAY_BE_OPEN = f"""
  one.finance_id IS NOT NULL AND (
    status.document_id IS NULL
    OR status.told_on IS NULL
    OR NOT status.is_paid_in_full
    OR status.paid + status.credited > status.total - status.tax_reduction
    OR ({_IS_RENUMBERED})
  )
"""
_COLUMNS = "document_id, source_system, source_conn, finance_conn, kind, is_renumbered"
_FOUND = f"""
  SELECT one.id, one.source_system, one.source_conn, one.finance_conn, one.kind,
    coalesce({_IS_RENUMBERED}, false)
  FROM {SCHEMA}.documents AS one LEFT JOIN {SCHEMA}.payment_statuses AS status ON status.document_id = one.id
  WHERE {_MAY_BE_OPEN}
"""
_FUNCTION = f"""
CREATE FUNCTION {SCHEMA}.keep_open_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted bigint;
  found_one {SCHEMA}.open_payments%ROWTYPE;
BEGIN
  IF TG_TABLE_NAME = 'documents' THEN
    wanted := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN
    wanted := OLD.document_id;
  ELSE
    wanted := NEW.document_id;
  END IF;
  {_FOUND.replace("FROM", "INTO found_one FROM", 1)} AND one.id = wanted;
  IF FOUND THEN
    PERFORM FROM {SCHEMA}.open_payments AS known WHERE known.document_id = wanted
      AND (known.finance_conn, known.kind, known.is_renumbered)
        IS NOT DISTINCT FROM (found_one.finance_conn, found_one.kind, found_one.is_renumbered);
    IF FOUND THEN
      RETURN NULL;
    END IF;
    INSERT INTO {SCHEMA}.open_payments VALUES (found_one.*)
    ON CONFLICT (document_id) DO UPDATE
    SET finance_conn = excluded.finance_conn, kind = excluded.kind, is_renumbered = excluded.is_renumbered
    WHERE (open_payments.finance_conn, open_payments.kind, open_payments.is_renumbered)
      IS DISTINCT FROM (excluded.finance_conn, excluded.kind, excluded.is_renumbered);
  ELSE
    DELETE FROM {SCHEMA}.open_payments WHERE document_id = wanted;
  END IF;
  RETURN NULL;
END
$$
"""
_REPLACE = f"""
CREATE FUNCTION {SCHEMA}.replace_open_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM {SCHEMA}.open_payments WHERE document_id = NEW.document_id;
  RETURN NEW;
END
$$
"""
_DECISIVE = "finance_id, finance_conn, finance_number, kind"
_BEFORE, _AFTER = (", ".join(f"{row}.{name}" for name in _DECISIVE.split(", ")) for row in ("OLD", "NEW"))
_TRIGGERS = (
    f"CREATE TRIGGER open_payment_made AFTER INSERT ON {SCHEMA}.documents FOR EACH ROW"
    f" WHEN (NEW.finance_id IS NOT NULL) EXECUTE FUNCTION {SCHEMA}.keep_open_payment()",
    f"CREATE TRIGGER open_payment_changed AFTER UPDATE OF {_DECISIVE} ON {SCHEMA}.documents FOR EACH ROW"
    f" WHEN (({_BEFORE}) IS DISTINCT FROM ({_AFTER}) AND coalesce(OLD.finance_id, NEW.finance_id) IS NOT NULL)"
    f" EXECUTE FUNCTION {SCHEMA}.keep_open_payment()",
    f"CREATE TRIGGER open_payment_told AFTER INSERT OR UPDATE OR DELETE ON {SCHEMA}.payment_statuses FOR EACH ROW"
    f" EXECUTE FUNCTION {SCHEMA}.keep_open_payment()",
)


def upgrade() -> None:
    for name, made_of in INDEXES.items():
        # A ledger in use has them already: see `prepared_indexes`.
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {made_of}")
    op.create_table(
        "open_payments",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_conn", sa.Text(), nullable=False),
        sa.Column("finance_conn", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("is_renumbered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_open_payments"),
        sa.ForeignKeyConstraint(
            ["document_id"],
            [f"{SCHEMA}.documents.id"],
            name="fk_open_payments_document_id_documents",
            ondelete="CASCADE",
        ),
        schema=SCHEMA,
    )
    op.execute(_FUNCTION)
    # Whoever puts rows of all tables back finds those that the other triggers have made.
    op.execute(_REPLACE)
    op.execute(
        f"CREATE TRIGGER open_payment_replaced BEFORE INSERT ON {SCHEMA}.open_payments FOR EACH ROW"
        f" EXECUTE FUNCTION {SCHEMA}.replace_open_payment()"
    )
    # From here on nobody changes what it is made of before the migration ends.
    for trigger in _TRIGGERS:
        op.execute(trigger)
    op.execute(f"INSERT INTO {SCHEMA}.open_payments ({_COLUMNS}) {_FOUND}")
    op.create_index(
        "ix_open_payments_source",
        "open_payments",
        ["source_system", "source_conn", "finance_conn", "kind"],
        schema=SCHEMA,
    )
    op.create_index(
        "ix_open_payments_renumbered",
        "open_payments",
        ["source_conn"],
        schema=SCHEMA,
        postgresql_where=sa.text("is_renumbered"),
    )


def downgrade() -> None:
    for name, table in (
        ("open_payment_made", "documents"),
        ("open_payment_changed", "documents"),
        ("open_payment_told", "payment_statuses"),
    ):
        op.execute(f"DROP TRIGGER {name} ON {SCHEMA}.{table}")
    op.execute(f"DROP FUNCTION {SCHEMA}.keep_open_payment()")
    op.drop_table("open_payments", schema=SCHEMA)
    op.execute(f"DROP FUNCTION {SCHEMA}.replace_open_payment()")
    for name in INDEXES:
        op.execute(f"DROP INDEX {SCHEMA}.{name}")
