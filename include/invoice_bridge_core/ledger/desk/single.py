"""Single documents, by the ledger's own ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from invoice_bridge_core.ledger.database.customer_tables import customer_links
from invoice_bridge_core.ledger.database.tables import contacts, documents, history
from invoice_bridge_core.ledger.documents.row import DocumentRow

if TYPE_CHECKING:
    from collections.abc import Collection

LARGEST_ID = 2**63 - 1
_OF_A_TASK = "%/%/%/%"


def row_with_id(connection: sa.Connection, document_id: int) -> DocumentRow | None:
    """The document; `None` when there is none of this id."""
    if not 0 < document_id <= LARGEST_ID:
        return None
    query = sa.select(documents).where(documents.c.id == document_id)
    record = connection.execute(query).mappings().one_or_none()
    return None if record is None else DocumentRow.from_record(record)


def last_tasks(connection: sa.Connection, document_ids: Collection[int]) -> dict[int, str]:
    """The newest actor of each document that is a mapped task, `dag/run/task/map index`."""
    wanted = sa.func.unnest(sa.literal(list(document_ids), ARRAY(sa.BigInteger))).table_valued("id").render_derived()
    newest = (
        sa.select(history.c.actor)
        .where(history.c.document_id == wanted.c.id, history.c.actor.like(_OF_A_TASK))
        .order_by(history.c.id.desc())
        .limit(1)
        .lateral()
    )
    query = sa.select(wanted.c.id, newest.c.actor).select_from(wanted.join(newest, sa.true()))
    return {document_id: actor for document_id, actor in connection.execute(query)}


def contact_names(connection: sa.Connection, finance_conn: str, contact_ids: Collection[str]) -> dict[str, str]:
    """The names of those contacts that the ledger knows, by their ids: as they were chosen, else as customers."""
    wanted = sa.any_(sa.literal(sorted(set(contact_ids)), ARRAY(sa.Text)))
    card_name = customer_links.c.finance_card["name"].astext
    queries = (
        sa.select(customer_links.c.finance_id, card_name).where(
            customer_links.c.finance_conn == finance_conn,
            customer_links.c.finance_id == wanted,
            card_name.is_not(None),
        ),
        sa.select(contacts.c.contact_id, contacts.c.name).where(
            contacts.c.finance_conn == finance_conn, contacts.c.contact_id == wanted, contacts.c.name.is_not(None)
        ),
    )
    return {contact_id: name for query in queries for contact_id, name in connection.execute(query)}
