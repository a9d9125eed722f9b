"""The tables of what people were told, and of what a route did last."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from invoice_bridge_core.ledger.database.tables import INSTANT, NOW, documents, metadata

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("body", JSONB),
    sa.Column("noted_at", INSTANT, nullable=False, server_default=NOW),
    sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("tried_at", INSTANT),
    sa.Column("failure", sa.Text),
    sa.Column("ended_at", INSTANT),
    sa.CheckConstraint("(ended_at IS NULL) = (body IS NOT NULL)", name="ended"),
    sa.CheckConstraint("(tries = 0) = (tried_at IS NULL)", name="tried"),
)
"""Each notice is noted before it is sent; `body` is what it says, until it is over."""

# A channel has one notice under way at most.
sa.Index(
    "uq_notices_route_channel",
    notices.c.route,
    notices.c.channel,
    unique=True,
    postgresql_where=notices.c.ended_at.is_(None),
)

notices_told = sa.Table(
    "notices_told",
    metadata,
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("notice_id", sa.BigInteger, sa.ForeignKey(notices.c.id)),
    sa.Column("document_id", sa.BigInteger, sa.ForeignKey(documents.c.id)),
    sa.Column("noted_at", INSTANT, nullable=False, server_default=NOW),
    sa.Index(None, "notice_id"),
    sa.Index(None, "document_id"),
)
"""What each channel was told; without a notice where there was nothing to say."""

route_marks = sa.Table(
    "route_marks",
    metadata,
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("mark", sa.Text, primary_key=True),
    sa.Column("at", INSTANT, nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("note", sa.Text),
)
"""When a route did something last, such as looking at its queue, and up to which day."""
