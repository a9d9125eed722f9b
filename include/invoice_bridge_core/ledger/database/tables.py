"""The ledger's tables. A change here needs a migration in `migrations/versions`; a test compares the two.

Amounts are `numeric` in the document's currency, without a fixed scale. Instants are `timestamptz`, set by the
database's own clock, so that machines whose clocks differ agree about leases.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from invoice_bridge_core.documents.states import DocumentState

SCHEMA = "invoice_bridge"
"""A schema of its own, so that the ledger can live in a database beside others, Airflow's own among them."""

metadata = sa.MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    },
)

INSTANT = sa.DateTime(timezone=True)
NOW = sa.func.clock_timestamp(type_=INSTANT)
LATELY = sa.func.now(type_=INSTANT)
"""The beginning of the transaction, which an index can be asked with; `NOW` is another moment for each row."""

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("source_system", sa.Text, nullable=False),
    sa.Column("source_conn", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("document_date", sa.Date),
    sa.Column("currency", sa.Text),
    sa.Column("total", sa.Numeric),
    sa.Column("contact_name", sa.Text),
    sa.Column("office_id", sa.Text),
    sa.Column("project_id", sa.Text),
    sa.Column("credited_source_id", sa.Text),
    sa.Column("credited_number", sa.Text),
    sa.Column("payload_hash", sa.Text),
    sa.Column("entry_fingerprint", sa.Text),
    sa.Column("facts_read_at", INSTANT),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("route", sa.Text),
    sa.Column("held_fingerprint", sa.Text),
    sa.Column("announced_reason", sa.Text),
    sa.Column("announced_at", INSTANT),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", INSTANT),
    sa.Column("intent_token", sa.Text),
    sa.Column("intent_number", sa.Text),
    sa.Column("intent_payload_hash", sa.Text),
    sa.Column("intent_at", INSTANT),
    sa.Column("intents_withdrawn", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("finance_conn", sa.Text),
    sa.Column("finance_id", sa.Text),
    sa.Column("finance_number", sa.Text),
    sa.Column("finance_status", sa.Text),
    sa.Column("finance_contact_id", sa.Text),
    sa.Column("finance_currency", sa.Text),
    sa.Column("finance_total", sa.Numeric),
    sa.Column("finance_tax_reduction", sa.Numeric, nullable=False, server_default=sa.text("0")),
    sa.Column("finance_marker", sa.Text),
    sa.Column("finance_due_date", sa.Date),
    sa.Column("finance_is_draft", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("finance_customer_code", sa.Text),
    sa.Column("finance_link", sa.Text),
    sa.Column("finance_warnings", ARRAY(sa.Text)),
    sa.Column("booked_at", INSTANT),
    sa.Column("reported_at", INSTANT),
    sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("state_since", INSTANT, nullable=False, server_default=NOW),
    sa.Column("search_text", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("aside_at", INSTANT),
    sa.Column("aside_by", sa.Text),
    sa.Column("aside_reason", sa.Text),
    # The batch that it was sent in last, until a task of its own takes it up.
    sa.Column("batch_id", sa.BigInteger, sa.ForeignKey(f"{SCHEMA}.batches.id")),
    sa.UniqueConstraint("source_system", "source_conn", "source_id"),
    sa.CheckConstraint(f"state IN ({', '.join(repr(state.value) for state in DocumentState)})", name="state"),
    sa.CheckConstraint("state NOT IN ('booked', 'transferred') OR finance_id IS NOT NULL", name="booking"),
    sa.CheckConstraint("state <> 'rejected' OR (finance_id IS NULL AND intent_token IS NULL)", name="rejected"),
    sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name="lease"),
    sa.CheckConstraint("(aside_at IS NULL) = (aside_by IS NULL)", name="aside"),
    sa.Index(None, "source_system", "source_conn", "number"),
    sa.Index(None, "state", "route"),
    sa.Index(None, "state_since"),
)

# Counts and sums of all documents are read from this index alone: the rows are ten times as wide.
sa.Index(
    "ix_documents_desk",
    documents.c.route,
    documents.c.office_id,
    postgresql_include=[
        "state",
        "kind",
        "currency",
        "total",
        "document_date",
        "state_since",
        "aside_at",
        "source_system",
        "source_conn",
    ],
)

# Two documents can never be one booking, whatever a look-up in the finance system seemed to find.
sa.Index(
    "uq_documents_finance_conn_finance_id",
    documents.c.finance_conn,
    documents.c.finance_id,
    unique=True,
    postgresql_where=documents.c.finance_id.is_not(None),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), nullable=False),
    sa.Column("at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("from_state", sa.Text),
    sa.Column("to_state", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("changes", JSONB, nullable=False),
    sa.Index(None, "document_id"),
    # Rows are only ever added, in the order of their time, so a summary of each stretch is enough.
    sa.Index(None, "at", postgresql_using="brin"),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("refusals", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("finance_id", sa.Text),
    sa.Column("intended_at", INSTANT, nullable=False),
    sa.Column("ended_at", INSTANT),
)

rejections = sa.Table(
    "rejections",
    metadata,
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), primary_key=True, autoincrement=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("let_through_at", INSTANT),
    sa.Column("kept_for", sa.Text),
    sa.Column("kept_reason", sa.Text),
    sa.Column("kept_at", INSTANT),
    sa.Column("confirmed_by", sa.Text),
    sa.Column("confirmed_at", INSTANT),
    sa.Index(None, "route"),
)
"""Which documents a route was let reject, and which it had to keep: the count that runs and tasks share."""

payment_statuses = sa.Table(
    "payment_statuses",
    metadata,
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("due_date", sa.Date),
    sa.Column("total", sa.Numeric, nullable=False),
    sa.Column("tax_reduction", sa.Numeric, nullable=False, server_default=sa.text("0")),
    sa.Column("paid", sa.Numeric, nullable=False),
    sa.Column("credited", sa.Numeric, nullable=False),
    sa.Column("is_draft", sa.Boolean, nullable=False),
    sa.Column("is_gone", sa.Boolean, nullable=False),
    sa.Column("is_paid_in_full", sa.Boolean, nullable=False),
    sa.Column("paid_in_full_on", sa.Date),
    sa.Column("payment_number", sa.Text),
    sa.Column("seen_at", INSTANT, nullable=False),
    sa.Column("telling_on", sa.Date),
    sa.Column("told_on", sa.Date),
    sa.Column("told_at", INSTANT),
    sa.Column("reason", sa.Text),
    sa.Column("reason_at", INSTANT),
    sa.Column("announced", sa.Text),
    sa.CheckConstraint("(told_on IS NULL) = (told_at IS NULL)", name="told"),
    sa.CheckConstraint("NOT (is_paid_in_full AND (is_draft OR is_gone))", name="paid_in_full"),
)
"""How each booking stands in finance by the last poll, and what its source was told of it."""

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("finance_conn", sa.Text, primary_key=True),
    sa.Column("payment_id", sa.Text, primary_key=True),
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id), nullable=False),
    sa.Column("amount", sa.Numeric, nullable=False),
    sa.Column("paid_on", sa.Date, nullable=False),
    sa.Column("stored_at", INSTANT, nullable=False, server_default=NOW),
    sa.Index(None, "document_id"),
)
"""Single payments, in the currency of their booking, where finance hands out those."""

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text),
    sa.Column("polled_at", INSTANT, nullable=False),
    sa.Column("asked_at", INSTANT),
)
"""How far each route has polled for payments, and when it last asked for every open booking by its id."""

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("finance_conn", sa.Text, primary_key=True),
    sa.Column("contact_key", sa.Text, primary_key=True),
    sa.Column("contact_id", sa.Text),
    sa.Column("fingerprint", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("name_folded", sa.Text),
    sa.Column("intent_token", sa.Text),
    sa.Column("updated_at", INSTANT, nullable=False),
    sa.Index(None, "finance_conn", "name_folded"),
)

reference_data = sa.Table(
    "reference_data",
    metadata,
    sa.Column("finance_conn", sa.Text, primary_key=True),
    sa.Column("run_key", sa.Text, primary_key=True),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("read_at", INSTANT, nullable=False),
)

queue_reads = sa.Table(
    "queue_reads",
    metadata,
    sa.Column("run_key", sa.Text, primary_key=True),
    sa.Column("source_system", sa.Text, primary_key=True),
    sa.Column("source_conn", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.Column("entry_fingerprint", sa.Text),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("read_at", INSTANT, nullable=False),
    # What is kept for minutes must not outlive them in the database's log, its archive and its replicas.
    prefixes=["UNLOGGED"],
)
"""Whole documents, from the queue step of a run to the task of the same run."""

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("ciphertext", sa.Text, nullable=False),
    sa.Column("updated_at", INSTANT, nullable=False),
)

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("conn_id", sa.Text, primary_key=True),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("day_left", sa.Integer),
    sa.Column("day_left_at", INSTANT),
    sa.Column("day_size", sa.Integer),
    sa.Column("day_size_at", INSTANT),
    sa.Column("closed_until", INSTANT),
    sa.Column("closed_reason", sa.Text),
    sa.Column("refused_at", INSTANT),
    sa.Column("refused_last_at", INSTANT),
    sa.Column("refused_reason", sa.Text),
    sa.Column("refused_run", sa.Text),
    sa.Column("refused_credentials", sa.Text),
    sa.Column("refused_announced_at", INSTANT),
)

call_slots = sa.Table(
    "call_slots",
    metadata,
    sa.Column("conn_id", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("free_at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("day", sa.Date),
    sa.Column("calls", sa.Integer, nullable=False, server_default=sa.text("0")),
    # Of no worth after a crash, and written for every call.
    prefixes=["UNLOGGED"],
)
"""The calls that each connection may make now, for limits that are kept before they are met."""
