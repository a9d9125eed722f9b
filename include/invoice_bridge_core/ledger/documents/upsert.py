"""Noting what documents are, many at a time, as a queue step meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import NOW, documents
from invoice_bridge_core.ledger.documents.history import differences, write_changes
from invoice_bridge_core.ledger.documents.row import FACT_COLUMNS, fact_columns, reference_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.sql.dml import ReturningInsert

    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.ledger.database.database import Database

_AT_ONCE = 500


def upsert_facts(database: Database, facts: Iterable[DocumentFacts], actor: str) -> None:
    """Note the facts of many documents; rows that exist keep their state, and unreadable facts erase nothing."""
    # Everybody takes the rows in the same order, so that two queue steps cannot wait for each other.
    ordered = sorted({one.ref: one for one in facts}.values(), key=lambda one: str(one.ref))
    for start in range(0, len(ordered), _AT_ONCE):
        with database.transaction() as connection:
            _note_portion(connection, ordered[start : start + _AT_ONCE], actor)


def _note_portion(connection: sa.Connection, facts: Sequence[DocumentFacts], actor: str) -> None:
    values = [
        reference_columns(one.ref) | fact_columns(one) | {"state": DocumentState.SEEN, "facts_read": one.is_readable}
        for one in facts
    ]
    # Only the insert itself tells who was first: another queue, or a task, may be noting the same ids just now.
    made = {_key(record): record for record in connection.execute(_insert(), values).mappings()}
    changed: list[tuple[str, sa.RowMapping | None, sa.RowMapping]] = [
        ("first met", None, record) for record in made.values()
    ]
    before = _records(connection, [one for one in facts if _key(reference_columns(one.ref)) not in made])
    known = [value for value in values if _key(value) in before]
    for record in connection.execute(_upsert(), known).mappings() if known else ():
        earlier = before[_key(record)]
        if differences(earlier, record):
            changed.append(("read again: it changed in its source", earlier, record))
    write_changes(connection, actor, changed)


def _records(connection: sa.Connection, facts: Sequence[DocumentFacts]) -> dict[tuple[str, str, str], sa.RowMapping]:
    keys = sa.tuple_(documents.c.source_system, documents.c.source_conn, documents.c.source_id)
    wanted = [(one.ref.system, one.ref.conn_id, one.ref.source_id) for one in facts]
    query = sa.select(documents).where(keys.in_(wanted)).order_by(documents.c.id).with_for_update(key_share=True)
    return {_key(record): record for record in connection.execute(query).mappings()}


def _key(record: Mapping[str, Any] | sa.RowMapping) -> tuple[str, str, str]:
    return (record["source_system"], record["source_conn"], record["source_id"])


def _insert() -> ReturningInsert[Any]:
    """Makes the rows that are missing, and returns those alone."""
    return insert(documents).values(facts_read_at=_read_at()).on_conflict_do_nothing().returning(documents)


def _read_at() -> sa.ColumnElement[Any]:
    return sa.case((sa.bindparam("facts_read", type_=sa.Boolean), NOW))


def _upsert() -> ReturningInsert[Any]:
    statement = insert(documents).values(facts_read_at=_read_at())
    news = statement.excluded
    is_read = news.payload_hash.is_not(None)
    updates: dict[str, Any] = {
        name: sa.case((is_read, news[name]), else_=documents.c[name])
        for name in (*FACT_COLUMNS, "search_text", "facts_read_at")
        if name != "entry_fingerprint"
    }
    return statement.on_conflict_do_update(
        index_elements=["source_system", "source_conn", "source_id"],
        set_={
            **updates,
            "entry_fingerprint": sa.func.coalesce(news.entry_fingerprint, documents.c.entry_fingerprint),
            "updated_at": NOW,
        },
    ).returning(documents)
