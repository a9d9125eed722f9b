"""Qondor's sales: what finance has sent to whom for a project (qondor.md, "Sales")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.qondor.bodies import InvalidBodyError, amount, day, flag, letters, text, whole
from sandbox.qondor.register import Register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.qondor.bodies import Check
    from sandbox.store import Row, Store

_DAYS = ("date", "dueDate", "paidDate")


class Sales(Register):
    """The sales of all projects; an update holds the whole sale, and what it leaves out is empty [assumed]."""

    name = "sales"
    first_id = 50_001
    required = ("projectId", "date")
    keeps_missing_at_first = False
    checks: ClassVar[Mapping[str, Check]] = {
        "projectId": whole,
        "externalReference": text(255),
        "invoiceNumber": text(255),
        "description": text(4_000),
        "date": day,
        "dueDate": day,
        "currency": letters(3),
        "amountExclVat": amount,
        "amountInclVat": amount,
        "isPaid": flag,
        "paidDate": day,
    }

    def __init__(self, store: Store) -> None:
        super().__init__(store, projectId=lambda row: row.get("projectId"))
        self.closed_projects: set[int] = set()
        """Projects that take no sales: nobody knows them, or they are closed."""

    def clear(self) -> None:
        """Take all sales away; every project takes sales again."""
        super().clear()
        self.closed_projects.clear()

    def insert(self, body: Any) -> Row:
        """Another sale, even of a reference that there is [assumed].

        :raises InvalidBodyError: the body cannot be taken, or its project takes no sales.
        """
        self._refuse_closed(body)
        return super().insert(body)

    def update(self, body: Any) -> Row:
        """Change the sale of a reference.

        :raises InvalidBodyError: the body cannot be taken, or its project takes no sales.
        :raises UnknownEntryError: there is no such sale.
        """
        self._refuse_closed(body)
        return super().update(body)

    def of_project(self, project_id: object) -> list[Row]:
        """The sales of a project."""
        return self.find("projectId", project_id)

    def completed(self, row: Row) -> Row:
        """A sale whose days are days, and which is paid or not."""
        return {
            **row,
            **{name: str(row[name])[:10] for name in _DAYS if row.get(name)},
            "isPaid": bool(row.get("isPaid")),
        }

    def show(self, row: Row) -> Row:
        """A sale as an answer shows it: days are the midnights at which they begin."""
        return {**row, **{name: f"{row[name]}T00:00:00" for name in _DAYS if row.get(name)}}

    def _refuse_closed(self, body: Any) -> None:
        project = body.get("projectId") if isinstance(body, dict) else None
        if project in self.closed_projects:
            raise InvalidBodyError({"ProjectId": [f"There is no open project with the id {project}."]})
