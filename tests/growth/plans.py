"""Which statements a use of the ledger makes, and how PostgreSQL means to carry them out."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger import Ledger

GROWING = frozenset({"documents", "history", "steps", "payment_statuses", "finance_lines", "sales"})
"""The tables that grow with every document that comes to its end."""

_PLANNED = ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")
_READS_ROWS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"}


@dataclass(frozen=True)
class WholeRead:
    """A part of a plan that reads all that a table, or an index of everything in it, holds.

    :param how: the kind of the scan, and the index.
    """

    table: str
    how: str
    statement: str

    def __str__(self) -> str:
        return f"{self.how} of {self.table}: {' '.join(self.statement.split())}"


@contextmanager
def made() -> Iterator[list[str]]:
    """All statements of the block, each as often as it is made."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@contextmanager
def noted() -> Iterator[dict[str, Any]]:
    """The statements that are made in the block, each with the parameters of its first time."""
    statements: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(_PLANNED) and "invoice_bridge." in statement:
            statements.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def whole_reads(ledger: Ledger, statements: dict[str, Any]) -> list[WholeRead]:
    """What of these statements' plans reads a growing table from end to end."""
    found = []
    with ledger.transaction() as connection:
        whole_indexes = _indexes_of_everything(connection)
        for statement, parameters in statements.items():
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            content = json.loads(plan) if isinstance(plan, str) else plan
            found += [
                WholeRead(whole_indexes.get(index or "", table), f"{kind} {index or ''}".strip(), statement)
                for kind, table, index in _whole(content[0]["Plan"], whole_indexes, is_limited=False)
            ]
    return found


def long_reads(ledger: Ledger, statements: dict[str, Any], most: int) -> list[WholeRead]:
    """What of these queries reads more than so many rows of a growing table, when it is really carried out.

    A plan that ends early where it finds something reads all where there is nothing to be found.
    """
    found = []
    with ledger.transaction() as connection:
        for statement, parameters in statements.items():
            if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            plan = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters
            ).scalar_one()
            content = json.loads(plan) if isinstance(plan, str) else plan
            found += [WholeRead(table, how, statement) for table, how in _long(content[0]["Plan"], most)]
    return found


def _long(plan: dict[str, Any], most: int) -> Iterator[tuple[str, str]]:
    passed = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    read = passed * plan["Actual Loops"]
    # A summary of stretches hands out whole stretches, which are of the same size whatever the table's is.
    if plan.get("Relation Name") in GROWING and plan["Node Type"] != "Bitmap Heap Scan" and read > most:
        yield plan["Relation Name"], f"{plan['Node Type']} of {read:.0f} rows"
    for inner in plan.get("Plans", ()):
        yield from _long(inner, most)


def _whole(
    plan: dict[str, Any], whole_indexes: dict[str, str], *, is_limited: bool
) -> Iterator[tuple[str, str, str | None]]:
    """The scans of a plan that have no condition that narrows what they read; a limit above ends them early."""
    kind, index = plan["Node Type"], plan.get("Index Name")
    table = plan.get("Relation Name", whole_indexes.get(index or "", ""))
    if kind == "Seq Scan" and table in GROWING:
        yield kind, table, None
    elif kind in _READS_ROWS and index in whole_indexes and "Index Cond" not in plan and not is_limited:
        yield kind, table, index
    ends_early = kind == "Limit" or (is_limited and kind in ("Nested Loop", "Result", "LockRows", "Subquery Scan"))
    for inner in plan.get("Plans", ()):
        yield from _whole(inner, whole_indexes, is_limited=ends_early)


def _indexes_of_everything(connection: sa.Connection) -> dict[str, str]:
    """The indexes of the growing tables that hold an entry of every row, each with its table."""
    query = sa.text(
        "SELECT index.relname, whole.relname FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid"
        " JOIN pg_class AS whole ON whole.oid = indrelid WHERE indpred IS NULL"
        " AND whole.relnamespace = 'invoice_bridge'::regnamespace AND whole.relname = ANY(:growing)"
    )
    return {index: table for index, table in connection.execute(query, {"growing": sorted(GROWING)})}


class ServerTime:
    """The processor time of the ledger's PostgreSQL, where it runs on this machine and the kernel tells."""

    def __init__(self, ledger: Ledger) -> None:
        with ledger.transaction() as connection:
            backend = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        self._server = _stat(Path(f"/proc/{backend}"))[1]

    def seconds(self) -> float:
        """What all its processes have used so far, those that have ended among them."""
        whole = _stat(Path(f"/proc/{self._server}"))
        # Of those that have ended, the server keeps the sums.
        ticks = sum(whole[11:15])
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                one = _stat(folder)
            except OSError:
                continue
            if one[1] == self._server:
                ticks += one[11] + one[12]
        return ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: Path) -> list[int]:
    """The numbers that the kernel keeps of a process, from its state on; the state itself is 0."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return [0, *(int(field) for field in fields[1:])]
