"""A ledger's database that is nowhere: SQLAlchemy does with a statement all that it does, but nothing is sent.

What was asked for is found once, made up from the columns of the answer.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import registry

from invoice_bridge_core.documents.states import StepState
from invoice_bridge_core.ledger.database.database import Database
from invoice_bridge_core.ledger.database.dialect import LedgerDialect
from invoice_bridge_core.ledger.database.tables import documents, steps

if TYPE_CHECKING:
    from collections.abc import Callable

_VALUES: dict[type, Any] = {
    str: "1",
    bool: False,
    int: 1,
    Decimal: Decimal(1),
    dict: {},
    list: [],
    dt.datetime: dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    dt.date: dt.date(2024, 1, 1),
    dt.timedelta: dt.timedelta(days=1),
}


class Nowhere(Database):
    """A database for which nothing is opened and nothing is written.

    `holds`: what is found in columns of the table of documents.
    """

    def __init__(self) -> None:
        super().__init__("postgresql://nowhere/nowhere", creator=_Connection, driver=_DIALECT)
        self.holds: dict[str, Any] = {}
        self._engine.dialect.answer = self._answer  # type: ignore[attr-defined]

    def _answer(self, compiled: Any) -> list[_Column]:
        entries = getattr(compiled, "_result_columns", ())
        return [
            _Column(
                entry.keyname,
                _NUMERIC if isinstance(entry.type, sa.Numeric) else None,
                self._value(entry.objects, entry.type),
            )
            for entry in entries
        ]

    def _value(self, objects: tuple[Any, ...], kind: sa.types.TypeEngine[Any]) -> Any:
        column = next((one for one in objects if isinstance(one, sa.Column)), None)
        if column is not None and column.table is documents and column.name in self.holds:
            return self.holds[column.name]
        if column is steps.c.state:
            return StepState.REFUSED
        if column is not None and column.nullable:
            return None
        return next((value for one, value in _VALUES.items() if issubclass(_python_type(kind), one)), None)


def _python_type(kind: sa.types.TypeEngine[Any]) -> type:
    """What Python has for the type; a text where SQLAlchemy does not say: any value does, since nothing is sent."""
    try:
        return kind.python_type
    except NotImplementedError:
        return str


class _NowhereDialect(LedgerDialect):
    """All that is done with a statement but sending it."""

    supports_statement_cache = True
    answer: Callable[[Any], list[_Column]]

    def on_connect(self) -> None:
        """There is nothing to tell the connection."""

    def initialize(self, connection: sa.Connection) -> None:
        """There is nothing to ask the server."""

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Answer one row."""
        cursor.take(self.answer(context.compiled))

    do_executemany = do_execute


_DIALECT = "postgresql+invoice_bridge_nowhere"
registry.register(_DIALECT.replace("+", "."), __name__, _NowhereDialect.__name__)


class _Connection:
    """A connection of the driver's, as far as SQLAlchemy looks at one."""

    autocommit = False
    closed = 0
    notices: tuple[str, ...] = ()

    def cursor(self, *_: Any) -> _Cursor:
        """For one statement."""
        return _Cursor(self)

    def commit(self) -> None:
        """There is nothing to keep."""

    rollback = close = commit


class _Column(NamedTuple):
    """One column of an answer.

    :param code: PostgreSQL's of its type, where SQLAlchemy asks for it.
    """

    name: str
    code: int | None
    value: Any


_NUMERIC = 1700


class _Cursor:
    """A cursor of the driver's, with one row."""

    rowcount = 1
    description: list[tuple[Any, ...]] | None = None

    def __init__(self, connection: _Connection) -> None:
        self.connection = connection
        self._rows: list[tuple[Any, ...]] = []

    def take(self, answer: list[_Column]) -> None:
        """The row; no statement without columns has one."""
        self.description = [(one.name, one.code, None, None, None, None, None) for one in answer] or None
        self._rows = [tuple(one.value for one in answer)] if answer else []

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The row, if it was not fetched yet."""
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, _: int = 1) -> list[tuple[Any, ...]]:
        """The same."""
        return self.fetchall()

    def fetchone(self) -> tuple[Any, ...] | None:
        """The same."""
        return next(iter(self.fetchall()), None)

    def close(self) -> None:
        """There is nothing to close."""
