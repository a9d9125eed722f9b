"""`invoice_transfer__<route>` moves what waits: every document once, each in a task that bears its name.

`queue` chooses the documents, `invoices` and `credit_notes` move them, `summary` says what became of them. Where the
finance system has a call for it, `book_ahead` books many at once, and their own tasks finish them.

- A skipped task is held or waits, and says why in its name. Mend that, and the next run moves the document.
- A red task was rejected, is in doubt, or failed. Its log says what to do.
- To repeat one document, clear its task.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from airflow.sdk import DAG, TriggerRule, XComArg, get_parsing_context

from invoice_bridge.dag_pages import shown_as
from invoice_bridge.dag_settings import longest_transfer, one_task_per_document, run_params, run_settings
from invoice_bridge.named_tasks import NamedTasksDag
from invoice_bridge.operators.transfer.book_ahead import BookAheadOperator
from invoice_bridge.operators.transfer.document import TransferDocumentOperator
from invoice_bridge.operators.transfer.queue import (
    CREDIT_NOTES_KEY,
    WaitingCreditNotesOperator,
    WaitingDocumentsOperator,
)
from invoice_bridge.operators.transfer.summary import TransferSummaryOperator
from invoice_bridge.parsing import routes_to_build

if TYPE_CHECKING:
    from invoice_bridge_core.routes.model import Route

PREFIX = "invoice_transfer__"

LONGEST_AHEAD = dt.timedelta(minutes=20)
"""`book_ahead` begins no batch after 15 minutes; one that still runs after 20 hangs, and the documents wait for it."""


def invoice_transfer(route: Route) -> DAG:
    """The transfer DAG of one route."""
    with NamedTasksDag(
        description=f"Moves waiting documents from {route.source.conn_id} to {route.finance.conn_id}, once each",
        **shown_as(route, PREFIX),
        params=run_params(),
        **run_settings(
            route,
            PREFIX,
            route.schedule.transfer,
            longest=longest_transfer(route),
            late_after=None if route.notify is None else route.notify.queue_within,
            is_watched=route.trigger == "watch",
        ),
    ) as dag:
        queue = WaitingDocumentsOperator(task_id="queue", route=route)
        is_ahead = route.limits.batch > 0
        # Whatever becomes of `book_ahead`, they do their work; without a queue they have none.
        rule = TriggerRule.ALL_DONE if is_ahead else TriggerRule.ALL_SUCCESS
        invoices = one_task_per_document(
            TransferDocumentOperator, "invoices", route, is_short=True, trigger_rule=rule
        ).expand(document=queue.output)
        if get_parsing_context().task_id == "invoices":
            # Its own process needs none of the others, and parses this file for one document.
            return dag
        waiting_credit_notes = WaitingCreditNotesOperator(
            task_id="waiting_credit_notes", entries=XComArg(queue, key=CREDIT_NOTES_KEY)
        )
        credit_notes = one_task_per_document(
            TransferDocumentOperator, "credit_notes", route, is_short=True, trigger_rule=TriggerRule.ALL_DONE
        ).expand(document=waiting_credit_notes.output)
        summary = TransferSummaryOperator(
            task_id="summary",
            route=route,
            queue_task_id=queue.task_id,
            document_task_ids=["invoices", "credit_notes"],
            trigger_rule=TriggerRule.ALL_DONE,
        )
        if is_ahead:
            book_ahead = BookAheadOperator(
                task_id="book_ahead",
                route=route,
                queue_task_id=queue.task_id,
                invoices_task_id="invoices",
                credit_notes_task_id="credit_notes",
                retries=1,
                execution_timeout=LONGEST_AHEAD,
            )
            queue >> book_ahead >> invoices
        invoices >> credit_notes >> summary
        # Credit notes are skipped early where there are none.
        invoices >> summary
    return dag


for _route in routes_to_build(get_parsing_context().dag_id, PREFIX):
    globals()[f"{PREFIX}{_route.route}"] = invoice_transfer(_route)
