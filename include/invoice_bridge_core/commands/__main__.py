"""`python -m invoice_bridge_core.commands`: look into the ledger, and resolve what is in doubt.

Exit codes: 0 done, 1 not found or refused with a reason, 2 the ledger or the command cannot be used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

from invoice_bridge_core.commands.address import VARIABLE, join_local_run, ledger_url
from invoice_bridge_core.commands.describe import as_json, describe, line
from invoice_bridge_core.commands.resolve import add_resolve, resolve
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import ConfigurationError, LedgerError, NotResolvedError
from invoice_bridge_core.ledger.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoice_bridge_core.ledger.documents.row import DocumentRow

FOUND, NOT_FOUND, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.url is None and VARIABLE not in os.environ:
            join_local_run()
        ledger = Ledger.connect(ledger_url(options.url))
        try:
            return int(options.command(ledger, options))
        finally:
            ledger.close()
    except NotResolvedError as error:
        print(error, file=sys.stderr)
        return NOT_FOUND
    except (LedgerError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE


def show(ledger: Ledger, options: argparse.Namespace) -> int:
    """Print all that is known of one document."""
    rows = _named(ledger, options.document)
    if not rows:
        return NOT_FOUND
    if options.json:
        told = [as_json(row, ledger.payments.status(row.ref)) for row in rows]
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return FOUND
    print("\n\n".join(_described(ledger, row) for row in rows))
    return FOUND


def resolve_document(ledger: Ledger, options: argparse.Namespace) -> int:
    """Note what a person says became of a document in doubt."""
    rows = _named(ledger, options.document)
    if len(rows) == 1:
        print(resolve(ledger, rows[0], options))
        return FOUND
    if rows:
        print(f"{options.document} names several documents; give one of these references:", file=sys.stderr)
        print("\n".join(line(row) for row in rows), file=sys.stderr)
    return NOT_FOUND


def list_documents(ledger: Ledger, options: argparse.Namespace) -> int:
    """Print the documents in a state, one per line."""
    states = [DocumentState(state) for state in options.state] if options.state else None
    rows = ledger.outcomes(options.route, states)
    if options.json:
        print(json.dumps([as_json(row) for row in rows], ensure_ascii=False, indent=2))
        return FOUND
    print("\n".join(line(row) for row in rows) or "The ledger knows no such documents.")
    return FOUND


def forget_token(ledger: Ledger, options: argparse.Namespace) -> int:
    """Drop a stored token."""
    if ledger.forget_token(options.name):
        print(f"The token {options.name} is forgotten; the next task asks for a new one.")
        return FOUND
    print(f"The ledger keeps no token {options.name}", file=sys.stderr)
    return NOT_FOUND


def reopen(ledger: Ledger, options: argparse.Namespace) -> int:
    """Let the next run call a connection again, whatever its system said."""
    if ledger.connections.reopen(options.connection):
        print(f"The next run calls connection {options.connection} again.")
        return FOUND
    print(f"Connection {options.connection} is neither closed nor refused", file=sys.stderr)
    return NOT_FOUND


def _described(ledger: Ledger, row: DocumentRow) -> str:
    return describe(row, ledger.steps(row), ledger.history(row), ledger.payments.status(row.ref))


def _named(ledger: Ledger, name: str) -> list[DocumentRow]:
    rows = ledger.find(name)
    if not rows:
        print(
            f"The ledger knows no document {name}; give its number, its id in the source, "
            "or its reference such as qondor:qondor_default:12345",
            file=sys.stderr,
        )
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m invoice_bridge_core.commands", description="Look into the ledger, and resolve what is in doubt."
    )
    parser.add_argument("--url", help="address of the ledger's PostgreSQL database; Airflow's connection by default")
    commands = parser.add_subparsers(required=True, metavar="command")

    showing = commands.add_parser("show", help="all that is known of one document")
    showing.add_argument("document", help="number, id in the source, or reference such as qondor:qondor_default:12345")
    showing.add_argument("--json", action="store_true", help="for programs")
    showing.set_defaults(command=show)

    listing = commands.add_parser("list", help="the documents in a state")
    listing.add_argument("--state", action="append", choices=[str(state) for state in DocumentState])
    listing.add_argument("--route", help="only documents that this route dealt with last")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(command=list_documents)

    add_resolve(commands).set_defaults(command=resolve_document)

    forgetting = commands.add_parser("forget-token", help="drop a stored token that can no longer be used")
    forgetting.add_argument("name", help="such as xero:xero_default")
    forgetting.set_defaults(command=forget_token)

    reopening = commands.add_parser("reopen", help="call a connection again before the time that its system gave")
    reopening.add_argument("connection", help="such as xero_default")
    reopening.set_defaults(command=reopen)
    return parser


if __name__ == "__main__":
    sys.exit(main())
