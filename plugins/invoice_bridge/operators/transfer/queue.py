"""The queue step: which waiting documents become tasks of this run."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowSkipException

from invoice_bridge.operators.alarms import counted
from invoice_bridge.operators.failures import failing_for_good
from invoice_bridge.operators.run_dates import dates_by_hand, is_backfill, is_by_hand
from invoice_bridge.operators.session import route_session, run_key
from invoice_bridge.operators.transfer.upkeep import keep_up
from invoice_bridge_core.documents.window import Window
from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.ledger.notices import QUEUE_MARK
from invoice_bridge_core.transfer.queue import REFERENCE_AGE, Queue

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from airflow.sdk import Context
    from airflow.sdk.types import Logger

    from invoice_bridge_core.documents.facts import DocumentFacts
    from invoice_bridge_core.routes.model import Route
    from invoice_bridge_core.transfer.queue import Selection
    from invoice_bridge_core.transfer.route_session import RouteSession

CREDIT_NOTES_KEY = "credit_notes"
LEFT_KEY = "left"
UNKNOWN_KEY = "unknown"


class WaitingDocumentsOperator(BaseOperator):
    """List what waits in the source and choose the documents of this run.

    Returns the invoices and card payments. The credit notes that follow them are pushed as `credit_notes`; how many
    documents were left, and why, as `left`; what was asked for and not found as `unknown`. Entries hold the source id
    and the task's name, nothing else.

    :param route: the route to work for.
    """

    def __init__(self, *, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.route = route

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Select, and say in the log what was left and why."""
        with failing_for_good():
            selection = choose_documents(context, self.route, window_of(context, self.route))
        return hand_on_documents(context, selection, self.log)


class WaitingCreditNotesOperator(BaseOperator):
    """Return the queue's second list, since Airflow maps over returned values only; skipped without credit notes.

    What follows is skipped with it at once. With an empty list it would be once the invoices are over, and the summary
    would wait for one more turn of the scheduler.

    :param entries: the credit notes that the queue chose. (templated, but never rendered: they come from the network,
        and another task's value is taken as it is)
    """

    template_fields = ("entries",)

    def __init__(self, *, entries: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entries = entries

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Pass the list on."""
        entries: list[dict[str, str]] = self.entries
        if not entries:
            raise AirflowSkipException("No credit note is to be moved")
        return entries


def choose_documents(
    context: Context,
    route: Route,
    window: Window,
    *,
    turn: Callable[[RouteSession], AbstractContextManager[None]] = lambda session: nullcontext(),
) -> Selection:
    """The documents of this run, as its params and the route's limits choose them.

    :param window: the dates of the documents that the run may take.
    :param turn: what the run holds while it chooses; nothing where only one run of the DAG is active.
    :raises ConfigurationError: all documents that were asked for are unknown.
    """
    params = context["params"]
    key = run_key(context)
    with route_session(route, key, context["dag_run"].start_date) as session, turn(session):
        dry_run = bool(params.get("dry_run"))
        only = [str(name).strip() for name in params.get("documents") or [] if str(name).strip()]
        selection = Queue(session, key, dry_run=dry_run).select(
            window,
            only=only,
            limit=min(route.limits.documents_per_run, conf.getint("core", "max_map_length", fallback=1024)),
            reference_age=dt.timedelta(0) if is_by_hand(context) else REFERENCE_AGE,
        )
        if selection.was_listed and window.is_open and not only and not dry_run:
            session.ledger.notices.mark(route.route, QUEUE_MARK)
            keep_up(session.ledger)
    return selection


def hand_on_documents(context: Context, selection: Selection, log: Logger) -> list[dict[str, str]]:
    """Push the credit notes and what was left, and say it in the log; the entries of the others."""
    ti = context["ti"]
    ti.xcom_push(CREDIT_NOTES_KEY, _entries(selection.credit_notes))
    ti.xcom_push(LEFT_KEY, dict(selection.left))
    ti.xcom_push(UNKNOWN_KEY, selection.unknown)
    invoices = counted(len(selection.invoices), "invoice")
    log.info("%s and %s to move", invoices, counted(len(selection.credit_notes), "credit note"))
    for reason, count in sorted(selection.left.items()):
        log.info("%d left: %s", count, reason)
    return _entries(selection.invoices)


def chosen_documents(context: Context, queue_task_id: str) -> list[dict[str, str]]:
    """The entries of all documents that the queue chose to be moved."""
    ti = context["ti"]
    return [
        *(ti.xcom_pull(task_ids=queue_task_id) or []),
        *(ti.xcom_pull(task_ids=queue_task_id, key=CREDIT_NOTES_KEY) or []),
    ]


def window_of(context: Context, route: Route) -> Window:
    """The dates a run is about: its params, else a backfill's data interval, else every date.

    :raises ConfigurationError: dates that cannot be read, the wrong way round, or given to a backfill; an empty
        interval.
    """
    since, until = dates_by_hand(context)
    if since or until:
        return Window.parse(since, until)
    if not is_backfill(context):
        return Window()
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if start is None or end is None or end <= start:
        raise ConfigurationError(
            "This backfill run has no data interval; start a run by hand with since and until instead"
        )
    return Window.of_interval(start, end, route.schedule.timezone)


def _entries(documents: list[DocumentFacts]) -> list[dict[str, str]]:
    return [{"source_id": facts.ref.source_id, "label": facts.label} for facts in documents]
