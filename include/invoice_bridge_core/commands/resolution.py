"""A person says what became of a document in doubt, of a report, or of a step that followed a booking."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.documents import one_named
from invoice_bridge_core.errors import ConfigurationError, NotResolvedError
from invoice_bridge_core.routes.loader import load_route, routes_folder
from invoice_bridge_core.transfer.resolution import Resolution, refuse_unless_open
from invoice_bridge_core.transfer.resolution_of_reports import ReportResolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from invoice_bridge_core.ledger import DocumentRow, Ledger
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.routes.model import Route

LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person says of a document: one of the first five.

    :param booked_as: it is booked under this number or id.
    :param not_booked: it is not booked, or not any more.
    :param told: its source was told of the booking, whoever did that.
    :param done: this step was carried out.
    :param not_done: this step was not carried out, and may be sent again.
    :param despite_missing_mark: it is the document's booking although it does not carry our mark.
    :param i_looked: they looked themselves, because the finance system cannot be asked.
    :param by: who says so; the login name when it is `None`.
    """

    booked_as: str | None = None
    not_booked: bool = False
    told: bool = False
    done: str | None = None
    not_done: str | None = None
    despite_missing_mark: bool = False
    i_looked: bool = False
    by: str | None = None


def resolve(
    ledger: Ledger,
    name: str,
    said: Said,
    *,
    open_finance: Callable[[Route, Ledger], FinanceSystem],
    open_source: Callable[[Route, Ledger], SourceSystem] | None = None,
) -> str:
    """Check what is said in the systems that it is about, and note it; returns what was done.

    :param open_source: needed for what is said of reports and steps.
    :raises UnknownNameError: no document has this name, or several have.
    :raises NotResolvedError: what is said is not so, or cannot be checked; nothing was changed.
    :raises ConfigurationError: the document's route is not enabled, or its connection is wrong.
    """
    by = person(said.by)
    booked_as = _number_or_id(said)
    row = one_named(ledger, name)
    if said.told or said.done or said.not_done:
        return _resolve_report(ledger, row, said, by, open_finance, open_source)
    refuse_unless_open(row)
    route = route_of(row)
    resolution = Resolution(route=route, finance=open_finance(route, ledger), ledger=ledger, by=by)
    if booked_as is None:
        return resolution.not_booked(row, i_looked=said.i_looked)
    return resolution.booked_as(row, booked_as, despite_missing_mark=said.despite_missing_mark, i_looked=said.i_looked)


def _resolve_report(
    ledger: Ledger,
    row: DocumentRow,
    said: Said,
    by: str,
    open_finance: Callable[[Route, Ledger], FinanceSystem],
    open_source: Callable[[Route, Ledger], SourceSystem] | None,
) -> str:
    if open_source is None:
        raise NotResolvedError("The source cannot be asked here")
    route = route_of(row)
    resolution = ReportResolution(
        route=route, source=open_source(route, ledger), finance=open_finance(route, ledger), ledger=ledger, by=by
    )
    if said.told:
        return resolution.told(row, i_looked=said.i_looked)
    step = (said.done or said.not_done or "").strip()
    return resolution.step(row, step, is_done=said.done is not None, i_looked=said.i_looked)


def _number_or_id(said: Said) -> str | None:
    if said.booked_as is None and said.despite_missing_mark:
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


def route_of(row: DocumentRow) -> Route:
    """The route that dealt with the document last.

    :raises ConfigurationError: it is not enabled.
    """
    route = load_route(row.route) if row.route else None
    if route is None:
        raise ConfigurationError(
            f"{row.label} was sent by the route {row.route}, which is not among the enabled routes of {routes_folder()}"
        )
    return route
