"""A person says what became of a document in doubt."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.documents import one_named
from invoice_bridge_core.errors import ConfigurationError, NotResolvedError
from invoice_bridge_core.routes.loader import load_route, routes_folder
from invoice_bridge_core.transfer.resolution import Resolution, refuse_unless_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import FinanceSystem
    from invoice_bridge_core.routes.model import Route

LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person says of a document: it is booked under a number or id, or it is not booked.

    :param despite_missing_mark: it is the document's booking although it does not carry our mark.
    :param i_looked: they looked themselves, because the finance system cannot be asked.
    :param by: who says so; the login name when it is `None`.
    """

    booked_as: str | None = None
    not_booked: bool = False
    despite_missing_mark: bool = False
    i_looked: bool = False
    by: str | None = None


def resolve(ledger: Ledger, name: str, said: Said, *, open_finance: Callable[[Route, Ledger], FinanceSystem]) -> str:
    """Check what is said in the finance system and note it; returns what was done.

    :raises UnknownNameError: no document has this name, or several have.
    :raises NotResolvedError: what is said is not so, or cannot be checked; nothing was changed.
    :raises ConfigurationError: the document's route is not enabled, or its connection is wrong.
    """
    by = person(said.by)
    booked_as = _number_or_id(said)
    row = one_named(ledger, name)
    refuse_unless_open(row)
    route = _route(row)
    resolution = Resolution(route=route, finance=open_finance(route, ledger), ledger=ledger, by=by)
    if booked_as is None:
        return resolution.not_booked(row, i_looked=said.i_looked)
    return resolution.booked_as(row, booked_as, despite_missing_mark=said.despite_missing_mark, i_looked=said.i_looked)


def _number_or_id(said: Said) -> str | None:
    if said.not_booked and said.despite_missing_mark:
        raise NotResolvedError("--despite-missing-mark goes with --booked-as only")
    if said.booked_as is None:
        return None
    if not said.booked_as.strip():
        raise NotResolvedError("--booked-as needs a number or an id of the finance system")
    return said.booked_as.strip()


def person(given: str | None) -> str:
    """Who says so, in one line; the login name when none is given.

    :raises NotResolvedError: there is none, or it is no name.
    """
    try:
        name = given if given is not None else getpass.getuser()
    except (KeyError, OSError):
        name = ""
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise NotResolvedError(f"Who says so? Give a name of at most {LONGEST_NAME} letters with --by NAME")
    return name


def _route(row: DocumentRow) -> Route:
    route = load_route(row.route) if row.route else None
    if route is None:
        raise ConfigurationError(
            f"{row.label} was sent by the route {row.route}, which is not among the enabled routes of {routes_folder()}"
        )
    return route
