"""State of the sandbox: tables of JSON rows in memory, written through to SQLite when a state folder is given.

Rows are replaced, never changed in place: that makes a roll back cheap and lets a test keep a row it has read.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox.exact_json import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
    system TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (system, kind, key)
) WITHOUT ROWID
"""
_UPSERT = """
INSERT INTO entity (system, kind, key, position, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (system, kind, key) DO UPDATE SET body = excluded.body
"""


class Store:
    """All tables of one sandbox and the file behind them."""

    def __init__(self, folder: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._changed: dict[tuple[str, str, str], tuple[int, Row | None]] = {}
        self._journal: list[tuple[Table, str, Row | None]] | None = None
        self._file: sqlite3.Connection | None = None
        self._position = 0
        self.tables: list[Table] = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._open(folder / "sandbox.sqlite3")

    def _open(self, path: Path) -> None:
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing with this setting, only a power cut could.
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute(_SCHEMA)
        self._position = self._file.execute("SELECT coalesce(max(position), 0) FROM entity").fetchone()[0]

    def load(self, system: str, kind: str) -> Iterator[tuple[str, Row]]:
        """The stored rows of one table in the order in which they were first put."""
        if self._file is None:
            return
        query = "SELECT key, body FROM entity WHERE system = ? AND kind = ? ORDER BY position"
        for key, body in self._file.execute(query, (system, kind)):
            yield key, read_json(body)

    def note(self, table: Table, key: str, old: Row | None, new: Row | None) -> None:
        """Remember one change, for the file and for a roll back."""
        with self.lock:
            if self._journal is not None:
                self._journal.append((table, key, old))
            if self._file is not None:
                self._position += 1
                self._changed[table.system, table.kind, key] = (self._position, new)

    def flush(self) -> None:
        """Write every change since the last flush to the file, in one transaction."""
        if self._file is None:
            return
        with self.lock:
            changed, self._changed = self._changed, {}
            if not changed:
                return
            self._file.execute("BEGIN")
            for (system, kind, key), (position, row) in changed.items():
                if row is None:
                    self._file.execute(
                        "DELETE FROM entity WHERE system = ? AND kind = ? AND key = ?", (system, kind, key)
                    )
                else:
                    self._file.execute(_UPSERT, (system, kind, key, position, write_json(row)))
            self._file.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """All changes inside the block, or none of them when it raises; attempts may nest."""
        with self.lock:
            outermost = self._journal is None
            journal = self._journal = [] if self._journal is None else self._journal
            mark = len(journal)
            try:
                yield
            except BaseException:
                undone, journal[mark:] = journal[mark:], []
                self._journal = None
                for table, key, old in reversed(undone):
                    table.restore(key, old)
                self._journal = None if outermost else journal
                raise
            finally:
                if outermost:
                    self._journal = None

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None


class Table(Mapping[str, Row]):
    """Rows of one kind by their key, with look-ups by declared secondary keys (compared without case)."""

    def __init__(
        self,
        store: Store,
        system: str,
        kind: str,
        key: str,
        lookups: Mapping[str, Callable[[Row], object]] | None = None,
    ) -> None:
        self.system, self.kind, self.key = system, kind, key
        self._store = store
        self._rows: dict[str, Row] = {}
        self._lookups = dict(lookups or {})
        self._found: dict[str, dict[str, dict[str, None]]] = {name: {} for name in self._lookups}
        store.tables.append(self)
        for stored_key, row in store.load(system, kind):
            self._set(stored_key, row)

    def __getitem__(self, key: object) -> Row:
        return self._rows[str(key)]

    def __contains__(self, key: object) -> bool:
        return str(key) in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self) -> list[Row]:
        """A snapshot of all rows in the order in which they were first put."""
        return list(self._rows.values())

    def put(self, row: Row) -> Row:
        """Add or replace a row under its key."""
        with self._store.lock:
            key = str(row[self.key])
            self._store.note(self, key, self._rows.get(key), row)
            self._set(key, row)
        return row

    def change(self, key: object, **values: Any) -> Row:
        """Replace some values of an existing row."""
        return self.put({**self[key], **values})

    def remove(self, key: object) -> None:
        """Take a row away; a missing one is no error."""
        with self._store.lock:
            if key in self:
                self._store.note(self, str(key), self[key], None)
                self._unset(str(key))

    def clear(self) -> None:
        """Take all rows away."""
        for key in self:
            self.remove(key)

    def find(self, lookup: str, value: object) -> list[Row]:
        """All rows whose secondary key equals the value, oldest first."""
        return [self._rows[key] for key in list(self._found[lookup].get(_folded(value), ()))]

    def restore(self, key: str, row: Row | None) -> None:
        """Put back what a roll back found."""
        with self._store.lock:
            self._store.note(self, key, None, row)
            if row is None:
                self._unset(key)
            else:
                self._set(key, row)

    def _set(self, key: str, row: Row) -> None:
        old = self._rows.get(key)
        for name, secondary in self._lookups.items():
            found = self._found[name]
            before, after = (None if old is None else secondary(old)), secondary(row)
            if old is not None and before != after:
                found.get(_folded(before), {}).pop(key, None)
            if after is not None:
                found.setdefault(_folded(after), {})[key] = None
        self._rows[key] = row

    def _unset(self, key: str) -> None:
        old = self._rows.pop(key)
        for name, secondary in self._lookups.items():
            self._found[name].get(_folded(secondary(old)), {}).pop(key, None)


def _folded(value: object) -> str:
    return str(value).casefold()
