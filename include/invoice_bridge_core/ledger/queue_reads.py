"""Documents as the queue step of a run read them, until the task of the same run takes them.

They hold whole customers, so they live for minutes: they are gone when they are taken, and who keeps or takes one
deletes all that are too old. They are not encrypted as tokens are: nobody gets in with them, and whoever reads the
ledger for those minutes reads the customers' names and amounts beside them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic_core import PydanticSerializationError
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from invoice_bridge_core.documents import Document
from invoice_bridge_core.ledger.database.many_rows import as_rows
from invoice_bridge_core.ledger.database.tables import LATELY, NOW, queue_reads
from invoice_bridge_core.ledger.documents.row import document_parameters, is_given_document, reference_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.sql.dml import ReturningDelete

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.database.database import Database

KEPT = dt.timedelta(minutes=5)
"""How old a document may be when it is used: what its author or an administrator does meanwhile is not seen.

An ordinary run starts its tasks within a minute or two. Where a run takes longer, finance's limit sets the pace, and
calls of the source are not scarce.
"""

_TEXTS = ARRAY(sa.Text)
_AGE = (NOW - queue_reads.c.read_at).label("age")
_IS_OLD = queue_reads.c.read_at < LATELY - sa.literal(KEPT)


@dataclass(frozen=True)
class QueueRead:
    """A document as the queue step read it.

    :param entry_fingerprint: of the queue's entry at that time.
    :param age: how long ago it was read.
    """

    document: Document
    entry_fingerprint: str | None
    age: dt.timedelta = dt.timedelta(0)

    @property
    def text(self) -> str | None:
        """The document as JSON, every amount with all its digits; `None` of what is no text that can be written."""
        try:
            return self.document.model_dump_json()
        except PydanticSerializationError:
            return None


class QueueReads:
    """The documents that one ledger keeps between the steps of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, run_key: str, reads: Iterable[QueueRead], age: dt.timedelta = dt.timedelta(0)) -> None:
        """Keep documents for the tasks of this run; one statement, however many they are.

        :param age: how long ago the first of them was read.
        """
        rows = {read.document.ref: row for read in reads if (row := _row(run_key, read)) is not None}
        with self._database.transaction() as connection:
            _delete_old(connection)
            if rows:
                connection.execute(_keeping(list(rows.values()), age))

    def forget(self, run_key: str, system: str, conn_id: str, source_ids: Collection[str]) -> None:
        """Delete what the run keeps of these documents of one source; one query, however many they are."""
        with self._database.transaction() as connection:
            _delete_old(connection)
            connection.execute(
                sa.delete(queue_reads).where(
                    queue_reads.c.run_key == run_key,
                    queue_reads.c.source_system == system,
                    queue_reads.c.source_conn == conn_id,
                    queue_reads.c.source_id == sa.any_(sa.literal(list(source_ids), _TEXTS)),
                )
            )

    def take(self, run_key: str, ref: DocumentRef) -> QueueRead | None:
        """The document as the run's queue step read it; whoever asks first, no longer than `KEPT` afterwards."""
        given = {"of_run": run_key, **document_parameters(ref)}
        with self._database.transaction() as connection:
            taken = connection.execute(_TAKING, given).mappings().one_or_none()
        if taken is None or taken["age"] > KEPT:
            return None
        return _read(taken)

    def see(self, run_key: str, refs: Collection[DocumentRef]) -> dict[DocumentRef, QueueRead]:
        """What the run keeps of these documents of one source, no longer than `KEPT` afterwards; it stays there."""
        keys = sa.tuple_(queue_reads.c.source_system, queue_reads.c.source_conn, queue_reads.c.source_id)
        query = sa.select(queue_reads, _AGE).where(
            queue_reads.c.run_key == run_key, keys.in_([(one.system, one.conn_id, one.source_id) for one in refs])
        )
        with self._database.look() as connection:
            records = connection.execute(query).mappings().all()
        reads = [_read(record) for record in records if record["age"] <= KEPT]
        return {read.document.ref: read for read in reads}


def _read(record: sa.RowMapping) -> QueueRead:
    return QueueRead(Document.model_validate_json(record["body"]), record["entry_fingerprint"], record["age"])


def _row(run_key: str, read: QueueRead) -> dict[str, object] | None:
    """The row of a document, but for its time; `None` of what is no text that can be written."""
    if (text := read.text) is None:
        return None
    reference = reference_columns(read.document.ref)
    return {"run_key": run_key, **reference, "entry_fingerprint": read.entry_fingerprint, "body": text}


def _keeping(rows: Sequence[dict[str, object]], age: dt.timedelta) -> Insert:
    given = as_rows(queue_reads, rows).add_columns(NOW - sa.literal(age))
    statement = insert(queue_reads).from_select([*rows[0], "read_at"], given)
    news = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(queue_reads.primary_key),
        set_={name: news[name] for name in ("entry_fingerprint", "body", "read_at")},
    )


def _delete_old(connection: sa.Connection) -> None:
    connection.execute(_deleting_old())


def _deleting_old(*conditions: sa.ColumnElement[bool]) -> sa.Delete:
    """Delete what is too old, but for what another task is just deleting: nobody waits for anybody."""
    old = sa.select(*queue_reads.primary_key).where(_IS_OLD, *conditions).with_for_update(skip_locked=True)
    return sa.delete(queue_reads).where(sa.tuple_(*queue_reads.primary_key).in_(old))


def _taking() -> ReturningDelete[Any]:
    """Deletes the read of one document, returns it, and deletes what is too old."""
    is_mine = (queue_reads.c.run_key == sa.bindparam("of_run"), *is_given_document(queue_reads))
    # No statement may delete a row twice, so the old ones are all others.
    others = _deleting_old(~sa.and_(*is_mine)).cte("others")
    return sa.delete(queue_reads).where(*is_mine).returning(queue_reads, _AGE).add_cte(others)


_TAKING = _taking()
