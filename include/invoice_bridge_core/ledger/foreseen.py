"""What the tasks of one dry run foresee of their documents, for the tasks that come after them.

It is kept beside what a run reads once, under the dry run's key, and forgotten with that. What the ledger notes of a
document meanwhile is newer than what was foreseen.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import INSTANT, NOW, documents, reference_data
from invoice_bridge_core.ledger.documents.rejections import ForeseenEnd
from invoice_bridge_core.ledger.documents.row import DocumentRow, reference_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger.database.database import Database

_DAY = dt.timedelta(hours=24)


@dataclass(frozen=True)
class ForeseenContact:
    """The contact that would be chosen for a customer.

    :param over: when the choice that it replaces was noted; `None` where there is none.
    """

    contact_id: str
    fingerprint: str
    name: str
    over: str | None


@dataclass
class Foreseen:
    """What one document would have come to.

    :param record: its row of the table `documents`, as it would be.
    :param over: when the row that it replaces was changed last; `None` where there is none.
    """

    record: Mapping[str, Any]
    over: str | None
    is_let_through: bool = False
    is_kept: bool = False
    is_ended: bool = False
    contacts: dict[str, ForeseenContact] = field(default_factory=dict)

    @property
    def row(self) -> DocumentRow:
        """The document's row, as it would be."""
        return DocumentRow.from_record(cast("sa.RowMapping", self.record))

    @property
    def end(self) -> ForeseenEnd:
        """The same, as rejections are counted."""
        row = self.row
        told = row.state in (DocumentState.TRANSFERRED, DocumentState.REJECTED) and _is_recent(row.reported_at)
        left = row.state in (DocumentState.HELD, DocumentState.IN_DOUBT) and _is_recent(row.announced_at)
        return ForeseenEnd(
            document_id=row.id,
            is_booked=row.booking is not None,
            is_let_through=self.is_let_through,
            is_handled=self.is_ended and (told or left) and not self.is_kept,
        )


class ForeseenDocuments:
    """The documents of one dry run of a route.

    :param run_key: names the dry run, and how often it was cleared.
    """

    def __init__(self, database: Database, route: str, run_key: str) -> None:
        self._database = database
        self._prefix = f"foreseen by {route}: "
        self._run_key = run_key

    def note(self, ref: DocumentRef, foreseen: Foreseen) -> None:
        """Keep what is foreseen of a document, in the place of what was."""
        body = {
            "record": {name: value for name, value in foreseen.record.items() if value is not None},
            "over": foreseen.over,
            "is_let_through": foreseen.is_let_through,
            "is_kept": foreseen.is_kept,
            "is_ended": foreseen.is_ended,
            "contacts": {key: vars(contact) for key, contact in foreseen.contacts.items()},
        }
        values = {"body": json.loads(json.dumps(body, default=_as_text)), "read_at": NOW}
        statement = insert(reference_data).values(
            finance_conn=f"{self._prefix}{ref}", run_key=self._run_key, fingerprint="", **values
        )
        with self._database.transaction() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["finance_conn", "run_key"], set_=values))

    def others_than(self, ref: DocumentRef) -> list[Foreseen]:
        """What is foreseen of the other documents and still holds, in the order in which it was noted."""
        mine = reference_columns(ref)
        kept = (
            sa.select(reference_data.c.body)
            .where(
                reference_data.c.finance_conn.startswith(self._prefix, autoescape=True),
                reference_data.c.finance_conn != f"{self._prefix}{ref}",
                reference_data.c.run_key == self._run_key,
            )
            .order_by(reference_data.c.read_at)
        )
        with self._database.transaction() as connection:
            noted = [_read(body) for body in connection.scalars(kept)]
            changed = {
                record["source_id"]: str(record["updated_at"])
                for record in connection.execute(
                    sa.select(documents.c.source_id, documents.c.updated_at).where(
                        documents.c.source_system == mine["source_system"],
                        documents.c.source_conn == mine["source_conn"],
                        documents.c.source_id.in_([each.record["source_id"] for each in noted]),
                    )
                ).mappings()
            }
        return [each for each in noted if changed.get(each.record["source_id"]) == each.over]


def _read(body: Mapping[str, Any]) -> Foreseen:
    record = {column.name: _value(column, body["record"].get(column.name)) for column in documents.c}
    contacts = {key: ForeseenContact(**contact) for key, contact in body["contacts"].items()}
    return Foreseen(**{**body, "record": record, "contacts": contacts})


def _value(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    readers: dict[type, Callable[[Any], Any]] = {
        type(INSTANT): dt.datetime.fromisoformat,
        sa.Date: dt.date.fromisoformat,
        sa.Numeric: Decimal,
    }
    return readers.get(type(column.type), lambda plain: plain)(value)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _is_recent(moment: dt.datetime | None) -> bool:
    return moment is not None and moment > dt.datetime.now(dt.UTC) - _DAY
