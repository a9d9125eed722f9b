"""`daily_close__<route>` closes a day: it moves what is left of it, reports its payments, and then compares source,
ledger and finance.

Each run closes the days that ended in its data interval, in the route's time zone: a run at 03:00 closes yesterday.
One that is started by hand without days does so too.
This is the DAG to backfill: `--from-date` is the first day, `--to-date` the day after the last one.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from airflow.sdk import DAG, TriggerRule, get_parsing_context

from invoice_bridge.dag_pages import shown_as
from invoice_bridge.dag_settings import LONGEST_RUN, longest_transfer, one_task_per_document, run_params, run_settings
from invoice_bridge.named_tasks import NamedTasksDag
from invoice_bridge.operators.daily_close.days import (
    DayCreditNotesOperator,
    DayDocumentsOperator,
    PollDayPaymentsOperator,
)
from invoice_bridge.operators.daily_close.reconcile import ReconcileDaysOperator
from invoice_bridge.operators.daily_close.summary import DailySummaryOperator
from invoice_bridge.operators.payments.report_paid import ReportPaidOperator
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

PREFIX = "daily_close__"
RUNS_AT_ONCE = 4
POLL_AGE = dt.timedelta(minutes=5)
"""Runs of many days side by side ask about payments once in this time, and not each for itself."""


def daily_close(route: Route) -> DAG:
    """The daily DAG of one route."""
    with NamedTasksDag(
        description=f"Closes days of {route.source.conn_id} and {route.finance.conn_id}, and reconciles them",
        **shown_as(route, PREFIX),
        params=run_params(),
        # Days of a backfill wait for each other at the queue and at the reconciliation.
        **run_settings(
            route,
            PREFIX,
            route.schedule.daily,
            runs_at_once=RUNS_AT_ONCE,
            longest=longest_transfer(route) + LONGEST_RUN,
        ),
    ) as dag:
        queue = DayDocumentsOperator(task_id="queue", route=route)
        invoices = one_task_per_document(TransferDocumentOperator, "invoices", route).expand(document=queue.output)
        waiting_credit_notes = DayCreditNotesOperator(
            task_id="waiting_credit_notes",
            route=route,
            queue_task_id=queue.task_id,
            trigger_rule=TriggerRule.ALL_DONE,
        )
        credit_notes = one_task_per_document(TransferDocumentOperator, "credit_notes", route).expand(
            document=waiting_credit_notes.output
        )
        poll = PollDayPaymentsOperator(
            task_id="poll", route=route, unless_within=POLL_AGE, trigger_rule=TriggerRule.ALL_DONE
        )
        payments = one_task_per_document(ReportPaidOperator, "payments", route).expand(document=poll.output)
        reconcile = ReconcileDaysOperator(
            task_id="reconcile",
            route=route,
            # It reads `limits.parallel` documents side by side, so one at a time in all runs of the DAG.
            max_active_tis_per_dag=1,
            trigger_rule=TriggerRule.ALL_DONE,
        )
        summary = DailySummaryOperator(
            task_id="summary",
            route=route,
            queue_task_id=queue.task_id,
            document_task_ids=["invoices", "credit_notes"],
            credit_notes_task_id=waiting_credit_notes.task_id,
            poll_task_id=poll.task_id,
            payments_task_id="payments",
            reconcile_task_id=reconcile.task_id,
            trigger_rule=TriggerRule.ALL_DONE,
        )
        invoices >> waiting_credit_notes
        credit_notes >> poll
        payments >> reconcile >> summary
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    globals()[f"{PREFIX}{_route.route}"] = daily_close(_route)
