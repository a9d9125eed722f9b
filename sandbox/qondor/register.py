"""A register of Qondor's: rows under ids of its own, found by external reference, changed by either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.qondor.bodies import InvalidBodyError, known_values, require
from sandbox.store import Row, Store, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.qondor.bodies import Check


class UnknownEntryError(LookupError):
    """Nothing in the register has this id or external reference."""


class Register(Table):
    """One register. Nothing in it is unique but the id, so that whatever is inserted twice is there twice [assumed].

    A test puts rows in with `put` and reads them with `all` and `get`; an integration uses `insert` and `update`.
    """

    name: ClassVar[str]
    checks: ClassVar[Mapping[str, Check]]
    """The fields that writes may hold, and what each takes."""
    required: ClassVar[tuple[str, ...]]
    first_id: ClassVar[int]
    _highest = 0

    def __init__(self, store: Store, **lookups: Callable[[Row], object]) -> None:
        reference = {"externalReference": lambda row: row.get("externalReference")}
        super().__init__(store, "qondor", self.name, "id", {**reference, **lookups})
        self.keeps_missing = self.keeps_missing_at_first

    keeps_missing_at_first: ClassVar[bool] = True
    """Whether an update leaves alone what its body does not hold or holds as null; else that becomes null."""

    def put(self, row: Row | None = None, /, **fields: Any) -> Row:
        """Add or replace a row as it is; without an id it gets the next one, and fields that it lacks are null."""
        given = {**(row or {}), **fields}
        return super().put({"id": self._next_id(), **dict.fromkeys(self.checks), **given})

    def all(self) -> list[Row]:
        """Every row, in the order in which they came."""
        return self.rows()

    def clear(self) -> None:
        """Take all rows away, and count ids from the start."""
        super().clear()
        self._highest = 0
        self.keeps_missing = self.keeps_missing_at_first

    def by_reference(self, reference: object) -> Row:
        """The oldest row with an external reference.

        :raises UnknownEntryError: there is none.
        """
        found = self.find("externalReference", reference)
        if not found:
            raise UnknownEntryError(str(reference))
        return found[0]

    def by_id(self, key: object) -> Row:
        """The row with an id.

        :raises UnknownEntryError: there is none.
        """
        if key not in self:
            raise UnknownEntryError(str(key))
        return self[key]

    def insert(self, body: Any) -> Row:
        """A new row, whatever others there are.

        :raises InvalidBodyError: the body cannot be taken.
        """
        values = known_values(body, self.checks)
        require(values, *self.required)
        return self.put(self.completed(values))

    def update(self, body: Any) -> Row:
        """Change the row that the body names by its id, or else by its external reference.

        :raises InvalidBodyError: the body cannot be taken.
        :raises UnknownEntryError: there is no such row.
        """
        values = known_values(body, self.checks)
        row = self._named(body)
        if self.keeps_missing:
            values = {name: value for name, value in values.items() if value is not None}
        else:
            values = {**dict.fromkeys(name for name in self.checks if name not in self.set_once), **values}
        changed = {**row, **{name: value for name, value in values.items() if name not in self.set_once}}
        require(changed, *self.required)
        return self.put(self.completed(changed))

    set_once: ClassVar[frozenset[str]] = frozenset()
    """Fields that are told on insert alone."""

    def completed(self, row: Row) -> Row:
        """The row with what Qondor itself makes of its fields."""
        return row

    def _named(self, body: Row) -> Row:
        if body.get("id") is not None:
            return self.by_id(body["id"])
        if not str(body.get("externalReference") or "").strip():
            raise InvalidBodyError({"Id": ["Either Id or ExternalReference is required."]})
        return self.by_reference(body["externalReference"])

    def _next_id(self) -> int:
        return max(self._highest + 1, self.first_id)

    def _set(self, key: str, row: Row) -> None:
        super()._set(key, row)
        self._highest = max(self._highest, int(row["id"]))
