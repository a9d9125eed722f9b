"""The statements that this process has compiled, for all ledgers that it opens and for the processes forked from it.

SQLAlchemy keeps them by engine. A task's process is forked for one document and opens an engine of its own, so it would
compile each statement anew. All engines are made alike, so statements differ only where servers do: in two things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.util import LRUCache

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Compiled

_AT_MOST = 1000


class CompiledStatements:
    """What SQLAlchemy takes for a cache: it asks with its dialect as the first part of each key."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Compiled] = LRUCache(_AT_MOST)

    def get(self, key: tuple[Any, ...]) -> Compiled | None:
        """The statement, if it was compiled before."""
        return self._kept.get(_of_any_engine(key))

    def __setitem__(self, key: tuple[Any, ...], compiled: Compiled) -> None:
        self._kept[_of_any_engine(key)] = compiled

    def __len__(self) -> int:
        return len(self._kept)


def _of_any_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect = key[0]
    return (dialect._supports_jsonb_subscripting, dialect._backslash_escapes, *key[1:])


COMPILED = CompiledStatements()
"""This process's."""
