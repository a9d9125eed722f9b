"""The first tables: documents with their history and steps, contacts, reference data, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "invoice_bridge"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_documents()
    create_history()
    create_steps()
    create_contacts()
    create_reference_data()
    create_tokens()


def downgrade() -> None:
    for table in ("tokens", "reference_data", "contacts", "steps", "history", "documents"):
        op.drop_table(table, schema=SCHEMA)


def create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_conn", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("number", sa.Text()),
        sa.Column("document_date", sa.Date()),
        sa.Column("currency", sa.Text()),
        sa.Column("total", sa.Numeric()),
        sa.Column("contact_name", sa.Text()),
        sa.Column("office_id", sa.Text()),
        sa.Column("project_id", sa.Text()),
        sa.Column("credited_source_id", sa.Text()),
        sa.Column("credited_number", sa.Text()),
        sa.Column("payload_hash", sa.Text()),
        sa.Column("entry_fingerprint", sa.Text()),
        sa.Column("facts_read_at", INSTANT),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("route", sa.Text()),
        sa.Column("held_fingerprint", sa.Text()),
        sa.Column("announced_reason", sa.Text()),
        sa.Column("announced_at", INSTANT),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_token", sa.Text()),
        sa.Column("lease_until", INSTANT),
        sa.Column("intent_token", sa.Text()),
        sa.Column("intent_number", sa.Text()),
        sa.Column("intent_payload_hash", sa.Text()),
        sa.Column("intent_at", INSTANT),
        sa.Column("intents_withdrawn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("finance_conn", sa.Text()),
        sa.Column("finance_id", sa.Text()),
        sa.Column("finance_number", sa.Text()),
        sa.Column("finance_status", sa.Text()),
        sa.Column("finance_contact_id", sa.Text()),
        sa.Column("finance_currency", sa.Text()),
        sa.Column("finance_total", sa.Numeric()),
        sa.Column("finance_marker", sa.Text()),
        sa.Column("finance_due_date", sa.Date()),
        sa.Column("finance_link", sa.Text()),
        sa.Column("finance_warnings", ARRAY(sa.Text())),
        sa.Column("booked_at", INSTANT),
        sa.Column("reported_at", INSTANT),
        sa.Column("created_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("updated_at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "state <> 'rejected' OR (finance_id IS NULL AND intent_token IS NULL)", name=op.f("ck_documents_rejected")
        ),
        sa.CheckConstraint(
            "state IN ('seen', 'working', 'booked', 'transferred', 'rejected', 'held', 'in doubt')",
            name=op.f("ck_documents_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('booked', 'transferred') OR finance_id IS NOT NULL", name=op.f("ck_documents_booking")
        ),
        sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name=op.f("ck_documents_lease")),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint(
            "source_system", "source_conn", "source_id", name="uq_documents_source_system_source_conn_source_id"
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_documents_source_system_source_conn_number",
        "documents",
        ["source_system", "source_conn", "number"],
        schema=SCHEMA,
    )
    op.create_index("ix_documents_state_route", "documents", ["state", "route"], schema=SCHEMA)
    op.create_index(
        "uq_documents_finance_conn_finance_id",
        "documents",
        ["finance_conn", "finance_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("finance_id IS NOT NULL"),
    )


def create_history() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text()),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["invoice_bridge.documents.id"], name="fk_history_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        schema=SCHEMA,
    )
    op.create_index("ix_history_document_id", "history", ["document_id"], schema=SCHEMA)


def create_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("refusals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("finance_id", sa.Text()),
        sa.Column("intended_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.ForeignKeyConstraint(["document_id"], ["invoice_bridge.documents.id"], name="fk_steps_document_id"),
        sa.PrimaryKeyConstraint("document_id", "step", name="pk_steps"),
        schema=SCHEMA,
    )


def create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("finance_conn", sa.Text(), nullable=False),
        sa.Column("contact_key", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text()),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.Column("name_folded", sa.Text()),
        sa.Column("intent_token", sa.Text()),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("finance_conn", "contact_key", name="pk_contacts"),
        schema=SCHEMA,
    )
    op.create_index("ix_contacts_finance_conn_name_folded", "contacts", ["finance_conn", "name_folded"], schema=SCHEMA)


def create_reference_data() -> None:
    op.create_table(
        "reference_data",
        sa.Column("finance_conn", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("finance_conn", "run_key", name="pk_reference_data"),
        schema=SCHEMA,
    )


def create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.Text(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tokens"),
        schema=SCHEMA,
    )
