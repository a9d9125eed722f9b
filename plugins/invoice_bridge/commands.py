"""`airflow invoice-bridge …`: each command opens the ledger by Airflow's connection and leaves the rest to the core.

Exit codes: 0 done; 1 not found, or refused with a reason; 2 the ledger or the command cannot be used. `preflight` ends
with 1 when something keeps documents from moving.
"""

from __future__ import annotations

import os
import sys
import uuid
from typing import TYPE_CHECKING

from airflow.cli.utils import redirect_stdout_log_handlers_to_stderr
from airflow.utils.cli import action_cli

from invoice_bridge.ledger_access import open_ledger, open_tokens
from invoice_bridge.systems.registry import open_finance, open_source
from invoice_bridge_core.commands import connections, documents, rejections, requeue, resolution
from invoice_bridge_core.commands import preflight as preflights
from invoice_bridge_core.errors import BridgeError, NotResolvedError, UnknownNameError
from invoice_bridge_core.transfer.run_memory import LedgerRunMemory

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from invoice_bridge_core.ledger import Ledger
    from invoice_bridge_core.ports import FinanceSystem, SourceSystem
    from invoice_bridge_core.routes.model import Route

    Command = Callable[[Namespace], None]

REFUSED, UNUSABLE = 1, 2

in_airflows_audit_log: Callable[[Command], Command] = action_cli(check_db=False)  # type: ignore[no-untyped-call]


def show(options: Namespace) -> None:
    """Print everything that is known about one document."""
    _answer(lambda ledger: documents.show(ledger, options.document, as_json=options.json))


def preflight(options: Namespace) -> None:
    """Print what keeps the documents of a route from moving; exit code 1 when something does."""
    keeps_any = False

    def command(ledger: Ledger) -> str:
        nonlocal keeps_any
        # Only this command needs the systems' packages and Airflow's own models.
        from invoice_bridge.dag_runs import transfer_runs
        from invoice_bridge.route_access import preflight_of

        text, keeps_any = preflights.preflight(
            options.route, lambda route: preflight_of(route, ledger), transfer_runs, as_json=options.json
        )
        return text

    _answer(command)
    if keeps_any:
        sys.exit(REFUSED)


def list_documents(options: Namespace) -> None:
    """Print documents, and how many there are in all; as JSON, the count goes to standard error."""

    def command(ledger: Ledger) -> Iterator[str]:
        with documents.find(ledger, states=options.state or (), route=options.route, limit=options.limit) as found:
            if options.json:
                print(found.count, file=sys.stderr)
            elif found.total > options.limit:
                print(f"There are more; --limit {found.total} lists them all", file=sys.stderr)
            yield from found.as_json() if options.json else found.as_text()

    _answer(command)


@in_airflows_audit_log
def resolve(options: Namespace) -> None:
    """Note what a person says became of a document, a report or a step."""
    said = resolution.Said(
        booked_as=options.booked_as,
        not_booked=options.not_booked,
        told=options.told,
        done=options.done,
        not_done=options.not_done,
        despite_missing_mark=options.despite_missing_mark,
        i_looked=options.i_looked,
        by=options.by,
    )
    _answer(
        lambda ledger: resolution.resolve(
            ledger, options.document, said, open_finance=_open_finance, open_source=_open_source
        )
    )


@in_airflows_audit_log
def requeue_document(options: Namespace) -> None:
    """Put a document back into its source's queue, where both systems allow it."""
    _answer(
        lambda ledger: requeue.requeue(
            ledger,
            options.document,
            options.reason,
            by=options.by,
            open_finance=_open_finance,
            open_source=_open_source,
        )
    )


@in_airflows_audit_log
def confirm_rejections(options: Namespace) -> None:
    """List the documents that a route keeps from being rejected; with `--yes` let the next run reject them."""
    _answer(lambda ledger: rejections.confirm_rejections(ledger, options.route, yes=options.yes, by=options.by))


@in_airflows_audit_log
def reopen(options: Namespace) -> None:
    """Let the next run call a connection again, whatever its system said."""
    _answer(lambda ledger: connections.reopen(ledger, options.connection))


@in_airflows_audit_log
def forget_token(options: Namespace) -> None:
    """Delete a stored token."""
    _answer(lambda ledger: connections.forget_token(ledger, options.name))


def _answer(command: Callable[[Ledger], str | Iterator[str]]) -> None:
    """Print what the command answers. A refusal is one sentence on standard error, and an exit code.

    What comes in pieces is printed piece by piece.
    """
    redirect_stdout_log_handlers_to_stderr()
    # Airflow's own commands do the same; without it, connections in Airflow's database are not found.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    try:
        ledger = open_ledger()
        try:
            answer = command(ledger)
            if not isinstance(answer, str):
                for piece in answer:
                    print(piece)
        finally:
            ledger.close()
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` has; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    except BridgeError as error:
        print(error, file=sys.stderr)
        sys.exit(REFUSED if isinstance(error, NotResolvedError | UnknownNameError) else UNUSABLE)
    if isinstance(answer, str):
        print(answer)


def _open_source(route: Route, ledger: Ledger) -> SourceSystem:
    # A run of its own, so that nothing is taken that a task read before.
    return open_source(route, open_tokens(ledger), LedgerRunMemory(ledger, f"command/{uuid.uuid4().hex}"))


def _open_finance(route: Route, ledger: Ledger) -> FinanceSystem:
    return open_finance(route, open_tokens(ledger))
