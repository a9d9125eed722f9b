"""Adds what the page of all documents needs: ages, search, what is put aside, and what was changed in finance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from invoice_bridge_core.documents.search_text import searched_text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
AT_ONCE = 5000


def upgrade() -> None:
    op.add_column("documents", sa.Column("state_since", INSTANT), schema=SCHEMA)
    op.add_column("documents", sa.Column("search_text", sa.Text()), schema=SCHEMA)
    for name, kind in (("aside_at", INSTANT), ("aside_by", sa.Text()), ("aside_reason", sa.Text())):
        op.add_column("documents", sa.Column(name, kind), schema=SCHEMA)
    _fill()
    op.alter_column("documents", "state_since", nullable=False, server_default=NOW, schema=SCHEMA)
    op.alter_column("documents", "search_text", nullable=False, server_default=sa.text("''"), schema=SCHEMA)
    op.create_check_constraint(
        op.f("ck_documents_aside"), "documents", "(aside_at IS NULL) = (aside_by IS NULL)", schema=SCHEMA
    )
    op.create_index(op.f("ix_documents_state_since"), "documents", ["state_since"], schema=SCHEMA)
    read_with_it = ("state", "kind", "currency", "total", "document_date", "state_since", "aside_at")
    op.create_index(
        "ix_documents_desk",
        "documents",
        ["route", "office_id"],
        schema=SCHEMA,
        postgresql_include=[*read_with_it, "source_system", "source_conn"],
    )
    op.create_index(op.f("ix_history_at"), "history", ["at"], schema=SCHEMA, postgresql_using="brin")
    op.create_table(
        "finance_changes",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("finance_id", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_as", sa.Text()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_reason", sa.Text()),
        sa.PrimaryKeyConstraint("document_id", "field", name=op.f("pk_finance_changes")),
        sa.ForeignKeyConstraint(
            ["document_id"], [f"{SCHEMA}.documents.id"], name=op.f("fk_finance_changes_document_id_documents")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name=op.f("ck_finance_changes_ended")),
        schema=SCHEMA,
    )


_BEGAN = """
UPDATE invoice_bridge.documents SET state_since = coalesce(
  CASE
    WHEN state IN ('held', 'in doubt') THEN announced_at
    WHEN state IN ('transferred', 'rejected') THEN reported_at
    WHEN state = 'booked' THEN booked_at
    WHEN state = 'working' THEN intent_at
  END, updated_at)
"""
_NAMED = """
SELECT id, source_id, number, contact_name FROM invoice_bridge.documents WHERE id > :after ORDER BY id LIMIT :at_once
"""
_FOUND_BY = """
UPDATE invoice_bridge.documents SET search_text = texts.text
FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[])) AS texts(id, text) WHERE documents.id = texts.id
"""


def _fill() -> None:
    """Since when each document stands as it does, and what it is found by."""
    connection = op.get_bind()
    connection.execute(sa.text(_BEGAN))
    after = 0
    while rows := connection.execute(sa.text(_NAMED), {"after": after, "at_once": AT_ONCE}).all():
        texts = [searched_text(row.contact_name, row.number, row.source_id) for row in rows]
        connection.execute(sa.text(_FOUND_BY), {"ids": [row.id for row in rows], "texts": texts})
        after = rows[-1].id
