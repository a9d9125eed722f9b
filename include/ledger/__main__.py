"""`python -m include.ledger`: look into the ledger.

Exit codes: 0 done, 1 not found, 2 the ledger or the command cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from include.errors import LedgerError
from include.ledger.account import account, as_json, line
from include.ledger.address import ledger_url
from include.ledger.ledger import Ledger
from include.ledger.states import DocumentState

if TYPE_CHECKING:
    from collections.abc import Sequence

FOUND, NOT_FOUND, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        ledger = Ledger.connect(ledger_url(options.url))
        try:
            return int(options.command(ledger, options))
        finally:
            ledger.close()
    except LedgerError as error:
        print(error, file=sys.stderr)
        return UNUSABLE


def show(ledger: Ledger, options: argparse.Namespace) -> int:
    """Print all that is known of one document."""
    rows = ledger.find(options.document)
    if not rows:
        print(
            f"The ledger knows no document {options.document}; give its number, its id in the source, "
            "or its reference such as qondor:qondor_default:12345",
            file=sys.stderr,
        )
        return NOT_FOUND
    if options.json:
        print(json.dumps([as_json(row) for row in rows], ensure_ascii=False, indent=2))
        return FOUND
    print("\n\n".join(account(row, ledger.steps(row), ledger.history(row)) for row in rows))
    return FOUND


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.ledger", description="Look into the ledger.")
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

    forgetting = commands.add_parser("forget-token", help="drop a stored token that can no longer be used")
    forgetting.add_argument("name", help="such as xero:xero_default")
    forgetting.set_defaults(command=forget_token)
    return parser


if __name__ == "__main__":
    sys.exit(main())
