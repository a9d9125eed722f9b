"""Documents of the ledger by what a person types: a number, a state, a route."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.describe import as_json as row_as_json
from invoice_bridge_core.commands.describe import describe, line
from invoice_bridge_core.documents.source_link import source_link
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import UnknownNameError
from invoice_bridge_core.routes.loader import load_routes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from invoice_bridge_core.ledger import DocumentRow, Ledger


class SourceLinks:
    """Where people see documents in their sources, as the routes that dealt with them say today."""

    def __init__(self) -> None:
        self._templates = {each.route: each.source.document_link for each in load_routes().routes}

    def of(self, row: DocumentRow) -> str | None:
        """The document's own link; `None` where its route has none, or is gone."""
        return source_link(self._templates.get(row.route or ""), row.facts)


@dataclass(frozen=True)
class Found:
    """Some of the documents that were asked for, handed on one by one: a list of all of them takes little memory.

    :param total: how many there are in all.
    :param limit: this many of them are here at most.
    """

    rows: Iterable[DocumentRow]
    total: int
    limit: int
    links: SourceLinks = field(default_factory=lambda: SourceLinks())

    @property
    def count(self) -> str:
        """How many of them are here, in words."""
        documents = "document" if self.total == 1 else "documents"
        if self.total <= self.limit:
            return f"{self.total} {documents}"
        return f"{self.limit} of {self.total} {documents}"

    def as_text(self) -> Iterator[str]:
        """One line for each document, and a last one with the count."""
        if not self.total:
            yield "The ledger has no such documents."
            return
        for row in self.rows:
            yield line(row, self.links.of(row))
        yield self.count

    def as_json(self) -> Iterator[str]:
        """A JSON array, in pieces that begin and end with a line."""
        last = None
        for row in self.rows:
            if last is not None:
                yield f"{last},"
            text = indent(_json(row_as_json(row, source_link=self.links.of(row))), "  ")
            last = f"[\n{text}" if last is None else text
        yield "[]" if last is None else f"{last}\n]"


def show(ledger: Ledger, name: str, *, as_json: bool = False) -> str:
    """Everything that is known about the documents of this name.

    :raises UnknownNameError: there is none.
    """
    rows = _named(ledger, name)
    links = SourceLinks()
    if as_json:
        return _json([row_as_json(row, ledger.payments.status(row.ref), links.of(row)) for row in rows])
    return "\n\n".join(
        describe(row, ledger.steps(row), ledger.history(row), ledger.payments.status(row.ref), links.of(row))
        for row in rows
    )


@contextmanager
def find(ledger: Ledger, *, states: Sequence[str] = (), route: str | None = None, limit: int) -> Iterator[Found]:
    """The documents in these states, of the route that dealt with them last; those that changed longest ago first.

    They are read while the block lasts.

    :param states: as a person types them; none means every state.
    :raises UnknownNameError: there is no such state or route.
    """
    wanted = [_state(text) for text in states] or None
    if route is not None:
        refuse_unknown_route(ledger, route)
    total = ledger.count(route, wanted)
    with ledger.listed(route, wanted, limit) as rows:
        yield Found(rows, total, limit)


def one_named(ledger: Ledger, name: str) -> DocumentRow:
    """The one document of this name.

    :raises UnknownNameError: there is none, or there are several.
    """
    rows = _named(ledger, name)
    if len(rows) == 1:
        return rows[0]
    several = "\n".join(line(row) for row in rows)
    raise UnknownNameError(f"{name} names several documents; give one of these references:\n{several}")


def _named(ledger: Ledger, name: str) -> list[DocumentRow]:
    rows = ledger.find(name)
    if not rows:
        raise UnknownNameError(
            f"The ledger has no document {name}; give its number, its id in the source, "
            "or its reference such as qondor:qondor_default:12345"
        )
    return rows


def _state(text: str) -> DocumentState:
    words = " ".join(re.split(r"[\s_-]+", text.strip().lower()))
    try:
        return DocumentState(words)
    except ValueError:
        known = ", ".join(state.replace(" ", "-") for state in DocumentState)
        raise UnknownNameError(f"There is no state {text!r}; the states are {known}") from None


def refuse_unknown_route(ledger: Ledger, route: str) -> None:
    """Do nothing where the route is known.

    :raises UnknownNameError: no file and no document of the ledger names it.
    """
    # A route that was deleted, or whose file is wrong now, may still have documents.
    known = {each.route for each in load_routes().routes} | set(ledger.routes())
    if route not in known:
        names = ", ".join(sorted(known)) or "none"
        raise UnknownNameError(f"There is no route {route!r}; the known routes are {names}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
