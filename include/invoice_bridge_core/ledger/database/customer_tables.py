"""The tables of customers: which customer of the source is which of finance, and what both said of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from invoice_bridge_core.documents.customer_states import CustomerState
from invoice_bridge_core.ledger.database.tables import INSTANT, NOW, metadata

customer_links = sa.Table(
    "customer_links",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("source_conn", sa.Text, nullable=False),
    sa.Column("finance_conn", sa.Text, nullable=False),
    sa.Column("source_key", sa.Text),
    sa.Column("finance_id", sa.Text),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("source_card", JSONB(none_as_null=True)),
    sa.Column("finance_card", JSONB(none_as_null=True)),
    sa.Column("source_read_at", INSTANT),
    sa.Column("finance_read_at", INSTANT),
    sa.Column("base", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("changes", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("wanted_at", INSTANT),
    sa.Column("written", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("written_at", INSTANT),
    sa.Column("written_by", sa.Text),
    sa.Column("intent", JSONB(none_as_null=True)),
    sa.Column("intent_at", INSTANT),
    sa.Column("batch_token", sa.Text),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_token", sa.Text),
    sa.Column("lease_until", INSTANT),
    sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
    sa.CheckConstraint("source_key IS NOT NULL OR finance_id IS NOT NULL", name="side"),
    sa.CheckConstraint(f"state IN ({', '.join(repr(state.value) for state in CustomerState)})", name="state"),
    sa.CheckConstraint("(intent IS NULL) = (intent_at IS NULL)", name="intent"),
    sa.CheckConstraint("(lease_token IS NULL) = (lease_until IS NULL)", name="lease"),
    sa.Index(None, "route", "state"),
)
"""One row for each customer of either side; `base` is what both said of each field when they agreed last.

`changes` are wanted, `written` are those of the last write: field, from, to. `intent` is what is being written.
"""

# One customer of the source is one contact, and one contact is one customer.
sa.Index(
    "uq_customer_links_source_key",
    customer_links.c.source_conn,
    customer_links.c.finance_conn,
    customer_links.c.source_key,
    unique=True,
    postgresql_where=customer_links.c.source_key.is_not(None),
)
sa.Index(
    "uq_customer_links_finance_id",
    customer_links.c.source_conn,
    customer_links.c.finance_conn,
    customer_links.c.finance_id,
    unique=True,
    postgresql_where=customer_links.c.finance_id.is_not(None),
)

customer_persons = sa.Table(
    "customer_persons",
    metadata,
    sa.Column(
        "link_id",
        sa.BigInteger,
        sa.ForeignKey(customer_links.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("person_key", sa.Text, primary_key=True),
    sa.Column("base", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("intent_at", INSTANT),
    sa.Column("updated_at", INSTANT, nullable=False, server_default=NOW),
)
"""The contact persons of a customer, by the master's key of them, and what both sides said of each."""
