"""The indexes of migrations 0015, 0018 and 0019: each by its name, with the table and the columns that it is made of.

They stand apart so that a ledger in use gets them without the lock that keeps others from writing, before a migration
itself runs (`invoice_bridge_core.ledger.database.prepared_indexes`).
"""

from __future__ import annotations

SCHEMA = "invoice_bridge"

_DOCUMENTS = f"{SCHEMA}.documents"
_SOURCE = "source_system, source_conn"

INDEXES = {
    "ix_documents_under_way": (
        f"{_DOCUMENTS} ({_SOURCE}) WHERE state IN ('working', 'booked') OR (state = 'held' AND finance_id IS NOT NULL)"
    ),
    "ix_documents_drafts": f"{_DOCUMENTS} (route) WHERE finance_is_draft",
    "ix_documents_intents": (
        f"{_DOCUMENTS} (finance_conn, intent_number) WHERE intent_token IS NOT NULL AND finance_id IS NULL"
    ),
    "ix_documents_finance_number": f"{_DOCUMENTS} (finance_conn, finance_number) WHERE finance_id IS NOT NULL",
    "ix_documents_dated": f"{_DOCUMENTS} ({_SOURCE}, document_date)",
    "ix_documents_credited_source_id": (
        f"{_DOCUMENTS} ({_SOURCE}, credited_source_id) WHERE credited_source_id IS NOT NULL"
    ),
    "ix_documents_credited_number": f"{_DOCUMENTS} ({_SOURCE}, credited_number) WHERE credited_number IS NOT NULL",
    "ix_documents_number_folded": f"{_DOCUMENTS} (lower(number))",
    "ix_steps_rejections": f"{SCHEMA}.steps (document_id) WHERE step = 'rejection' AND state <> 'refused'",
    "ix_payment_statuses_told_at": f"{SCHEMA}.payment_statuses (told_at)",
    "ix_payment_statuses_gone": f"{SCHEMA}.payment_statuses (document_id) WHERE is_gone AND told_on IS NULL",
    "ix_documents_aside": f"{_DOCUMENTS} (route) WHERE aside_at IS NOT NULL",
    "ix_history_actor": f"{SCHEMA}.history (actor text_pattern_ops)",
    "ix_finance_changes_open": f"{SCHEMA}.finance_changes (seen_at) WHERE ended_at IS NULL",
    "ix_contacts_finance_conn_contact_id": f"{SCHEMA}.contacts (finance_conn, contact_id)",
    "ix_queue_reads_read_at": f"{SCHEMA}.queue_reads (read_at)",
}
"""Those of migration 0015."""

OPEN_INDEXES = {
    "ix_documents_open": f"{_DOCUMENTS} (route, state) WHERE aside_at IS NULL AND state <> 'transferred'",
}
"""Those of migration 0018."""

SALE_INDEXES = {
    "ix_documents_changed": (
        f"{_DOCUMENTS} ({_SOURCE}, finance_conn, updated_at) WHERE finance_id IS NOT NULL AND project_id IS NOT NULL"
    ),
    "ix_documents_project": f"{_DOCUMENTS} ({_SOURCE}, project_id) WHERE project_id IS NOT NULL",
    "ix_payment_statuses_seen_at": f"{SCHEMA}.payment_statuses (seen_at)",
    "ix_sales_open": (
        f"{SCHEMA}.sales (((NOT is_paid AND gone IS NULL OR told_fingerprint IS DISTINCT FROM fingerprint"
        " OR intent IS NOT NULL OR announced IS NOT NULL)::integer), source_conn, finance_conn)"
    ),
    "ix_sales_told_at": f"{SCHEMA}.sales (told_at)",
    "ix_sales_issued_on": f"{SCHEMA}.sales (source_conn, finance_conn, issued_on) WHERE gone IS NULL",
}
"""Those of migration 0019."""

ALL_INDEXES = {**INDEXES, **OPEN_INDEXES, **SALE_INDEXES}
