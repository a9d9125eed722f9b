"""The last step of a daily close: what was moved, what was told, and whether the three sides agree."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from invoice_bridge.ledger_access import open_ledger
from invoice_bridge.operators.alarms import Summary, counted, fail_for, first_of
from invoice_bridge.operators.daily_close.days import days_of
from invoice_bridge.operators.daily_close.days_left_out import days_left_out
from invoice_bridge.operators.daily_close.reconcile import NEWS_KEY
from invoice_bridge.operators.links import RouteOperator
from invoice_bridge.operators.pauses import paused_documents
from invoice_bridge.operators.payments.poll import payments_left
from invoice_bridge.operators.transfer.queue import chosen_documents
from invoice_bridge.operators.transfer.summary import transfer_summary
from invoice_bridge_core.ledger.notices import CLOSE_MARK
from invoice_bridge_core.payments.unfinished import unfinished_payments
from invoice_bridge_core.reports.payments import untold

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from airflow.sdk import Context

    from invoice_bridge_core.routes.model import Route


class DailySummaryOperator(RouteOperator):
    """Print all three parts, and fail the run for what somebody has to look at, once.

    A contradiction between the three sides fails the run that is the first to report it. A later run of the same days
    shows it in its report and ends well, so that a backfill can be repeated over old differences.

    :param route: the route to work for.
    :param queue_task_id: the task that chose the documents.
    :param document_task_ids: the mapped tasks that moved them.
    :param credit_notes_task_id: the task that chose the credit notes.
    :param poll_task_id: the task that chose the payments.
    :param payments_task_id: the mapped task that told them.
    :param reconcile_task_id: the task that compared the three sides.
    """

    def __init__(
        self,
        *,
        route: Route,
        queue_task_id: str,
        document_task_ids: Sequence[str],
        credit_notes_task_id: str,
        poll_task_id: str,
        payments_task_id: str,
        reconcile_task_id: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(route=route, **kwargs)
        self.queue_task_id = queue_task_id
        self.document_task_ids = list(document_task_ids)
        self.credit_notes_task_id = credit_notes_task_id
        self.poll_task_id = poll_task_id
        self.payments_task_id = payments_task_id
        self.reconcile_task_id = reconcile_task_id

    def execute(self, context: Context) -> None:
        """Read what became of everything, print it, fail when somebody has to act."""
        added = context["ti"].xcom_pull(task_ids=self.credit_notes_task_id) or []
        entries = [*chosen_documents(context, self.queue_task_id), *added]
        once = list({entry["source_id"]: entry for entry in entries}.values())
        transfers = transfer_summary(context, self.route, self.queue_task_id, self.document_task_ids, once)
        alarms = [*transfers.write_to(self.log)]
        alarms += payments_summary(context, self.route, self.poll_task_id, self.payments_task_id).write_to(self.log)
        alarms += reconciliation_summary(context, self.route, self.reconcile_task_id).write_to(self.log)
        if context["ti"].xcom_pull(task_ids=self.reconcile_task_id, key=NEWS_KEY) is not None:
            note_closed(context, self.route)
        self.point_to_desk(context)
        fail_for(alarms)


def note_closed(context: Context, route: Route) -> None:
    """Note up to which day the route is closed, so that a close that does not come is missed; not for a dry run."""
    if context["params"].get("dry_run"):
        return
    _, until = days_of(context, route).ends()
    ledger = open_ledger()
    try:
        ledger.notices.mark(route.route, CLOSE_MARK, day=until - dt.timedelta(days=1))
    finally:
        ledger.close()


def payments_summary(context: Context, route: Route, poll_task_id: str, payments_task_id: str) -> Summary:
    """What became of the payments of the run's days.

    :param poll_task_id: the task that chose them.
    :param payments_task_id: the mapped task that told them.
    """
    chosen = context["ti"].xcom_pull(task_ids=poll_task_id)
    if chosen is None:
        if _was_skipped(context, poll_task_id):
            return Summary()
        return Summary(alarms=[f"Finance could not be asked about payments; the log of task {poll_task_id} says why"])
    paused = paused_documents(context, [payments_task_id])
    failed = _untold(route, {entry["source_id"] for entry in chosen} - paused.keys())
    told = counted(len(chosen), "payment")
    lines = [
        *(f"Payments left: {line}" for line in payments_left(context, poll_task_id, paused)),
        f"{told} of these days, {len(failed)} of them could not be reported",
    ]
    if not failed:
        return Summary(lines)
    return Summary(lines, [f"{counted(len(failed), 'payment')} could not be reported: {first_of(failed)}"])


def reconciliation_summary(context: Context, route: Route, reconcile_task_id: str) -> Summary:
    """What the reconciliation of the run's days found.

    :param reconcile_task_id: the task that compared the three sides.
    """
    news = context["ti"].xcom_pull(task_ids=reconcile_task_id, key=NEWS_KEY)
    if news is None:
        if _was_skipped(context, reconcile_task_id):
            return Summary()
        return Summary(alarms=[f"The three sides could not be compared; the log of task {reconcile_task_id} says why"])
    left_out = days_left_out(context, route)
    if not news:
        nothing = "The reconciliation found no new contradictions"
        return Summary([*left_out, nothing])
    return Summary(
        [*left_out, *(f"Found by the reconciliation: {line}" for line in news)],
        [f"The reconciliation found new contradictions: {first_of(news)}"],
    )


def _untold(route: Route, source_ids: Set[str]) -> list[str]:
    ledger = open_ledger()
    try:
        entries = unfinished_payments(ledger, route)
    finally:
        ledger.close()
    return [
        f"{entry.row.label}: {entry.reason or 'the log of its task says why'}"
        for entry in untold(entries, route, source_ids)
    ]


def _was_skipped(context: Context, task_id: str) -> bool:
    ti = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[ti.run_id])
    return bool(states.get(ti.run_id, {}).get(task_id) == "skipped")
