"""The commands `airflow invoice-bridge …`, as Airflow's parser wants them described.

Every `airflow` command imports this module, so it imports nothing of ours; `invoice_bridge.commands` does the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.cli.cli_config import ActionCommand, Arg, GroupCommand, lazy_load_command, positive_int

if TYPE_CHECKING:
    import argparse

    from airflow.cli.cli_config import CLICommand

MOST_LISTED = 100
"""Documents that `list` prints where `--limit` does not say otherwise."""


class OneOf(Arg):
    """Arguments of which exactly one has to be given."""

    def __init__(self, *args: Arg) -> None:
        super().__init__(flags=args[0].flags)  # type: ignore[no-untyped-call]
        self._args = args

    def add_to_parser(self, parser: argparse.ArgumentParser) -> None:
        """Add them all, as one group."""
        group = parser.add_mutually_exclusive_group(required=True)
        for arg in self._args:
            group.add_argument(*arg.flags, **arg.kwargs)


def _arg(*flags: str, **settings: Any) -> Arg:
    return Arg(flags, **settings)  # type: ignore[no-untyped-call]


ARG_DOCUMENT = _arg(
    "document", help="its number in any case, its id in the source, or its reference (qondor:qondor_default:12345)"
)
ARG_CONNECTION = _arg("connection", help="the connection's id, such as xero_default")
ARG_TOKEN = _arg("name", help="the token's name, such as xero:xero_default")
ARG_JSON = _arg("--json", action="store_true", help="print JSON, for programs")
ARG_STATE = _arg(
    "--state",
    action="append",
    metavar="STATE",
    help="only documents in this state, such as held or in-doubt; may be given several times",
)
ARG_ROUTE = _arg("--route", help="only documents that this route dealt with last")
ARG_LIMIT = _arg(
    "--limit",
    type=positive_int(allow_zero=False),  # type: ignore[no-untyped-call]
    default=MOST_LISTED,
    metavar="NUMBER",
    help=f"print this many documents at most; {MOST_LISTED} by default",
)
ARG_BOOKED_AS = _arg(
    "--booked-as", metavar="NUMBER_OR_ID", help="it is booked in the finance system under this number or id"
)
ARG_NOT_BOOKED = _arg(
    "--not-booked", action="store_true", help="it is not in the finance system, and is to be booked again"
)
ARG_TOLD = _arg("--told", action="store_true", help="its source knows of the booking, whoever told it")
ARG_DONE = _arg("--done", metavar="STEP", help="this step, as show names it, was carried out")
ARG_NOT_DONE = _arg("--not-done", metavar="STEP", help="this step was not carried out, and may be sent again")
ARG_DESPITE_MISSING_MARK = _arg(
    "--despite-missing-mark",
    action="store_true",
    help="with --booked-as: accept a booking without our mark, because somebody booked it by hand",
)
ARG_I_LOOKED = _arg(
    "--i-looked", action="store_true", help="you looked yourself, because the finance system cannot be asked"
)
ARG_KEPT_ROUTE = _arg("route", help="the name of the route, such as qondor_xero")
ARG_REASON = _arg("--reason", required=True, metavar="TEXT", help="why, in a sentence; the history keeps it")
ARG_YES = _arg("--yes", action="store_true", help="let the next run reject them; without it they are only listed")
ARG_BY = _arg("--by", metavar="NAME", help="who says so; your login name by default")

COMMANDS = (
    ActionCommand(
        name="show",
        help="Show everything that is known about one document",
        func=lazy_load_command("invoice_bridge.commands.show"),
        args=(ARG_DOCUMENT, ARG_JSON),
    ),
    ActionCommand(
        name="list",
        help="List documents, one per line",
        description="List documents, one per line. Those that changed longest ago come first.",
        func=lazy_load_command("invoice_bridge.commands.list_documents"),
        args=(ARG_STATE, ARG_ROUTE, ARG_LIMIT, ARG_JSON),
    ),
    ActionCommand(
        name="preflight",
        help="Say what keeps the documents of a route from moving",
        description=(
            "Say everything that keeps the documents of a route from moving, by cause, with what to do. It only reads: "
            "nothing is written anywhere, and few calls are made. Exit code 1 when something keeps documents."
        ),
        func=lazy_load_command("invoice_bridge.commands.preflight"),
        args=(ARG_KEPT_ROUTE, ARG_JSON),
    ),
    ActionCommand(
        name="resolve",
        help="Say what became of a document that is in doubt, of a report, or of a step",
        description=(
            "Say what became of a document that is in doubt, of a booking that is gone, of a report that was refused, "
            "or of a step. Look into the two systems first: they are asked too, and nothing changes if they say "
            "otherwise. The next run finishes the document, or books it again."
        ),
        func=lazy_load_command("invoice_bridge.commands.resolve"),
        args=(
            ARG_DOCUMENT,
            OneOf(ARG_BOOKED_AS, ARG_NOT_BOOKED, ARG_TOLD, ARG_DONE, ARG_NOT_DONE),
            ARG_DESPITE_MISSING_MARK,
            ARG_I_LOOKED,
            ARG_BY,
        ),
    ),
    ActionCommand(
        name="requeue",
        help="Put a document back into its source's queue, because its booking is gone",
        description=(
            "Put a processed document back into Qondor's queue (SetAsUnprocessed), so that it is booked again. Qondor "
            "allows it for what is neither paid nor a credit note. The booking has to be voided or deleted first, or "
            "never have been there; both systems are asked, and nothing is sent if they say otherwise."
        ),
        func=lazy_load_command("invoice_bridge.commands.requeue_document"),
        args=(ARG_DOCUMENT, ARG_REASON, ARG_BY),
    ),
    ActionCommand(
        name="confirm-rejections",
        help="Let the documents be rejected that a route kept back",
        description=(
            "List the documents that a route would reject and keeps back, because it rejected many within a day or has "
            "booked nothing yet. With --yes the next run rejects them. Their authors get a message, and no rejection "
            "can be taken back."
        ),
        func=lazy_load_command("invoice_bridge.commands.confirm_rejections"),
        args=(ARG_KEPT_ROUTE, ARG_YES, ARG_BY),
    ),
    ActionCommand(
        name="reopen",
        help="Call a connection again before the time that its system gave",
        func=lazy_load_command("invoice_bridge.commands.reopen"),
        args=(ARG_CONNECTION,),
    ),
    ActionCommand(
        name="forget-token",
        help="Delete a stored token that can no longer be used",
        func=lazy_load_command("invoice_bridge.commands.forget_token"),
        args=(ARG_TOKEN,),
    ),
)


def get_cli_commands() -> list[CLICommand]:
    """What `provider_info` names under `cli`."""
    return [
        GroupCommand(
            name="invoice-bridge",
            help="Look into the ledger of documents, and resolve what is in doubt",
            subcommands=COMMANDS,
        )
    ]
