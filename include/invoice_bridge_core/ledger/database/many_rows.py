"""Many rows in one statement. The driver sends a list of rows one by one; arrays go in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Value = TypeVar("Value")

AT_ONCE = 1000
"""Rows of one statement: a few hundred kilobytes."""


def portions(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Rows, or what names them, in pieces that one statement takes."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def as_rows(table: sa.Table, values: Sequence[Mapping[str, Any]]) -> sa.Select[Any]:
    """The values as a query whose columns have the names and types of the table's; all have the same names.

    A value that is JSON has to be given as its text.
    """
    names = list(values[0])
    arrays = [
        sa.cast(
            sa.literal([value[name] for value in values], ARRAY(_sent_as(table.c[name]))), ARRAY(table.c[name].type)
        )
        for name in names
    ]
    given = sa.func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    return sa.select(*(given.c[name] for name in names))


def _sent_as(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    return sa.Text() if isinstance(column.type, sa.JSON) else column.type
