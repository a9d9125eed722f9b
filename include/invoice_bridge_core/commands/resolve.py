"""`python -m invoice_bridge_core.commands resolve`: a person says what became of a document in doubt."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from invoice_bridge_core.errors import ConfigurationError, NotResolvedError

if TYPE_CHECKING:
    import argparse

    from invoice_bridge_core.ledger.documents.row import DocumentRow
    from invoice_bridge_core.ledger.ledger import Ledger
    from invoice_bridge_core.routes.model import Route

LONGEST_NAME = 80


def add_resolve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command; returns its parser."""
    parser = commands.add_parser(
        "resolve",
        help="say what became of a document in doubt",
        description="Say what became of a document in doubt, after a look into the finance system, which is asked too. "
        "The next run finishes it.",
    )
    parser.add_argument("document", help="number, id in the source, or reference such as qondor:qondor_default:12345")
    said = parser.add_mutually_exclusive_group(required=True)
    said.add_argument("--booked-as", metavar="NUMBER_OR_ID", help="it is booked as this in the finance system")
    said.add_argument("--not-booked", action="store_true", help="it is not there, and is to be booked anew")
    parser.add_argument(
        "--despite-missing-mark",
        action="store_true",
        help="it is the document's booking although it does not carry our mark: somebody booked it by hand",
    )
    parser.add_argument(
        "--i-looked", action="store_true", help="you looked yourself, where the finance system cannot be asked"
    )
    parser.add_argument("--by", metavar="NAME", help="who says so; your login name by default")
    return parser


def resolve(ledger: Ledger, row: DocumentRow, options: argparse.Namespace) -> str:
    """Carry out the command for one document; returns what was done.

    :raises NotResolvedError: what is said is not so, or cannot be checked; nothing was changed.
    :raises ConfigurationError: its route, or the package that knows its finance system, is not here.
    """
    from invoice_bridge_core.commands.installed import open_finance
    from invoice_bridge_core.transfer.resolution import Resolution, refuse_unless_open

    by = _name(options.by)
    if options.not_booked and options.despite_missing_mark:
        raise NotResolvedError("--despite-missing-mark goes with --booked-as only")
    if options.booked_as is not None and not options.booked_as.strip():
        raise NotResolvedError("--booked-as needs a number or an id of the finance system")
    refuse_unless_open(row)
    route = _route(row)
    resolution = Resolution(route=route, finance=open_finance(route, ledger), ledger=ledger, by=by)
    if options.not_booked:
        return resolution.not_booked(row, i_looked=options.i_looked)
    return resolution.booked_as(
        row,
        options.booked_as.strip(),
        despite_missing_mark=options.despite_missing_mark,
        i_looked=options.i_looked,
    )


def _name(given: str | None) -> str:
    """Who says so, in one line."""
    try:
        name = given if given is not None else getpass.getuser()
    except (KeyError, OSError):
        name = ""
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise NotResolvedError(f"Who says so? Give a name of at most {LONGEST_NAME} letters with --by NAME")
    return name


def _route(row: DocumentRow) -> Route:
    from invoice_bridge_core.routes.loader import load_route, routes_folder

    route = load_route(row.route) if row.route else None
    if route is None:
        raise ConfigurationError(
            f"{row.label} was sent by the route {row.route}, which is not among the enabled routes of {routes_folder()}"
        )
    return route
